import type { PendingApprovals, SessionDetail, SessionHistory, SessionToolCalls } from '@codelab/protocol'
import { call } from './wire.ts'

/** What the server says is stored of a session. */
export interface Snapshot {
  readonly state: string
  readonly messageCount: number
  readonly messages: SessionHistory['messages']
  readonly calls: SessionToolCalls['tool_calls']
  readonly pending: readonly string[]
}

/** Undefined for a session that is not there. */
export async function readSnapshot(base: string, sessionId: string): Promise<Snapshot | undefined> {
  const path = `/sessions/${encodeURIComponent(sessionId)}`
  const detail = await call<SessionDetail>(base, 'GET', path)
  if (detail.status === 404) return undefined
  const [history, calls, pending] = await Promise.all([
    call<SessionHistory>(base, 'GET', `${path}/history`),
    call<SessionToolCalls>(base, 'GET', `${path}/tool-calls`),
    call<PendingApprovals>(base, 'GET', `${path}/pending-approvals`),
  ])
  return {
    state: String(detail.body.state),
    messageCount: detail.body.message_count,
    messages: history.body.messages,
    calls: calls.body.tool_calls,
    pending: pending.body.pending_approvals.map((approval) => approval.call_id),
  }
}

export function isWaiting(state: string): boolean {
  return state === 'open' || state === 'awaiting_approval'
}

/** Where what is stored of a session that works on nothing contradicts itself; empty when it does not. */
export function snapshotFaults(snapshot: Snapshot): string[] {
  const faults: string[] = []
  const { messages } = snapshot
  if (snapshot.messageCount !== messages.length) {
    faults.push(`message_count is ${snapshot.messageCount}, the history has ${messages.length}`)
  }
  if (snapshot.state === 'running') faults.push('the session is stuck: it says that it runs')
  const results = new Map<string, number>()
  const made = new Set<string>()
  let open = new Set<string>()
  for (const [index, message] of messages.entries()) {
    const at = `message ${index} (${message.role})`
    if (message.role === 'tool') {
      const id = message.tool_call_id ?? ''
      results.set(id, (results.get(id) ?? 0) + 1)
      if (!made.has(id)) faults.push(`${at}: a result of the unknown call ${id}`)
      else if (!open.delete(id)) faults.push(`${at}: a second result of ${id}, or one in the wrong place`)
      if (!message.content) faults.push(`${at}: an empty result`)
      continue
    }
    if (open.size > 0) faults.push(`${at}: comes before the result of ${[...open].join(', ')}`)
    const ids = message.tool_calls?.map((toolCall) => toolCall.id) ?? []
    if (ids.length === 0 && !message.content) faults.push(`${at}: is empty`)
    for (const id of ids) {
      if (made.has(id)) faults.push(`${at}: the call ${id} a second time`)
      made.add(id)
    }
    open = new Set(ids)
  }
  return [...faults, ...callFaults(snapshot, made, results), ...waitFaults(snapshot, open)]
}

function callFaults(snapshot: Snapshot, made: ReadonlySet<string>, results: ReadonlyMap<string, number>): string[] {
  const rows = new Set(snapshot.calls.map((row) => row.call_id))
  const missing = [...made].filter((id) => !rows.has(id)).map((id) => `the call ${id} has no row`)
  return [
    ...missing,
    ...snapshot.calls.flatMap(({ call_id: id, state }) => {
      const expected = isWaiting(state) ? 0 : 1
      const count = results.get(id) ?? 0
      return [
        ...(made.has(id) ? [] : [`the row of ${id} belongs to no message`]),
        ...(count === expected ? [] : [`the call ${id} is ${state} and has ${count} results`]),
      ]
    }),
  ]
}

function waitFaults(snapshot: Snapshot, open: ReadonlySet<string>): string[] {
  const waiting = snapshot.calls.filter((row) => isWaiting(row.state)).map((row) => row.call_id)
  const asking = snapshot.calls.filter((row) => row.state === 'awaiting_approval').map((row) => row.call_id)
  const faults: string[] = []
  if (!sameIds(waiting, [...open])) faults.push(`waiting are ${waiting}, unanswered in the history ${[...open]}`)
  if (!sameIds(asking, snapshot.pending)) faults.push(`${asking} await approval, listed are ${snapshot.pending}`)
  const waits = snapshot.state.startsWith('awaiting_')
  if (waits !== waiting.length > 0) faults.push(`the state is ${snapshot.state} with ${waiting.length} open calls`)
  return faults
}

function sameIds(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((id) => other.includes(id))
}
