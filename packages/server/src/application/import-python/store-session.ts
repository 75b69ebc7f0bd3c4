import type { NewEvent } from '../../domain/event.ts'
import { type Part, withMasks } from '../../domain/message.ts'
import { fitForModel, syntheticText } from '../../domain/result-text.ts'
import type { StoredMessage } from '../../domain/session.ts'
import type { Approval, SyntheticReason, ToolCall } from '../../domain/tool-call.ts'
import { newCallRow, pendingApproval } from '../inputs/call-rows.ts'
import type { Ids } from '../ports/ids.ts'
import type { Transaction } from '../ports/store.ts'
import type { AgentEntry, Call, UserEntry } from './conversation.ts'
import { isOffered, type MendedSession } from './mend-session.ts'

/** Stores a session with its whole log, in the order in which things happened. */
export async function storeSession(
  tx: Transaction,
  ids: Ids,
  session: MendedSession,
  place: { readonly sid: string; readonly ownerId: string },
): Promise<void> {
  const { externalId, createdAt, switches } = session
  await tx.sessions.create({ ...place, externalId, createdAt, currentAgent: session.currentAgent })
  const writer = new SessionWriter(tx, ids, session, place.sid)
  await writer.log(createdAt, [{ type: 'session.created', facts: {} }])
  for (const entry of session.entries) {
    await writer.switchesUntil(entry.at)
    if (entry.by === 'user') await writer.addUser(entry)
    else await writer.addAnswer(entry, entry === session.entries.at(-1))
  }
  await writer.switchesUntil(Number.POSITIVE_INFINITY)
  const turnId = await writer.endTurn(session.waiting > 0 ? 'awaiting_approval' : 'completed', session.lastActivity)
  await tx.sessions.update(place.sid, {
    title: session.title,
    lastActivity: session.lastActivity,
    isActive: session.isActive,
    switchCount: switches.length,
    lastSwitchAt: switches.at(-1)?.at ?? null,
    ...(session.waiting > 0 ? { state: 'awaiting_approval', turnId } : {}),
  })
}

class SessionWriter {
  readonly #tx: Transaction
  readonly #ids: Ids
  readonly #session: MendedSession
  readonly #sid: string
  #turn: { readonly id: string; steps: number } | undefined
  #switched = 0

  constructor(tx: Transaction, ids: Ids, session: MendedSession, sid: string) {
    this.#tx = tx
    this.#ids = ids
    this.#session = session
    this.#sid = sid
  }

  async log(at: number, events: readonly NewEvent[]): Promise<void> {
    const turnId = this.#turn?.id ?? null
    await this.#tx.log.append(
      this.#sid,
      at,
      events.map((event) => ({ turnId, ...event })),
    )
  }

  async switchesUntil(at: number): Promise<void> {
    for (;;) {
      const next = this.#session.switches[this.#switched]
      if (!next || next.at > at) return
      this.#switched += 1
      await this.#tx.switches.add(this.#sid, next)
      const { from, to, reason, confidence } = next
      const by = reason === 'User requested agent switch' ? 'person' : 'agent'
      await this.log(next.at, [{ type: 'agent.switched', facts: { from, to, reason, confidence, by, only: false } }])
    }
  }

  async addUser({ text, at }: UserEntry): Promise<void> {
    await this.endTurn('completed', at)
    const id = this.#ids.next()
    await this.#tx.turns.create({ turnId: id, sid: this.#sid, startedAt: at, client: null })
    this.#turn = { id, steps: 0 }
    await this.log(at, [{ type: 'turn.started', facts: { agent: this.#agent() } }])
    await this.#append('user', [{ type: 'text', text }], at)
  }

  async addAnswer(entry: AgentEntry, isLast: boolean): Promise<void> {
    if (this.#turn) {
      this.#turn.steps += 1
      await this.#tx.turns.addStep(this.#turn.id)
    }
    const parts: Part[] = entry.text === '' ? [] : [{ type: 'text', text: entry.text }]
    for (const { callId, tool, argumentsJson } of entry.calls)
      parts.push({ type: 'tool-call', callId, tool, argumentsJson })
    const message = await this.#append('assistant', parts, entry.at)
    let asked = false
    for (const [index, call] of entry.calls.entries()) {
      if (isOffered(call)) {
        await this.#offer(message, index, call, entry.at, !asked)
        asked = true
      } else await this.#answer(message, index, call, entry.at, isLast)
    }
  }

  async endTurn(state: 'completed' | 'awaiting_approval', at: number): Promise<string | null> {
    if (!this.#turn) return null
    const { id, steps } = this.#turn
    await this.#tx.turns.setState(id, state, state === 'completed' ? at : null)
    if (state === 'completed') await this.log(at, [{ type: 'turn.ended', facts: { outcome: state, steps } }])
    this.#turn = undefined
    return id
  }

  /** The call waits for a person; the first one is in the hands of whoever comes. */
  async #offer(message: StoredMessage, index: number, call: Call, at: number, isFirst: boolean): Promise<void> {
    const reason = call.approval?.reason ?? null
    const row = this.#row(message, index, call, at, pendingApproval(reason))
    const agent = this.#session.currentAgent
    await this.#tx.calls.create({ ...row, agent, dispatchedAt: isFirst ? at : null })
    const { callId, tool } = call
    const facts = { callId, tool, requiresApproval: true }
    await this.log(at, [
      { type: 'tool_call.created', facts },
      { type: 'approval.requested', facts: { callId, tool, reason } },
      ...(isFirst ? [{ type: 'tool_call.dispatched' as const, facts }] : []),
    ])
  }

  async #answer(message: StoredMessage, index: number, call: Call, at: number, isLast: boolean): Promise<void> {
    const { callId, tool, result } = call
    const reason: SyntheticReason = isLast ? 'not_executed' : 'superseded'
    const fitted = fitForModel(result?.text ?? syntheticText(reason))
    if (fitted.cut && result) await this.#tx.artifacts.put(this.#sid, callId, result.text)
    await this.log(at, [{ type: 'tool_call.created', facts: { callId, tool, requiresApproval: false } }])
    const answeredAt = result?.at ?? at
    const stored = await this.#append('tool', [{ type: 'tool-result', callId, tool, text: fitted.text }], answeredAt)
    await this.#tx.calls.create({
      ...this.#row(message, index, call, at, null),
      state: result ? 'answered' : 'cancelled',
      answeredAt,
      failed: result ? result.failed : null,
      syntheticReason: result ? null : reason,
      resultMessageId: stored.id,
    })
    if (!result) return this.log(answeredAt, [{ type: 'tool_call.cancelled', facts: { callId, tool, reason } }])
    const error = result.failed ? { error: result.text.slice(0, 500) } : {}
    const facts = { callId, tool, messageId: stored.id, failed: result.failed, ...error }
    return this.log(answeredAt, [{ type: 'tool_result.created', facts }])
  }

  #row(message: StoredMessage, index: number, call: Call, createdAt: number, approval: Approval | null): ToolCall {
    const { callId, tool, argumentsJson } = call
    const turnId = this.#turn?.id ?? ''
    const origin = { sid: this.#sid, turnId, messageId: message.id, index, agent: this.#agent() }
    return newCallRow(this.#ids, { ...origin, callId, tool, argumentsJson, approval, ruling: null, createdAt })
  }

  async #append(role: StoredMessage['role'], parts: readonly Part[], at: number): Promise<StoredMessage> {
    const stored = await this.#tx.messages.append({
      id: this.#ids.next(),
      sid: this.#sid,
      turnId: this.#turn?.id ?? null,
      createdAt: at,
      agent: role === 'user' ? null : this.#agent(),
      status: 'complete',
      role,
      parts: role === 'assistant' ? parts : withMasks(parts, this.#sid),
    })
    await this.log(at, [{ type: 'message.created', facts: { messageId: stored.id, role } }])
    return stored
  }

  /** Who had the session then. */
  #agent(): string {
    const { switches, currentAgent } = this.#session
    return switches[this.#switched - 1]?.to ?? switches[this.#switched]?.from ?? currentAgent
  }
}
