import type { UpstreamRequest } from '../scripted-upstream.ts'
import { type ChatMessage, classifiedText, textOf } from '../scripted-upstream-replies.ts'
import {
  type Json,
  loadRecordings,
  type RecordedResponse,
  type RecordedUpstreamRequest,
  type SseEvent,
  type Step,
} from './recording.ts'
import { comparedHeaders } from './superset.ts'

/** What the contract changes everywhere, as against one scenario (`differences.ts`). Each rule names the line that asks for it. */

type JsonObject = { [key: string]: Json }

/** One answer in comparable form, recorded or observed. */
export interface Outcome extends JsonObject {
  status: number | null
  headers: JsonObject
}

/** The recorded answer as the contract wants it from us. */
export function expectedOutcome(
  response: RecordedResponse,
  upstream: readonly RecordedUpstreamRequest[] | undefined,
): Outcome {
  return {
    status: response.status,
    headers: comparableHeaders(response.headers),
    ...(response.body !== undefined && { body: expectedBody(response.body) }),
    ...(response.body_text !== undefined && response.body_text !== '<omitted>' && { text: response.body_text }),
    ...(response.events && { events: expectedEvents(response.events) }),
    ...(upstream && { upstream: upstream.map(expectedUpstream) }),
  }
}

export function comparableHeaders(headers: Readonly<Record<string, string | string[] | undefined>>): JsonObject {
  const rows: JsonObject = {}
  for (const name of comparedHeaders) {
    const value = headers[name]
    if (typeof value === 'string') rows[name] = comparableHeader(name, value)
  }
  return rows
}

function comparableHeader(name: string, value: string): string {
  // The task of a media type is done by its first part; streams carry the charset and are compared whole (PROTOCOL 3.2).
  if (name === 'content-type' && !value.startsWith('text/event-stream')) return value.split(';')[0] ?? ''
  // PROTOCOL 1.3 and DESIGN §8: HEAD is served where GET is.
  if (name === 'allow') {
    const methods = new Set(value.split(/\s*,\s*/))
    if (methods.has('GET')) methods.add('HEAD')
    return [...methods].sort().join(', ')
  }
  // PROTOCOL 1.3: "to the path without it"; the recording names the host it was made on.
  if (name === 'location') return new URL(value.replace('<UPSTREAM>', 'host'), 'http://host').pathname
  return value
}

function expectedBody(body: Json): Json {
  const value = withoutNullNames(body)
  if (!isObject(value) || JSON.stringify(value) === '{"detail":"unauthorized"}') return value
  // PROTOCOL 1.3: the same text in `detail` and `error`, whichever of the two dialects was recorded.
  const text = value['detail'] ?? value['error']
  if (typeof text === 'string' && Object.keys(value).length === 1) return { detail: text, error: text }
  // PROTOCOL 1.3: clients rely on the status; `type`, `msg`, `input` and `url` are the old validator's words.
  if (Array.isArray(value['detail'])) return { detail: value['detail'].map(validationFault) }
  return value
}

function validationFault(fault: Json): Json {
  const loc = isObject(fault) && Array.isArray(fault['loc']) ? fault['loc'] : []
  // PROTOCOL 1.3: for a body that is not JSON the second part is an offset, which is the old parser's.
  const isSyntax = typeof loc[1] === 'number'
  return { type: '<TEXT>', loc: isSyntax ? [loc[0] ?? '', '<INT>'] : loc, msg: '<TEXT>' }
}

/** PROTOCOL 2.5 and 7.1: unset `name` is left out. */
function withoutNullNames(value: Json): Json {
  if (Array.isArray(value)) return value.map(withoutNullNames)
  if (!isObject(value)) return value
  const kept = Object.entries(value).filter(([key, item]) => !(key === 'name' && item === null && 'role' in value))
  return Object.fromEntries(kept.map(([key, item]) => [key, withoutNullNames(item)]))
}

function expectedEvents(events: readonly SseEvent[]): Json {
  const last = events.at(-1)
  // PROTOCOL 3.3, superset: a stream always finishes with `done`, after a fatal error too.
  const done = last?.event === 'error' ? [{ event: 'done', data: { status: 'completed' } }] : []
  return [...events.map((event) => ({ ...event })), ...done]
}

function expectedUpstream(request: RecordedUpstreamRequest): Json {
  const { tools } = request
  // DESIGN 7: edit_file is carried out by read_file and write_file for a client that has no other.
  const offered = tools?.includes('write_file') ? { tools: [...tools, 'edit_file'] } : {}
  return withoutNullNames({ ...request, ...offered } as unknown as Json)
}

/** What the model was asked, in the form of the recordings: prompts replaced, tools by name. */
export function observedUpstream({ kind, authHeader, body }: UpstreamRequest): Json {
  const { messages, tools, ...fields } = body
  return {
    kind,
    auth_header: authHeader,
    ...(fields as JsonObject),
    messages: messages.map((message, i) => observedMessage(kind, message, i, messages)),
    ...(tools && { tools: tools.map((tool) => tool.function.name) }),
  }
}

function observedMessage(kind: string, message: ChatMessage, index: number, all: readonly ChatMessage[]): Json {
  const content = textOf(message.content)
  const replaced = (placeholder: string) => ({ ...message, content: placeholder }) as JsonObject
  if (kind === 'classifier' && index === 0) {
    // PROTOCOL 4.4 gives this prompt word for word.
    if (content === 'You are a task classifier. Respond only with JSON.') return replaced('<CLASSIFIER_SYSTEM>')
  } else if (kind === 'classifier') {
    return replaced(`<CLASSIFIER_PROMPT for: ${classifiedText(all)}>`)
  } else if (message.role === 'system') {
    // PROTOCOL 4.1: an agent's description is the first line of its prompt.
    const agent = agentDescriptions().find(({ description }) => content.startsWith(description))
    if (agent) return replaced(`<SYSTEM_PROMPT:${agent.type}>`)
  }
  return message as unknown as Json
}

interface AgentItem {
  readonly type: string
  readonly description: string
}
let agents: readonly AgentItem[] | undefined

function agentDescriptions(): readonly AgentItem[] {
  agents ??= loadRecordings()
    .filter(({ name }) => name === 'agents-list' || name === 'single-agent-mode')
    .flatMap(({ steps }) => steps.flatMap((step) => (Array.isArray(step.response?.body) ? step.response.body : [])))
    .map((item) => item as unknown as AgentItem)
  return agents
}

function isObject(value: Json): value is JsonObject {
  return value !== null && typeof value === 'object' && !Array.isArray(value)
}

/** Frames of a socket, in the form of a stream's events. */
export function asEvents(texts: readonly string[]): Json {
  return texts.map((text) => ({ event: 'frame', data: JSON.parse(text) }))
}

/** What a step on a socket brought: how it was opened, or the frames that came. */
export function expectedOnSocket({ ws, result, frames, upstream_requests: upstream }: Step): Outcome {
  const nothing = { status: null, headers: {} }
  if (ws?.connect !== undefined) return { ...nothing, body: result === 'accepted' ? 'accepted' : 'rejected' }
  return { ...expectedOutcome(nothing, upstream ?? []), events: asEvents(frames ?? []) }
}
