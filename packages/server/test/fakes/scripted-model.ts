import type { LanguageModel, ModelEvent, ModelRequest } from '../../src/application/ports/language-model.ts'
import { RuntimeError } from '../../src/domain/errors.ts'

/** What a scripted model does at one call: says events, throws, or waits until it is told to go on. */
export type Script = readonly (ModelEvent | Error | Promise<unknown>)[]

/** A model that says what the test wrote, one script a call, and remembers what it was asked. */
export class ScriptedModel implements LanguageModel {
  readonly provider = 'scripted'
  readonly model = 'scripted-1'
  contextTokens: number | undefined
  readonly calls: ModelRequest[] = []
  readonly #scripts: Script[]

  constructor(...scripts: readonly Script[]) {
    this.#scripts = [...scripts]
  }

  push(...scripts: readonly Script[]): void {
    this.#scripts.push(...scripts)
  }

  async *stream(request: ModelRequest, signal: AbortSignal): AsyncGenerator<ModelEvent> {
    this.calls.push(request)
    const script = this.#scripts.shift()
    if (!script) throw new Error(`ScriptedModel: call ${this.calls.length} has no script`)
    for (const step of script) {
      if (signal.aborted) throw new RuntimeError('cancelled', 'LLM request failed: cancelled')
      if (step instanceof Error) throw step
      if (step instanceof Promise) await Promise.race([step, aborted(signal)])
      else yield step
    }
    if (signal.aborted) throw new RuntimeError('cancelled', 'LLM request failed: cancelled')
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
}

const usage: ModelEvent = {
  type: 'usage',
  usage: { inputTokens: 10, cachedTokens: 0, outputTokens: 5, reasoningTokens: 0 },
}

export function says(...words: readonly string[]): Script {
  return [...words.map((text) => ({ type: 'text-delta' as const, text })), usage, { type: 'finish', reason: 'stop' }]
}

export function calls(...wanted: readonly (readonly [tool: string, args: unknown, callId?: string])[]): Script {
  return [
    ...wanted.map(([tool, args, callId = `call_${tool}`]) => ({
      type: 'tool-call' as const,
      callId,
      tool,
      argumentsJson: typeof args === 'string' ? args : JSON.stringify(args),
    })),
    usage,
    { type: 'finish', reason: 'tool-calls' },
  ]
}

/** The classifier's answer. */
export function routes(agent: string): Script {
  return says(JSON.stringify({ agent, confidence: 'high', reasoning: 'scripted' }))
}
