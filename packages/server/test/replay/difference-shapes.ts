import type { Difference } from './difference.ts'
import type { Json } from './recording.ts'

/** The forms of which the table of differences is made. */

export type JsonObject = { [key: string]: Json }

export const done: Json = { event: 'done', data: { status: 'completed' } }
export const json = 'application/json'

export function message(data: JsonObject): Json {
  return { event: 'message', data }
}

export function said(text: string): Json {
  return message({ type: 'assistant_message', content: text, token: text, is_final: true, requires_approval: false })
}

export function called(call_id: string, tool_name: string, args: JsonObject): Json {
  return message({ type: 'tool_call', is_final: true, call_id, tool_name, arguments: args, requires_approval: false })
}

export function switched(from_agent: string, to_agent: string, reason: string, confidence?: string): JsonObject {
  const metadata = { from_agent, to_agent, reason, ...(confidence !== undefined && { confidence }) }
  const content = `Switched to ${to_agent} agent`
  return { type: 'agent_switched', content, is_final: false, requires_approval: false, metadata }
}

export function failed(error: string, code: string): Json {
  return message({ type: 'error', is_final: true, requires_approval: false, error, code })
}

export function refused(error: string, code: string): Json {
  return [{ event: 'error', data: { type: 'error', error, is_final: true, code } }, done]
}

export function failureBody(text: string, code: string): Json {
  return { detail: text, error: text, code }
}

export function invalid(...loc: (string | number)[]): Json {
  return { detail: [{ type: '<TEXT>', loc, msg: '<TEXT>' }] }
}

export const superseded = '{"error":"No result was provided","reason":"superseded"}'

export function toolMessage(tool_call_id: string, name: string, content: string): Json {
  return { role: 'tool', content, tool_call_id, name }
}

/** Puts items into a recorded list, before the place. */
export function insert(place: number, ...items: Json[]): (recorded: Json) => Json {
  return (recorded) => (recorded as Json[]).toSpliced(place, 0, ...items)
}

export function cut(from: number, count: number): (recorded: Json) => Json {
  return (recorded) => (recorded as Json[]).toSpliced(from, count)
}

export function append(...items: Json[]): (recorded: Json) => Json {
  return (recorded) => [...(recorded as Json[]), ...items]
}

export type Row = Omit<Difference, 'recording'>

export function of(recording: string, ...rows: (Row | Row[])[]): Difference[] {
  return rows.flat().map((row) => ({ recording, ...row }))
}

export function row(step: number | string, at: string, expect: Difference['expect'], because: string): Row {
  return { step, at, expect, because }
}

export function created(step: number): Row {
  return row(step, 'status', 201, 'PROTOCOL 2.2: 201, safe because the Gateway turns any 2xx into 200')
}

/** A stream that never starts: the request is refused on the stream, and neither the model nor the store hears of it. */
export function notStarted(step: number, text: string, code: string, because: string): Row[] {
  return [row(step, 'events', refused(text, code), because), row(step, 'upstream', [], because)]
}

export function notFound(step: number, text: string, because: string): Row[] {
  return [row(step, 'status', 404, because), row(step, 'body', failureBody(text, 'not_found'), because)]
}

/** The answer's own messages and their number. */
export function history(step: number, count: number, messages: Difference['expect'], because: string): Row[] {
  return [row(step, 'body.messages', messages, because), row(step, 'body.message_count', count, because)]
}
