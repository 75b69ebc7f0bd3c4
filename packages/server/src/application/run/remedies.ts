import { RuntimeError } from '../../domain/errors.ts'
import type { AssistantPart, Message } from '../../domain/message.ts'

/** What a request is sent once more with, after a provider refused it. */
export type Remedy = 'shorter' | 'no-opaque'

/** The remedy for a refusal, if there is one. */
export function remedyFor(error: RuntimeError): Remedy | undefined {
  if (error.code === 'context_too_long') return 'shorter'
  return error.details['opaqueRefused'] === true ? 'no-opaque' : undefined
}

/** The messages without what only their provider understands; undefined when there is nothing of it. */
export function withoutOpaque(messages: readonly Message[]): readonly Message[] | undefined {
  const changed = messages.map(plainMessage)
  return changed.every((message, place) => message === messages[place]) ? undefined : changed
}

function plainMessage(message: Message): Message {
  if (message.role !== 'assistant' || message.parts.every((part) => !('opaque' in part))) return message
  const parts = message.parts.flatMap((part): AssistantPart[] => {
    const { opaque, ...plain } = part
    // Thoughts are of use only to whoever can check them.
    return plain.type === 'reasoning' && opaque ? [] : [plain]
  })
  return { ...message, parts }
}

export function contextTooLong(error: RuntimeError): RuntimeError {
  const text =
    'the conversation is longer than the model can read. Start a new session, or choose a model with a larger context'
  return new RuntimeError('context_too_long', `LLM request failed: ${text}`, { cause: error, details: error.details })
}
