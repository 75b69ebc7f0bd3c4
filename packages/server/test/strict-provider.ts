import type { Message } from '../src/domain/message.ts'

/** What strict providers ask for: each call answered once, right behind its message, in order; nothing else of role tool; no empty text. */
export function refusedBecause(messages: readonly Message[]): string | undefined {
  let expected: string[] = []
  for (const message of messages) {
    if (message.role === 'tool') {
      if (expected.shift() !== message.parts[0].callId) return 'a result out of place'
      continue
    }
    if (expected.length > 0) return 'a call without result'
    if (message.role === 'assistant') {
      if (message.parts.length === 0) return 'an empty answer'
      expected = message.parts.flatMap((part) => (part.type === 'tool-call' ? [part.callId] : []))
    }
  }
  return expected.length > 0 ? 'a call without result' : undefined
}
