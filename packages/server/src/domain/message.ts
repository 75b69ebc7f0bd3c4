import { maskSecrets } from './secrets.ts'

/** Something only its provider understands: a thinking signature, a thought signature, a reasoning item. Kept as JSON text, byte for
 *  byte, and sent back unchanged to the same provider and model family; left out for any other. Without it thinking models refuse the
 *  second step of a tool turn. */
export interface Opaque {
  readonly provider: string
  readonly family: string
  readonly json: string
}

export interface TextPart {
  readonly type: 'text'
  readonly text: string
  /** What a model reads instead: with keys masked. Absent, there were none. */
  readonly masked?: string
  readonly opaque?: Opaque
}

/** Facts from the client that go before a person's text: what changed since the model was told. Nobody typed it, so it is not shown. */
export interface NotePart {
  readonly type: 'note'
  readonly text: string
  readonly masked?: string
}

/** What the model thought. Shown only to clients that asked; sent back only with its opaque value. */
export interface ReasoningPart {
  readonly type: 'reasoning'
  readonly text: string
  readonly opaque?: Opaque
}

export interface ToolCallPart {
  readonly type: 'tool-call'
  /** As the provider gave it; renamed only on collision within the session. */
  readonly callId: string
  readonly tool: string
  /** JSON text of an object, byte for byte as the model wrote it (prefix caches depend on it). */
  readonly argumentsJson: string
  readonly opaque?: Opaque
}

export interface ToolResultPart {
  readonly type: 'tool-result'
  readonly callId: string
  readonly tool: string
  /** The text the model reads. */
  readonly text: string
  /** What it reads instead: with keys masked. Absent, there were none. */
  readonly masked?: string
}

export type AssistantPart = TextPart | ReasoningPart | ToolCallPart
export type Part = AssistantPart | ToolResultPart | NotePart

/** One message of a session as a model is given it. A `tool` message has exactly one part. */
export type Message =
  | { readonly role: 'user'; readonly parts: readonly TextPart[] }
  | { readonly role: 'assistant'; readonly parts: readonly AssistantPart[] }
  | { readonly role: 'tool'; readonly parts: readonly [ToolResultPart] }

/** The text of a message: its text parts, joined. */
export function textOf(parts: readonly Part[]): string {
  return parts.map((part) => (part.type === 'text' ? part.text : '')).join('')
}

export function toolCallsOf(parts: readonly Part[]): ToolCallPart[] {
  return parts.filter((part) => part.type === 'tool-call')
}

/** What a model reads of a text. */
export function readable(part: TextPart | NotePart | ToolResultPart): string {
  return part.masked ?? part.text
}

/** The parts with keys masked for models, where there are any. */
export function withMasks<P extends Part>(parts: readonly P[], salt: string): readonly P[] {
  return parts.map((part) => {
    if (part.type !== 'text' && part.type !== 'note' && part.type !== 'tool-result') return part
    const masked = maskSecrets(part.text, salt)
    return masked === part.text ? part : { ...part, masked }
  })
}
