import { describe, expect, it } from 'vitest'
import type { RunFrame } from '../../src/application/index.ts'
import { owner, summary, TestApplication } from '../application/start-application.ts'
import { calls, type Script, says } from '../fakes/scripted-model.ts'

const ref = { ownerId: owner, sessionId: 's1' }

/** Faults that the simulation found, each by itself. */
describe('found by the simulation', () => {
  it('a message that steers is taken when the turn that it waits for is cancelled while its client works', async () => {
    await using app = await TestApplication.start({ limits: { queueWaitMs: 5_000 } })
    await app.send({ kind: 'switch', agent: 'ask', content: '' })
    app.model.push(calls(['list_files', { path: '.' }]), says('two'))
    await app.message('one')
    const input = { ...ref, client: null, body: { kind: 'message', content: 'two' }, onBusy: 'steer' } as const
    const frames: RunFrame[] = []
    for await (const frame of app.application.commands.streamInput(input, new AbortController().signal)) {
      frames.push(frame)
      if (frame.kind === 'queued') await app.application.commands.cancelTurn(ref)
    }
    expect(summary(frames)).toEqual(['queued 1', 'completed'])
  })

  it('an answer that was shown is kept when its step cannot be stored', async () => {
    await using app = await TestApplication.start()
    await app.send({ kind: 'switch', agent: 'ask', content: '' })
    const handover = (text: string, mode: string): Script => [
      { type: 'text-delta', text },
      ...calls(['switch_mode', { mode }, `call_${text}`]),
    ]
    app.model.push(...[1, 2, 3, 4, 5, 6].map((count) => handover(`no ${count}`, count % 2 ? 'debug' : 'ask')))
    expect(summary(await app.message('go')).at(-1)).toBe('failed switch_limit')
    expect((await app.history()).at(-1)).toBe('assistant!: no 6')
  })
})
