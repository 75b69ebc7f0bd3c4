import { type AssistantPart, type Message, type Part, textOf } from '../../../domain/message.ts'
import { cachePlaces } from '../upstream/cache-places.ts'
import { fieldsOf, textIn } from '../upstream/fields.ts'
import { type Addressee, opaqueFor } from '../upstream/opaque.ts'

export interface WireToolCall {
  id: string
  type: 'function'
  function: { name: string; arguments: string }
  /** Thought signatures of Gemini, as it sent them. */
  extra_content?: unknown
}

/** Every message has the key `content`: the LLM Proxy refuses one without it (PROTOCOL 7.1). */
export type WireMessage =
  | { role: 'system'; content: string | [WireText] }
  | { role: 'user'; content: string | [WireText] }
  | { role: 'assistant'; content: string | null; tool_calls?: WireToolCall[]; extra_content?: unknown }
  | {
      role: 'tool'
      content: string | [WireText]
      tool_call_id: string
      name: string
      cache_control?: CacheControl
    }

interface CacheControl {
  type: 'ephemeral'
}

export interface WireText {
  type: 'text'
  text: string
  cache_control: CacheControl
}

/** Where a mark of a tool message goes: LiteLLM reads it beside the content (inside, it makes a request that Claude refuses), OpenRouter
 *  inside. */
export type CacheMarks = 'beside-results' | 'in-results'

/** Which field a provider's reasoning came in, and what has to go back with it; the text is the part's own. */
export interface ReasoningOpaque {
  readonly field?: ReasoningField
  readonly details?: readonly unknown[]
}

export type ReasoningField = 'reasoning_content' | 'reasoning'

/** The session as the chat-completions protocol writes it (PROTOCOL 3.6). */
export function toWireMessages(
  system: string,
  messages: readonly Message[],
  to: Addressee,
  marks?: CacheMarks,
): WireMessage[] {
  const first: WireMessage[] = system === '' ? [] : [marked({ role: 'system', content: system }, marks)]
  const places = marks ? cachePlaces(messages) : undefined
  return [
    ...first,
    ...messages.map((message, place) => {
      const wire = toWireMessage(message, to)
      return places?.has(place) ? marked(wire, marks) : wire
    }),
  ]
}

/** A message without text cannot be marked: Claude refuses an empty text that is. */
function marked(message: WireMessage, marks: CacheMarks | undefined): WireMessage {
  const { content } = message
  if (!marks || message.role === 'assistant' || typeof content !== 'string' || content.trim() === '') return message
  const control = { type: 'ephemeral' } as const
  if (message.role === 'tool' && marks === 'beside-results') return { ...message, cache_control: control }
  return { ...message, content: [{ type: 'text', text: content, cache_control: control }] }
}

export function toWireMessage(message: Message, to: Addressee): WireMessage {
  switch (message.role) {
    case 'user':
      return { role: 'user', content: textOf(message.parts) }
    case 'assistant':
      return toAssistantMessage(message.parts, to)
    case 'tool': {
      const [result] = message.parts
      return { role: 'tool', content: result.text, tool_call_id: result.callId, name: result.tool }
    }
  }
}

function toAssistantMessage(parts: readonly AssistantPart[], to: Addressee): WireMessage {
  const text = textOf(parts)
  const calls = parts.flatMap((part) => (part.type === 'tool-call' ? [toWireToolCall(part, to)] : []))
  return {
    role: 'assistant',
    content: text === '' && calls.length > 0 ? null : text,
    ...reasoningFields(parts, to),
    ...extraContent(parts, to),
    ...(calls.length > 0 ? { tool_calls: calls } : {}),
  }
}

function toWireToolCall(part: Extract<Part, { type: 'tool-call' }>, to: Addressee): WireToolCall {
  const extra = opaqueFor(to, part.opaque)
  return {
    id: part.callId,
    type: 'function',
    function: { name: part.tool, arguments: part.argumentsJson },
    ...(extra === undefined ? {} : { extra_content: extra }),
  }
}

function reasoningFields(parts: readonly AssistantPart[], to: Addressee): Readonly<Record<string, unknown>> {
  const texts = new Map<string, string>()
  const details: unknown[] = []
  for (const part of parts) {
    if (part.type !== 'reasoning') continue
    const opaque = fieldsOf<keyof ReasoningOpaque>(opaqueFor(to, part.opaque))
    const field = textIn(opaque.field)
    if (field !== '') texts.set(field, (texts.get(field) ?? '') + part.text)
    if (Array.isArray(opaque.details)) details.push(...opaque.details)
  }
  return { ...Object.fromEntries(texts), ...(details.length > 0 ? { reasoning_details: details } : {}) }
}

function extraContent(parts: readonly AssistantPart[], to: Addressee): { extra_content?: unknown } {
  const found = parts
    .map((part) => (part.type === 'text' ? opaqueFor(to, part.opaque) : undefined))
    .findLast((value) => value !== undefined)
  return found === undefined ? {} : { extra_content: found }
}
