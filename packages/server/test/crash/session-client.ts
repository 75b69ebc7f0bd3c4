import { setTimeout as sleep } from 'node:timers/promises'
import type { SessionToolCalls } from '@codelab/protocol'
import type { Trigger } from './points.ts'
import type { Random } from './random.ts'
import { readSnapshot, type Snapshot, snapshotFaults } from './snapshot.ts'
import { badGateway, call, type Frame, failureOf, type SendOptions, type Streamed, sendInput } from './wire.ts'
import { Witness } from './witness.ts'

type Kind = 'message' | 'tool_result' | 'decision'

interface OpenCall {
  readonly tool: string
  readonly approval: boolean
}

const profiles: readonly Pick<SendOptions, 'features' | 'client'>[] = [
  {},
  { features: 'deltas' },
  {
    client: {
      id: 'crash-client',
      name: 'crash',
      version: '1',
      features: ['deltas', 'parallel-tools'],
      tools: ['read_file', 'write_file'],
    },
  },
]
const firstPoints = { message: 'first_chunk', tool_result: 'tool_result_first_chunk', decision: 'decision_first_chunk' }
const sentPoints = { message: 'on_send', tool_result: 'on_tool_result', decision: 'on_decision' }
const upstreamPoints = {
  message: 'upstream_request',
  tool_result: 'tool_result_upstream',
  decision: 'decision_upstream',
} as const

const resumeLimitMs = 60_000
const usualWords = ['plain', 'plain', 'read', 'write', 'write', 'two', 'mixed']

export interface ClientHabits {
  /** What it asks the model for; see `StrictUpstream`. */
  readonly words?: readonly string[]
  /** Failures that it takes for now as it takes a stream that breaks: what it sent is stored or not. */
  tolerates?(code: string): boolean
  /** How often it has what was cut done again, instead of saying something new. */
  readonly resumes?: number
  onFrame?(frame: Frame): void
}

/** One client with one session: chats, runs tools, decides, and notes all that it sees. Its choices come from its own seed. */
export class SessionClient {
  readonly witness: Witness
  readonly #random: Random
  readonly #trigger: Trigger
  readonly #profile: Pick<SendOptions, 'features' | 'client'>
  readonly #habits: Required<ClientHabits>
  #open = new Map<string, OpenCall>()
  #inputs = 0
  #sending: Kind = 'message'
  #wasCut = false

  constructor(sessionId: string, random: Random, trigger: Trigger, habits: ClientHabits = {}) {
    this.witness = new Witness(sessionId)
    this.#random = random
    this.#trigger = trigger
    this.#habits = { words: usualWords, tolerates: () => false, resumes: 0, onFrame: () => undefined, ...habits }
    this.#profile = random.pick(profiles)
  }

  /** The model is asked on behalf of this session. */
  upstreamAsked(): void {
    this.#trigger.hit(upstreamPoints[this.#sending])
  }

  /** One input and its answer. Returns what went wrong; `cut` is no fault while the server may be killed. */
  async act(
    base: string,
    signal?: AbortSignal,
  ): Promise<{ readonly cut: boolean; readonly faults: readonly string[] }> {
    if (this.witness.session === undefined && this.#random.chance(0.5)) return await this.#create(base)
    const wasCut = this.#wasCut
    this.#wasCut = false
    if (wasCut && this.#random.chance(this.#habits.resumes)) return await this.#resume(base, signal)
    const [callId, open] = this.#random.chance(0.15) ? [] : (this.#open.entries().next().value ?? [])
    if (callId === undefined || open === undefined) return await this.#say(base, signal)
    if (open.approval && this.#random.chance(0.8)) {
      return await this.#decide(base, callId, this.#random.pick(['approve', 'edit', 'reject']), signal)
    }
    return await this.#answer(base, callId, `result ${this.#mark()}`, signal)
  }

  /** Has the turn go on that was interrupted, if one was, and waits for its end. */
  async #resume(base: string, signal: AbortSignal = AbortSignal.timeout(resumeLimitMs)) {
    const { witness } = this
    const cut = { cut: true, faults: [] }
    const path = `/sessions/${witness.sessionId}`
    try {
      const { status, body } = await call<{ resumed?: boolean; code?: string }>(base, 'POST', `${path}/resume`)
      witness.note(`POST resume <- ${status} ${JSON.stringify(body)}`)
      // What was cut was the message that would have made the session.
      if (status === 404 && witness.session !== 'seen') return { cut: false, faults: [] }
      if (status === badGateway || (body.code !== undefined && this.#habits.tolerates(body.code))) return cut
      if (status !== 200) return { cut: false, faults: [`a turn could not be resumed: ${status} ${body.code}`] }
      for (;;) {
        const snapshot = await readSnapshot(base, witness.sessionId)
        if (snapshot?.state !== 'running') {
          if (snapshot) this.#takeUp(snapshot)
          return { cut: false, faults: [] }
        }
        if (signal.aborted) return { cut: false, faults: ['a resumed turn does not end'] }
        await sleep(50)
      }
    } catch (error) {
      witness.note(`resume: ${error}`)
      return cut
    }
  }

  /** Compares what is stored with what was seen, and takes up what waits, as a client that comes back does. */
  async check(base: string): Promise<readonly string[]> {
    const snapshot = await readSnapshot(base, this.witness.sessionId)
    if (snapshot) {
      this.witness.session = 'seen'
      this.#takeUp(snapshot)
    }
    this.witness.note(
      `-- state ${snapshot?.state}, ${snapshot?.messages.length} messages, open ${[...this.#open.keys()]}`,
    )
    return [...(snapshot ? snapshotFaults(snapshot) : []), ...this.witness.losses(snapshot)]
  }

  /** Sends again what nobody answered: it is taken now, or it was taken before and is refused, but never taken twice. */
  async resend(base: string, signal: AbortSignal): Promise<readonly string[]> {
    const { results, decisions } = this.witness.inDoubt
    const faults: string[] = []
    for (const [callId, content] of results) {
      const { faults: more } = await this.#answer(base, callId, content, signal, ['call_answered'])
      faults.push(...more)
    }
    for (const [callId, decision] of decisions) {
      const { faults: more } = await this.#decide(base, callId, decision, signal, ['approval_not_pending'])
      faults.push(...more)
    }
    return faults
  }

  #takeUp(snapshot: Snapshot): void {
    const waiting = snapshot.calls.filter(({ state }) => state === 'open' || state === 'awaiting_approval')
    this.#open = new Map(waiting.map((row) => [row.call_id, openCall(row)]))
  }

  #mark(): string {
    return `${this.witness.sessionId}.${this.#inputs++}`
  }

  async #create(base: string) {
    const { witness } = this
    witness.session = 'sent'
    witness.note('POST /sessions')
    try {
      const { status } = await call(base, 'POST', '/sessions', { session_id: witness.sessionId })
      witness.note(`<- ${status}`)
      if (status === 201) witness.session = 'seen'
      if (status === badGateway || (status === 503 && this.#habits.tolerates('storage_unavailable')))
        return { cut: true, faults: [] }
      return { cut: false, faults: status === 201 ? [] : [`POST /sessions was answered with ${status}`] }
    } catch {
      return { cut: true, faults: [] }
    }
  }

  #say(base: string, signal?: AbortSignal) {
    const word = this.#random.pick(this.#habits.words)
    const content = `${this.#mark()} #${word}`
    const open = [...this.#open.keys()]
    const { witness } = this
    witness.message(content, 'sent', open)
    return this.#send(
      base,
      'message',
      { type: 'user_message', content },
      {
        signal,
        seen: () => {
          witness.session = 'seen'
          witness.message(content, 'seen', open)
          this.#open.clear()
        },
        refused: () => witness.refusedMessage(content),
      },
    )
  }

  #answer(base: string, callId: string, content: string, signal?: AbortSignal, known: readonly string[] = []) {
    this.witness.result(callId, content, 'sent')
    const message = { type: 'tool_result', call_id: callId, result: content }
    const seen = () => {
      this.#open.delete(callId)
      this.witness.result(callId, content, 'seen')
    }
    return this.#send(base, 'tool_result', message, { signal, known, seen, refused: seen })
  }

  #decide(base: string, callId: string, decision: string, signal?: AbortSignal, known: readonly string[] = []) {
    const modified = decision === 'edit' ? { modified_arguments: { path: 'src/b.ts', content: 'edited\n' } } : {}
    this.witness.decision(callId, decision, 'sent')
    const message = { type: 'hitl_decision', call_id: callId, decision, ...modified }
    const seen = () => {
      this.#open.delete(callId)
      this.witness.decision(callId, decision, 'seen')
    }
    // A decision that was taken before leaves its call open: it is still to be run.
    const refused = () => this.witness.decision(callId, decision, 'seen')
    return this.#send(base, 'decision', message, { signal, known, seen, refused })
  }

  /** `known` are the codes that may refuse it; `refused` is called for those. */
  async #send(
    base: string,
    kind: Kind,
    message: object,
    on: { signal: AbortSignal | undefined; known?: readonly string[]; seen(): void; refused(): void },
  ) {
    const { witness } = this
    this.#sending = kind
    witness.note(`-> ${JSON.stringify(message)}`)
    let count = 0
    const streamed = await sendInput(base, witness.sessionId, message, {
      ...this.#profile,
      ...(on.signal ? { signal: on.signal } : {}),
      onSent: () => this.#trigger.hit(sentPoints[kind] as 'on_send'),
      onFrame: (frame) => {
        witness.note(`<- ${frame.event} ${JSON.stringify(frame.data)}`)
        if (frame.event === 'error') count = Number.NaN
        if (++count === 1) on.seen()
        this.#habits.onFrame(frame)
        this.#see(frame)
        if (count === 1) this.#trigger.hit(firstPoints[kind] as 'first_chunk')
        if (count === 3) this.#trigger.hit('mid_chunk')
      },
    })
    this.#wasCut = streamed.end !== 'done' || failureOf(streamed) !== undefined
    return { cut: this.#wasCut, faults: this.#faults(streamed, on) }
  }

  #faults(streamed: Streamed, on: { readonly known?: readonly string[]; refused(): void }): string[] {
    if (streamed.end === 'left') return ['no end of the stream within the limit']
    if (streamed.end === 'cut') return []
    const failure = failureOf(streamed)
    if (failure === undefined) return []
    if (on.known?.includes(failure)) on.refused()
    else if (!this.#habits.tolerates(failure)) return [`an error that nobody expects: ${failure}`]
    return []
  }

  #see({ data }: Frame): void {
    if (data['type'] === 'assistant_message' && data['is_final'] === true) {
      // What is said after a refusal is no message of the model.
      if (data['text'] === undefined) this.witness.answer(String(data['content']))
      this.#trigger.hit('after_terminal')
    }
    if (data['type'] !== 'tool_call') return
    const callId = String(data['call_id'])
    const seen = { tool: String(data['tool_name']), approval: data['requires_approval'] === true }
    this.witness.call(callId, seen)
    this.#open.set(callId, seen)
    this.#trigger.hit(seen.approval ? 'approval_pending' : 'tool_emitted')
  }
}

function openCall(row: SessionToolCalls['tool_calls'][number]): OpenCall {
  return { tool: row.tool_name, approval: row.state === 'awaiting_approval' }
}
