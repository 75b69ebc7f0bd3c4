import { describeLanguageModel, type Scenario, type Subject } from '../../../../test/contract/language-model.ts'
import { sampleRequest } from '../../../../test/contract/sample-request.ts'
import { createDemoModel } from './demo-model.ts'

const asked: Partial<Record<Scenario, string>> = {
  text: 'hello',
  hang: 'hello',
  'tool-call': 'explain a.ts',
  'several-calls': 'compare a.ts and b.ts',
}

describeLanguageModel('demo', {
  can: ['several-calls', 'hang'],
  usage: true,
  async make(scenario): Promise<Subject> {
    let count = 0
    // With `hang` the second word never comes, until the signal fires.
    const waits = (_: number, signal?: AbortSignal) =>
      new Promise<void>((resolve) => {
        if (signal?.aborted) resolve()
        else signal?.addEventListener('abort', () => resolve(), { once: true })
      })
    const clock = scenario === 'hang' ? { clock: { sleep: waits } } : {}
    const text = asked[scenario] ?? ''
    return {
      model: createDemoModel({ ids: { next: () => `${++count}` }, ...clock }),
      request: { ...sampleRequest, messages: [{ role: 'user', parts: [{ type: 'text', text }] }] },
      close: async () => undefined,
    }
  },
})
