import { ApiError, type InboundMessage, type StreamChunk } from '@codelab/protocol'
import type { Executor } from './executor.ts'
import type { Outcome } from './tool.ts'
import type { Decision, Failure, HandedCall, Link, TurnEvent } from './turn-parts.ts'

export interface TurnParts {
  readonly link: Link
  readonly executor: Executor
  readonly show: (event: TurnEvent) => void
  /** Rejects when the signal fires. */
  readonly decide: (call: HandedCall, signal: AbortSignal) => Promise<Decision>
  readonly now: () => number
}

interface Reply {
  readonly calls: readonly HandedCall[]
  readonly failure?: Failure | undefined
  /** These are all the calls that wait: what is known of others is out of date. */
  readonly isWhole: boolean
}

/** Refusals that say: this call is settled, somebody or something was faster. */
const settledCodes = new Set(['unknown_call', 'call_answered', 'call_superseded', 'approval_not_pending'])
/** A turn has an end in the server too; this is longer. */
const mostRounds = 500
const pausesMs = [300, 1000, 2000, 4000, 8000, 8000]
const pollMs = 600
const mostPolls = 1000

/** One turn of a client that runs the tools itself: sends, runs what is handed out, asks for decisions, until the agent has answered. */
export class Turn {
  readonly #parts: TurnParts
  readonly #stop = new AbortController()
  readonly #answers = new Map<string, InboundMessage>()
  #queue: readonly HandedCall[] = []
  #partial = ''
  #said = 0

  constructor(parts: TurnParts) {
    this.#parts = parts
  }

  /** Ends it here; the caller tells the server. */
  stop(): void {
    this.#stop.abort()
  }

  /** `said`: how often the person has said something; gives how often it is then. Never throws. */
  async run(first: InboundMessage, said: number): Promise<number> {
    this.#said = said
    let reply = await this.#send(first)
    for (let round = 0; round < mostRounds && !this.#stop.signal.aborted; round++) {
      this.#take(reply)
      const isSettled = reply.failure !== undefined && settledCodes.has(reply.failure.code) && this.#queue.length > 0
      if (reply.failure && !isSettled) {
        this.#parts.show({ type: 'failed', failure: reply.failure })
        break
      }
      const call = this.#queue[0]
      if (!call) break
      reply = await this.#settle(call)
    }
    this.#closeMessage()
    this.#parts.show({ type: 'ended' })
    return this.#said
  }

  #take({ calls, isWhole }: Reply): void {
    const again = new Map(calls.map((call) => [call.callId, call]))
    const kept = isWhole ? [] : this.#queue.map((call) => again.get(call.callId) ?? call)
    this.#queue = [...kept, ...calls.filter(({ callId }) => !kept.some((call) => call.callId === callId))]
  }

  /** Brings one call further, and gives what the server said to it. */
  async #settle(call: HandedCall): Promise<Reply> {
    const sent = this.#answers.get(call.callId)
    if (sent) return this.#answer(call, sent)
    const preview = this.#parts.executor.preview(call)
    if (preview.kind === 'refused')
      return this.#refuse(call, { ok: false, error: preview.reason, summary: preview.summary })
    if (!call.requiresApproval && preview.kind !== 'question') return this.#runAndAnswer(call)
    this.#parts.show({ type: 'waits', call, preview })
    if (call.requiresApproval) this.#parts.link.tellPreview(call, preview)
    const decision = await this.#decide(call)
    if (decision === undefined) return nothing
    this.#parts.show({ type: 'decided', call, decision })
    if (decision === 'elsewhere') return this.#lookAround()
    if (decision.kind === 'answer') {
      const outcome = { ok: true, result: { answer: decision.text }, summary: 'answered' } as const
      this.#parts.show({ type: 'ran', call, outcome, ms: 0 })
      return this.#answer(call, resultOf(call, outcome))
    }
    const reply = await this.#send(decisionOn(call, decision))
    if (reply.failure && settledCodes.has(reply.failure.code)) return this.#lookAround()
    // A call that was approved comes again, to be run. Where it does not, there is nothing more to do for it.
    if (!reply.calls.some(({ callId }) => callId === call.callId)) this.#drop(call)
    return reply
  }

  /** Undefined: the turn was stopped. */
  async #decide(call: HandedCall): Promise<Decision | 'elsewhere' | undefined> {
    const over = new AbortController()
    const signal = AbortSignal.any([this.#stop.signal, over.signal])
    try {
      const decided = this.#parts.decide(call, signal)
      if (!call.requiresApproval) return await decided
      const elsewhere = this.#parts.link.decidedElsewhere(call.callId, signal).then(() => 'elsewhere' as const)
      return await Promise.race([decided, elsewhere])
    } catch {
      return undefined
    } finally {
      over.abort()
    }
  }

  async #runAndAnswer(call: HandedCall): Promise<Reply> {
    const start = this.#parts.now()
    const outcome = this.#parts.executor.run(call)
    this.#parts.show({ type: 'ran', call, outcome, ms: this.#parts.now() - start })
    return this.#answer(call, resultOf(call, outcome))
  }

  /** What cannot be done is not worth a person's decision; a server that wants one gets it. */
  async #refuse(call: HandedCall, outcome: Outcome & { ok: false }): Promise<Reply> {
    this.#parts.show({ type: 'ran', call, outcome, ms: 0 })
    const reply = await this.#answer(call, resultOf(call, outcome))
    if (reply.failure?.code !== 'forbidden' || !call.requiresApproval) return reply
    return this.#answer(call, decisionOn(call, { kind: 'reject', feedback: outcome.error }))
  }

  /** The result of a call is sent as often as it is asked for; the call itself is run once. */
  async #answer(call: HandedCall, message: InboundMessage): Promise<Reply> {
    this.#answers.set(call.callId, message)
    this.#drop(call)
    return this.#send(message)
  }

  #drop(call: HandedCall): void {
    this.#queue = this.#queue.filter(({ callId }) => callId !== call.callId)
  }

  async #send(message: InboundMessage): Promise<Reply> {
    for (let attempt = 0; !this.#stop.signal.aborted; attempt++) {
      try {
        return await this.#exchange(message)
      } catch (error) {
        if (this.#stop.signal.aborted) break
        if (error instanceof ApiError) {
          return { ...nothing, failure: { code: error.code, text: error.message, requestId: error.requestId } }
        }
      }
      this.#partial = ''
      this.#parts.show({ type: 'lost' })
      const pause = pausesMs[attempt]
      if (pause === undefined) return { ...nothing, failure: { code: 'disconnected', text: '' } }
      await this.#parts.link.pause(pause, this.#stop.signal)
      const reply = await this.#lookAround(message).catch(() => undefined)
      if (reply) return reply
    }
    return nothing
  }

  /** Throws when the stream ends before its last frame. */
  async #exchange(message: InboundMessage): Promise<Reply> {
    const calls: HandedCall[] = []
    let failure: Failure | undefined
    let isDone = false
    let isTaken = true
    for await (const frame of this.#parts.link.stream(message, this.#stop.signal)) {
      if (frame.event === 'done') isDone = true
      else if (frame.event === 'error') {
        failure = failureOf(frame.data)
        isTaken = false
      } else failure = this.#read(frame.data, calls) ?? failure
    }
    if (!isDone) throw new Error('The stream ended early')
    this.#closeMessage()
    if (message.type === 'user_message' && isTaken) this.#said++
    return { calls, failure, isWhole: false }
  }

  #read(chunk: StreamChunk, calls: HandedCall[]): Failure | undefined {
    const { show } = this.#parts
    switch (chunk.type) {
      case 'assistant_message':
        if (chunk.content !== undefined) this.#closeMessage(chunk.content)
        else {
          this.#partial += chunk.token
          show({ type: 'delta', text: chunk.token })
        }
        return undefined
      case 'tool_call':
        this.#closeMessage()
        calls.push(handedCall(chunk))
        return undefined
      case 'agent_switched': {
        this.#closeMessage()
        const { from_agent: from, to_agent: to, reason, confidence } = chunk.metadata
        show({ type: 'switch', from, to, reason, confidence })
        return undefined
      }
      case 'notice':
        show({ type: 'notice', text: chunk.content })
        return undefined
      case 'error':
        return failureOf(chunk)
      default:
        return undefined
    }
  }

  #closeMessage(whole?: string): void {
    const text = whole ?? this.#partial
    this.#partial = ''
    if (text.trim() !== '') this.#parts.show({ type: 'message', text })
  }

  /** How the turn stands, once it stands still. Undefined: `lost` never arrived, it has to be sent again. */
  async #lookAround(): Promise<Reply>
  async #lookAround(lost: InboundMessage): Promise<Reply | undefined>
  async #lookAround(lost?: InboundMessage): Promise<Reply | undefined> {
    const { link } = this.#parts
    let standing = await link.standing()
    for (let poll = 0; standing === 'running' && poll < mostPolls && !this.#stop.signal.aborted; poll++) {
      await link.pause(pollMs, this.#stop.signal)
      standing = await link.standing()
    }
    if (standing === 'unknown') return lost?.type === 'user_message' ? undefined : { ...nothing, failure: gone }
    const { answer, said } = await link.history()
    if (lost?.type === 'user_message' && said <= this.#said) return undefined
    this.#said = said
    if (standing === 'waiting') return { calls: await link.openCalls(), isWhole: true }
    if (answer === undefined) return { calls: [], isWhole: true, failure: cut }
    this.#closeMessage(answer)
    return { calls: [], isWhole: true }
  }
}

const nothing: Reply = { calls: [], isWhole: false }
const gone: Failure = { code: 'not_found', text: '' }
const cut: Failure = { code: 'interrupted', text: '' }

function failureOf(frame: { code: string; error: string; content: string; request_id: string }): Failure {
  return { code: frame.code, text: frame.error || frame.content, requestId: frame.request_id }
}

function handedCall(chunk: Extract<StreamChunk, { type: 'tool_call' }>): HandedCall {
  return {
    callId: chunk.call_id,
    tool: chunk.tool_name,
    arguments: chunk.arguments,
    requiresApproval: chunk.requires_approval,
    reason: chunk.reason ?? undefined,
    rule: chunk.rule?.text,
    callHash: chunk.call_hash,
  }
}

function resultOf(call: HandedCall, outcome: Outcome): InboundMessage {
  const head = { type: 'tool_result', call_id: call.callId, tool_name: call.tool } as const
  return outcome.ok ? { ...head, result: outcome.text ?? outcome.result } : { ...head, error: outcome.error }
}

function decisionOn(call: HandedCall, decision: Exclude<Decision, { kind: 'answer' }>): InboundMessage {
  return {
    type: 'hitl_decision',
    call_id: call.callId,
    decision: decision.kind,
    ...(call.callHash === undefined ? {} : { call_hash: call.callHash }),
    ...(decision.kind === 'edit' ? { modified_arguments: { ...decision.arguments } } : {}),
    ...(decision.kind === 'reject' && decision.feedback !== '' ? { feedback: decision.feedback } : {}),
  }
}
