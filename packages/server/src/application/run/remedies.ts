import { RuntimeError } from '../../domain/errors.ts'
import type { AssistantPart, Message } from '../../domain/message.ts'

/** What a request is sent once more with, after a provider refused it. */
export type Remedy = 'references' | 'no-opaque'

/** Shorter results are left as they are: a reference would not be smaller. */
const worthReplacing = 200

/** The remedy for a refusal, if there is one. Whether it changes anything, `applyRemedy` says. */
export function remedyFor(error: RuntimeError): Remedy | undefined {
  if (error.code === 'context_too_long') return 'references'
  return error.details['opaqueRefused'] === true ? 'no-opaque' : undefined
}

/** The messages as the remedy makes them; undefined when that is what they are already, so that sending them again is no use. */
export function applyRemedy(messages: readonly Message[], remedy: Remedy): readonly Message[] | undefined {
  const changed = remedy === 'references' ? withReferences(messages) : messages.map(withoutOpaque)
  return changed.every((message, place) => message === messages[place]) ? undefined : changed
}

/** Results before those of the newest answer become one line each. */
function withReferences(messages: readonly Message[]): readonly Message[] {
  const newest = messages.findLastIndex((message) => message.role === 'assistant')
  return messages.map((message, place) => {
    if (message.role !== 'tool' || place > newest) return message
    const [result] = message.parts
    if (result.text.length <= worthReplacing) return message
    const text = `[The result of ${result.tool}, ${result.text.length} characters, is left out to save room. Call it again if you need it.]`
    return { ...message, parts: [{ ...result, text }] }
  })
}

function withoutOpaque(message: Message): Message {
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
