import type { Frame } from '../net/live-events.ts'
import { optionalText, record, text } from './fields.ts'
import type { CallItem, Item } from './items.ts'

interface Places {
  readonly get: (id: string) => Item | undefined
  readonly put: (item: Item) => void
  readonly place: (data: Frame['data']) => { id: string; at: string; turnId: string | null; segment: number }
}

/** What happens to a call: made, asked about, decided, handed out, answered. */
export class CallFold {
  readonly #places: Places

  constructor(places: Places) {
    this.#places = places
  }

  /** False: the event is about something else. */
  take(type: string, data: Frame['data']): boolean {
    const at = text(data['at'])
    switch (type) {
      case 'tool_call.created':
        this.#change(data, (call) => ({
          ...call,
          ...(typeof data['rule'] === 'string' ? { rule: data['rule'] } : {}),
          state: data['requires_approval'] === true ? 'waiting' : call.state,
        }))
        return true
      case 'approval.requested':
        this.#change(data, (call) => ({
          ...call,
          state: 'waiting',
          approval: { reason: optionalText(data['reason']) ?? null, requestedAt: at },
        }))
        return true
      case 'approval.decided':
        this.#change(data, (call) => decided(call, data))
        return true
      case 'tool_call.dispatched':
        if (data['requires_approval'] === true) return true
        this.#change(data, (call) => ({ ...call, state: 'running', startedAt: at }))
        return true
      case 'tool_call.cancelled':
        this.#change(data, (call) => ({ ...call, state: 'cancelled', endedAt: at }))
        return true
      case 'tool_result.created':
      case 'tool_result.replaced':
        this.#change(data, (call) => answered(call, data))
        return true
      default:
        return false
    }
  }

  #change(data: Frame['data'], change: (call: CallItem) => CallItem): void {
    const id = text(data['call_id'])
    const old = this.#places.get(id)
    const shown = record(data['call'])
    const call: CallItem =
      old?.kind === 'call'
        ? old
        : { kind: 'call', ...this.#places.place(data), id, tool: text(data['tool']), arguments: {}, state: 'running' }
    const values = shown['arguments'] === undefined ? call.arguments : record(shown['arguments'])
    const parent = optionalText(shown['parent_call_id'])
    this.#places.put(change({ ...call, arguments: values, ...(parent === undefined ? {} : { parent }) }))
  }
}

function decided(call: CallItem, data: Frame['data']): CallItem {
  const at = text(data['at'])
  const given = data['decision']
  const decision = given === 'edit' || given === 'reject' ? given : 'approve'
  const approval = {
    ...(call.approval ?? { reason: null, requestedAt: call.at }),
    decision,
    isImplicit: data['implicit'] === true,
    by: optionalText(data['by']) ?? null,
    decidedAt: at,
  } as const
  return { ...call, approval, state: decision === 'reject' ? 'rejected' : 'running' }
}

function answered(call: CallItem, data: Frame['data']): CallItem {
  const content = record(data['message'])['content']
  const error = optionalText(data['error'])
  const isFailed = data['failed'] === true
  const isRejected = call.approval?.decision === 'reject'
  return {
    ...call,
    state: isRejected ? 'rejected' : call.state === 'cancelled' ? 'cancelled' : isFailed ? 'failed' : 'done',
    endedAt: text(data['at']),
    ...(typeof content === 'string' ? { result: content } : {}),
    ...(error === undefined ? {} : { error }),
  }
}
