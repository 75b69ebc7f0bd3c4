import type { Clock } from '../../src/application/ports/clock.ts'
import type { LanguageModel, ModelEvent, ModelRequest } from '../../src/application/ports/language-model.ts'
import { type ErrorCode, RuntimeError } from '../../src/domain/errors.ts'
import { textOf } from '../../src/domain/message.ts'
import type { Random } from './random.ts'
import { refusedBecause } from './strict-provider.ts'
import type { Witness } from './violation.ts'

export interface SeededModelDeps {
  readonly clock: Clock
  readonly random: Random
  readonly witness: Witness
  /** Whether it only says plain text: to see that every session still works. */
  readonly calm: () => boolean
  /** Shared by all lives of the process, so that no answer is like another. */
  readonly counter: { value: number }
}

const failures: readonly [ErrorCode, ...ErrorCode[]] = [
  'upstream_unavailable',
  'upstream_rate_limited',
  'upstream_bad_response',
  'upstream_auth',
  'upstream_rejected',
]

/** A model that follows the seed, and judges what it is asked as a strict provider would. */
export class SeededModel implements LanguageModel {
  readonly provider = 'seeded'
  readonly model = 'seeded-1'
  readonly #deps: SeededModelDeps
  /** First messages of the sessions that it answers right now. */
  readonly #answering = new Set<string>()

  constructor(deps: SeededModelDeps) {
    this.#deps = deps
  }

  async *stream(request: ModelRequest, signal: AbortSignal): AsyncGenerator<ModelEvent> {
    const { witness } = this.#deps
    const first = textOf(request.messages[0]?.parts ?? [])
    const refusal = refusedBecause(request)
    if (refusal) witness.accuse('a strict provider accepts every request', `${refusal} (${first})`)
    if (request.purpose === 'classify') {
      yield* this.#classify(signal)
      return
    }
    if (this.#answering.has(first))
      witness.accuse('one run at a time', `the model is asked twice at once for "${first}"`)
    this.#answering.add(first)
    try {
      yield* this.#answer(signal)
    } finally {
      this.#answering.delete(first)
    }
  }

  async *#classify(signal: AbortSignal): AsyncGenerator<ModelEvent> {
    const { random } = this.#deps
    await this.#wait(random.whole(1, 400), signal)
    const agent = random.pick(['coder', 'architect', 'debug', 'ask', 'nobody'])
    const kind = this.#deps.calm() ? 'json' : random.weighted({ json: 8, fenced: 1, prose: 1, failure: 1, slow: 1 })
    if (kind === 'failure') throw failure(random)
    if (kind === 'slow') await this.#wait(random.whole(1_000, 40_000), signal)
    const json = JSON.stringify({ agent, confidence: 'high', reasoning: 'seeded' })
    yield {
      type: 'text-delta',
      text: kind === 'prose' ? 'I think so' : kind === 'fenced' ? `\`\`\`json\n${json}\n\`\`\`` : json,
    }
    yield* this.#finish('stop')
  }

  async *#answer(signal: AbortSignal): AsyncGenerator<ModelEvent> {
    const { random, calm, witness } = this.#deps
    const kind = calm()
      ? 'text'
      : random.weighted({
          text: 30,
          calls: 38,
          handoff: 6,
          completion: 3,
          failure: 6,
          cut: 5,
          incomplete: 4,
          hang: 3,
          slow: 5,
        })
    witness.note('model', kind)
    await this.#wait(random.whole(1, 300), signal)
    if (kind === 'failure') throw failure(random)
    if (kind !== 'calls' && kind !== 'handoff') yield* this.#text(kind === 'slow' ? 9_000 : 60, signal)
    if (kind === 'cut') throw failure(random)
    if (kind === 'incomplete') return
    if (kind === 'hang') await this.#hang(signal)
    if (kind === 'calls' || kind === 'handoff') {
      if (random.chance(0.4)) yield* this.#text(60, signal)
      const calls = Array.from({ length: random.weighted({ 1: 6, 2: 3, 3: 2 }) as unknown as number }, () =>
        this.#call(),
      )
      if (kind === 'handoff') calls.splice(random.whole(0, calls.length), 0, this.#handoff())
      if (kind === 'handoff' && random.chance(0.6)) calls.splice(0, calls.length, this.#handoff())
      for (const call of calls) yield call
    }
    if (kind === 'completion') {
      const result = { result: `completed ${this.#number()}` }
      yield { type: 'tool-call', callId: this.#id(), tool: 'attempt_completion', argumentsJson: JSON.stringify(result) }
    }
    yield* this.#finish(kind === 'calls' || kind === 'handoff' || kind === 'completion' ? 'tool-calls' : 'stop')
  }

  async *#text(pause: number, signal: AbortSignal): AsyncGenerator<ModelEvent> {
    const { random } = this.#deps
    if (random.chance(0.2)) yield { type: 'reasoning-delta', text: 'thinking ' }
    for (let left = random.whole(1, 5); left > 0; left--) {
      yield { type: 'text-delta', text: `t${this.#number()} ` }
      if (random.chance(0.7)) await this.#wait(random.whole(0, pause), signal)
    }
  }

  #call(): Extract<ModelEvent, { type: 'tool-call' }> {
    const { random } = this.#deps
    const path = `src/f${this.#number()}.md`
    const kind = random.weighted({
      read: 6,
      list: 3,
      write: 6,
      edit: 4,
      command: 4,
      ask: 1,
      unknown: 1,
      broken: 1,
      nameless: 1,
      escape: 1,
      wrong: 1,
    })
    const call = (tool: string, args: unknown) => ({
      type: 'tool-call' as const,
      callId: random.chance(0.06) ? '' : random.chance(0.06) ? 'call_same' : this.#id(),
      tool,
      argumentsJson: typeof args === 'string' ? args : JSON.stringify(args),
    })
    switch (kind) {
      case 'read':
        return call('read_file', { path })
      case 'list':
        return call('list_files', { path: '.' })
      case 'write':
        return call('write_file', { path, content: 'x' })
      case 'edit':
        return call('edit_file', { path, edits: [{ old_text: 'x', new_text: `y${this.#number()}` }] })
      case 'command':
        return call('execute_command', { command: `echo ${path}` })
      case 'ask':
        return call('ask_followup_question', { question: 'which?' })
      case 'unknown':
        return call('rm_rf', { path })
      case 'broken':
        return call('read_file', '{"path": "a')
      case 'nameless':
        return call('', { path })
      case 'escape':
        return call('read_file', { path: '../../etc/passwd' })
      case 'wrong':
        return call('read_file', { file: 3 })
    }
  }

  #handoff(): Extract<ModelEvent, { type: 'tool-call' }> {
    const mode = this.#deps.random.pick(['coder', 'architect', 'debug', 'ask', 'orchestrator', 'nobody'])
    return { type: 'tool-call', callId: this.#id(), tool: 'switch_mode', argumentsJson: JSON.stringify({ mode }) }
  }

  *#finish(reason: 'stop' | 'tool-calls'): Generator<ModelEvent> {
    yield { type: 'usage', usage: { inputTokens: 10, cachedTokens: 0, outputTokens: 5, reasoningTokens: 0 } }
    yield { type: 'finish', reason }
  }

  #id(): string {
    return `call_${this.#number()}`
  }

  #number(): number {
    this.#deps.counter.value += 1
    return this.#deps.counter.value
  }

  async #wait(ms: number, signal: AbortSignal): Promise<void> {
    await this.#deps.clock.sleep(ms, signal)
    if (signal.aborted) throw new RuntimeError('cancelled', 'LLM request failed: cancelled')
  }

  /** Nothing more comes: the adapter's own limit ends it, or the run's, whichever is first. */
  async #hang(signal: AbortSignal): Promise<void> {
    await this.#wait(this.#deps.random.chance(0.5) ? 30_000 : 10_000_000, signal)
    throw new RuntimeError('upstream_timeout', 'LLM request failed: no answer in time')
  }
}

function failure(random: Random): RuntimeError {
  return new RuntimeError(random.pick(failures), 'LLM request failed: seeded')
}
