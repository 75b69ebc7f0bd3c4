import type { InboundMessage, StreamFrame } from '@codelab/protocol'
import { checkOf, handoffPreview, handoffTool, onlyReads, questionOf, questionTool, runCall } from './calls.ts'
import type { ApprovalRequest, Call, ChangeCount, Decision, FinishedCall, TurnEnd } from './events.ts'
import { Exchange } from './exchange.ts'
import { failureOfAnswer, isAnswer, neverArrived, settledCodes } from './failures.ts'
import { decisionOn, rejection, resultMessage } from './input-messages.ts'
import { OtherClients } from './other-clients.ts'
import type { ConversationParts, Reply, SessionState } from './parts.ts'
import { previewBody } from './preview-body.ts'
import { recover } from './recovery.ts'

export type TurnInput =
  | { readonly kind: 'message'; readonly message: InboundMessage }
  /** Calls that an earlier client left open. */
  | { readonly kind: 'open'; readonly calls: readonly Call[]; readonly isOtherFolder: boolean }
  /** A turn that runs in the server already. */
  | { readonly kind: 'follow' }
  /** A message that was sent while another turn ran, and became a turn of its own. */
  | { readonly kind: 'sent'; readonly message: InboundMessage; readonly frames: AsyncIterable<StreamFrame> }

interface Entry {
  call: Call
  /** Handed out before this turn began here: somebody else may have run it. */
  readonly isOpen: boolean
  decision?: Decision
  settled?: Promise<Settled>
}

type Stop = Extract<Decision, { kind: 'stop' }>

/** Another client decided. */
interface Elsewhere {
  readonly kind: 'elsewhere'
  readonly others: OtherClients
}

type Settled = { readonly finished: FinishedCall } | { readonly decision: Decision; readonly ms: number }

const maxRecoveries = 8
const cancelWaitMs = 3000
const maxChecks = 8
const previewWaitMs = 2000

/** One turn: sends an input, shows what comes, runs the calls, asks for approval, until the agent has answered. Used once. */
export class Turn {
  readonly #parts: ConversationParts
  readonly #session: SessionState
  readonly #exchange: Exchange
  readonly #calls = new AbortController()
  readonly #stream = new AbortController()
  readonly #entries = new Map<string, Entry>()
  readonly #changes = new Map<string, ChangeCount>()
  readonly #checks = new Map<string, boolean>()
  #queue: Entry[] = []
  #lastDecided: Promise<unknown> = Promise.resolve()
  #isOtherFolder = false
  #waitedMs = 0
  #startedAt = 0
  #isCancelled = false
  #recoveries = 0
  #cancelling: Promise<void> | undefined

  constructor(parts: ConversationParts, session: SessionState) {
    this.#parts = parts
    this.#session = session
    this.#exchange = new Exchange(parts, session)
  }

  async run(input: TurnInput): Promise<TurnEnd> {
    this.#startedAt = this.#parts.now()
    this.#parts.show({ type: 'turn.started' })
    let reply = await this.#begin(input)
    while (true) {
      if (reply.isWhole) this.#queue = []
      this.#enqueue(reply.calls)
      if (this.#isCancelled) return this.#endCancelled()
      const isSettled = reply.failure !== undefined && settledCodes.has(reply.failure.code) && this.#queue.length > 0
      if (reply.failure && !isSettled) {
        return this.#end(reply.failure.code === 'cancelled' ? 'cancelled' : 'failed', reply.failure)
      }
      const entry = this.#queue[0]
      if (!entry) return this.#end('completed')
      const next = await this.#settle(entry)
      if (this.#isCancelled) return this.#endCancelled()
      if (!('type' in next)) {
        if (next.kind === 'stop') return this.#end('stopped', next.failure)
        reply = await this.#standsAfter(next.others)
        continue
      }
      reply = await this.#send(next)
      // Somebody else was faster.
      if (next.type === 'hitl_decision' && reply.failure?.code === 'approval_not_pending') {
        reply = await this.#lookAround()
        continue
      }
      // A server that wants a person's decision about every such call gets one.
      if (reply.failure?.code === 'forbidden' && next.type === 'tool_result' && entry.call.requiresApproval) {
        reply = await this.#send(rejection(entry.call, { kind: 'reject', by: '', feedback: next.error ?? '' }))
      }
      // A call that was approved comes again, to be run. Where it does not, somebody else runs it.
      if (next.type === 'hitl_decision' && !reply.isWhole && !reply.calls.some((call) => call.callId === next.call_id))
        this.#drop(entry)
    }
  }

  get isCancelled(): boolean {
    return this.#isCancelled
  }

  /** Stops the turn, here and in the server. Resolves when the server has been told. */
  async cancel(): Promise<void> {
    if (this.#isCancelled) return
    this.#isCancelled = true
    this.#cancelling = this.#cancelInServer()
    this.#calls.abort()
    const timer = setTimeout(() => this.#stream.abort(), cancelWaitMs)
    timer.unref()
    await this.#cancelling
  }

  /** Lets go of the stream; the turn goes on in the server. */
  leave(): void {
    this.#isCancelled = true
    this.#calls.abort()
    this.#stream.abort()
  }

  async #cancelInServer(): Promise<void> {
    for (const wait of [300, 1000]) {
      try {
        await this.#parts.link.client.cancel(this.#session.id)
        return
      } catch (error) {
        // The first message of a session may not be stored yet.
        if (!isAnswer(error) || error.status !== 404) return
        await this.#parts.pause(wait, this.#stream.signal)
      }
    }
  }

  async #begin(input: TurnInput): Promise<Reply> {
    if (input.kind === 'message') return this.#send(input.message)
    if (input.kind === 'follow') return this.#recover(undefined, false)
    if (input.kind === 'sent') {
      return this.#answered(input.message, () => this.#exchange.read(input.frames, true))
    }
    this.#isOtherFolder = input.isOtherFolder
    for (const call of input.calls) this.#entries.set(call.callId, { call, isOpen: true })
    return { calls: input.calls, isWhole: true }
  }

  #enqueue(calls: readonly Call[]): void {
    for (const call of calls) {
      const known = this.#entries.get(call.callId)
      const entry: Entry = known ?? { call, isOpen: false }
      entry.call = call
      this.#entries.set(call.callId, entry)
      if (!this.#queue.includes(entry)) this.#queue.push(entry)
    }
  }

  #drop(entry: Entry): void {
    this.#queue = this.#queue.filter((other) => other !== entry)
  }

  /** Brings the first call to its next message: a decision, a result. The reads at the front of the queue run together. */
  async #settle(entry: Entry): Promise<InboundMessage | Stop | Elsewhere> {
    const reads = this.#queue.findIndex(({ call }) => call.requiresApproval || !onlyReads(call))
    for (const read of this.#queue.slice(0, reads < 0 ? undefined : reads)) read.settled ??= this.#decideAndRun(read)
    if (entry.call.requiresApproval) return this.#ask(entry)
    entry.settled ??= this.#decideAndRun(entry)
    const settled = await entry.settled
    if ('decision' in settled) {
      if (settled.decision.kind === 'stop') return this.#stop(settled.decision)
      this.#drop(entry)
      return rejection(entry.call, settled.decision)
    }
    this.#drop(entry)
    return resultMessage(settled.finished)
  }

  /** Asks about a call that needs an approval; a decision that was taken already, and may not have arrived, is sent again. */
  async #ask(entry: Entry): Promise<InboundMessage | Stop | Elsewhere> {
    const { call } = entry
    const askedAt = this.#parts.now()
    if (!entry.decision) {
      const others = new OtherClients(this.#parts, this.#session, call.callId, this.#calls.signal)
      const decision = await this.#decide(entry, others)
      if (!decision) return { kind: 'elsewhere', others }
      others.stop()
      entry.decision = decision
    }
    const { decision } = entry
    const ms = this.#parts.now() - askedAt
    if (decision.by === 'you') this.#waitedMs += ms
    if (decision.kind === 'stop') return this.#stop(decision)
    if (decision.kind === 'reject') {
      this.#drop(entry)
      if (!this.#isCancelled)
        this.#parts.show({ type: 'call.rejected', call, by: decision.by, feedback: decision.feedback, ms })
      return rejection(call, decision)
    }
    const changed = decision.kind === 'edit' ? { modified_arguments: { ...decision.arguments } } : {}
    return { ...decisionOn(call, decision.kind), ...changed }
  }

  async #stop(decision: Stop): Promise<Stop> {
    this.#calls.abort()
    await this.#cancelInServer()
    return decision
  }

  /** Reads of one answer are decided one after the other, then begin together, in call order. */
  async #decideAndRun(entry: Entry): Promise<Settled> {
    const decided = this.#lastDecided.then(() => this.#decideToRun(entry))
    this.#lastDecided = decided.catch(() => undefined)
    const settled = await decided
    if (settled) return settled
    await this.#lastDecided
    if (entry.call.tool === questionTool) return { finished: await this.#answerOf(entry.call) }
    this.#parts.show({ type: 'call.started', call: entry.call })
    const finished = await runCall(this.#parts.executor, entry.call, {
      now: this.#parts.now,
      signal: this.#calls.signal,
      session: this.#session.id,
      onOutput: (text) => this.#parts.show({ type: 'call.output', callId: entry.call.callId, text }),
    })
    if (finished.change) this.#addChange(finished.change)
    const check = checkOf(finished)
    if (check) this.#checks.set(check.command, check.isGood)
    this.#parts.show({ type: 'call.finished', ...finished })
    return { finished }
  }

  /** A question of the agent is a call that the person answers. */
  async #answerOf(call: Call): Promise<FinishedCall> {
    const askedAt = this.#parts.now()
    const answer = await this.#parts.approver.answer?.(questionOf(call, this.#session.agent), this.#calls.signal)
    const ms = this.#parts.now() - askedAt
    this.#waitedMs += ms
    const outcome =
      answer === undefined
        ? ({
            ok: false,
            error: 'The person did not answer. Decide yourself and say so.',
            summary: 'no answer',
          } as const)
        : ({ ok: true, result: { answer }, summary: 'answered' } as const)
    if (!this.#isCancelled) this.#parts.show({ type: 'call.finished', call, outcome, ms })
    return { call, outcome, ms }
  }

  /** Undefined when the call may run. */
  async #decideToRun(entry: Entry): Promise<Settled | undefined> {
    const askedAt = this.#parts.now()
    entry.decision ??= await this.#decide(entry)
    const { decision } = entry
    if (decision.kind === 'reject' || decision.kind === 'stop') return { decision, ms: this.#parts.now() - askedAt }
    const refusal = entry.isOpen ? await this.#refuseOpenCall(entry) : undefined
    return refusal && { finished: refusal }
  }

  async #decide(entry: Entry): Promise<Decision>
  async #decide(entry: Entry, others: OtherClients): Promise<Decision | undefined>
  /** Undefined: another client was faster. */
  async #decide({ call }: Entry, others?: OtherClients): Promise<Decision | undefined> {
    const request = await this.#requestFor(call)
    if (call.requiresApproval) await this.#tellPreview(request)
    if (call.requiresApproval) this.#parts.show({ type: 'call.waits', call })
    const { signal } = this.#calls
    const asking = others ? AbortSignal.any([signal, others.decided]) : signal
    const decision = await this.#parts.approver.decide(request, asking)
    if (this.#isCancelled) return decision
    if (others?.decided.aborted) {
      const isAllowed = others.decision !== 'reject'
      this.#parts.show({ type: 'call.decided', call, decision: isAllowed ? 'allow' : 'deny', by: 'another client' })
      return undefined
    }
    const isAllowed = decision.kind === 'approve' || decision.kind === 'edit'
    this.#parts.show({ type: 'call.decided', call, decision: isAllowed ? 'allow' : 'deny', by: decision.by })
    return decision
  }

  /** What another client decided has been carried out, or is ours to carry out. */
  async #standsAfter(others: OtherClients): Promise<Reply> {
    await others.over
    return this.#lookAround()
  }

  /** How the turn stands, once it stands still. */
  async #lookAround(): Promise<Reply> {
    const nothing = { message: undefined, neverSent: false }
    const reply = await recover(this.#parts, this.#session, {
      ...nothing,
      signal: this.#calls.signal,
      lastAnswer: this.#exchange.answer,
    })
    if (reply.answer !== undefined) this.#exchange.showAnswer(reply.answer)
    return reply
  }

  /** Whoever decides elsewhere sees what would happen. Without it they see that there is no preview. */
  async #tellPreview({ call, preview }: ApprovalRequest): Promise<void> {
    const body = previewBody(preview)
    const { client } = this.#parts.link
    if (!body) return
    const told = client.previewCall(this.#session.id, call.callId, body).catch(() => undefined)
    await Promise.race([told, this.#parts.pause(previewWaitMs, this.#calls.signal)])
  }

  async #requestFor(call: Call): Promise<ApprovalRequest> {
    const isHandoff = call.tool === handoffTool
    const preview = isHandoff ? handoffPreview(call) : await this.#parts.executor.preview(call, this.#session.id)
    const reason = call.requiresApproval ? (call.reason ?? (await this.#reasonFor(call))) : undefined
    const { id: session, agent } = this.#session
    return { call, preview, agent, session, ...(reason ? { reason } : {}) }
  }

  async #reasonFor(call: Call): Promise<string | undefined> {
    try {
      const { pending_approvals: pending } = await this.#parts.link.client.pendingApprovals(this.#session.id)
      return pending.find((approval) => approval.call_id === call.callId)?.reason ?? undefined
    } catch {
      return undefined
    }
  }

  /** Undefined when the call may run; else what its result says. */
  async #refuseOpenCall({ call }: Entry): Promise<FinishedCall | undefined> {
    const wasStarted = !onlyReads(call) && this.#parts.executor.wasStarted(call.callId)
    if (!wasStarted && !this.#isOtherFolder) return undefined
    const request = await this.#requestFor(call)
    const why = wasStarted ? 'started' : 'other-folder'
    if (await this.#parts.approver.mayRunOpenCall(request, why, this.#calls.signal)) return undefined
    const error = wasStarted
      ? 'Not run again: it was started before and may have run.'
      : 'Not run: the person did not want it here.'
    return { call, outcome: { ok: false, error, summary: 'not run' }, ms: 0 }
  }

  #addChange(change: ChangeCount): void {
    const before = this.#changes.get(change.path) ?? { added: 0, removed: 0 }
    const { path } = change
    this.#changes.set(path, { path, added: before.added + change.added, removed: before.removed + change.removed })
  }

  async #send(message: InboundMessage): Promise<Reply> {
    return this.#answered(message, () => this.#exchange.send(message, this.#stream.signal))
  }

  /** The answer to a message. Where it is lost, what came of it is looked up, and it is sent again if it never arrived. */
  async #answered(message: InboundMessage, first: () => Promise<Reply>): Promise<Reply> {
    let attempt = first
    while (true) {
      try {
        return await attempt()
      } catch (error) {
        if (this.#isCancelled) return { calls: [], isWhole: false }
        if (isAnswer(error)) return { calls: [], isWhole: false, failure: failureOfAnswer(error) }
        const reply = await this.#recover(message, neverArrived(error))
        if (!reply.mustSendAgain) return reply
        attempt = () => this.#exchange.send(message, this.#stream.signal)
      }
    }
  }

  async #recover(message: InboundMessage | undefined, neverSent: boolean): Promise<Reply> {
    this.#exchange.forgetPartial()
    if (this.#recoveries++ >= maxRecoveries) {
      const text = 'The connection is lost again and again'
      return { calls: [], isWhole: false, failure: { code: 'disconnected', message: text, retryable: true } }
    }
    const lost = { message, neverSent, signal: this.#calls.signal, lastAnswer: this.#exchange.answer }
    const reply = await recover(this.#parts, this.#session, lost)
    if (reply.answer !== undefined) this.#exchange.showAnswer(reply.answer)
    return reply
  }

  /** Not before the server has been told, within reason: who leaves now must not leave a turn behind that was to stop. */
  async #endCancelled(): Promise<TurnEnd> {
    const limit = this.#parts.pause(cancelWaitMs, this.#stream.signal)
    await Promise.race([this.#cancelling, limit])
    return this.#end('cancelled')
  }

  #end(outcome: TurnEnd['outcome'], failure?: TurnEnd['failure']): TurnEnd {
    const { usage, answer } = this.#exchange
    const end: TurnEnd = {
      outcome,
      ms: this.#parts.now() - this.#startedAt,
      waitedMs: this.#waitedMs,
      changes: [...this.#changes.values()],
      checks: [...this.#checks].slice(-maxChecks).map(([command, isGood]) => ({ command, isGood })),
      ...(usage ? { usage } : {}),
      ...(failure ? { failure } : {}),
      ...(answer === undefined ? {} : { answer }),
    }
    this.#parts.show({ type: 'turn.ended', end })
    return end
  }
}
