import type { Message } from '../../../domain/message.ts'

/** After which messages a provider that is told so keeps what it has read; the system text is one more. A provider looks back from each for
 *  what an earlier request left, so the ends of this request and of the one before are marked, and the beginning of the turn. */
export function cachePlaces(messages: readonly Message[]): ReadonlySet<number> {
  const newestAnswer = messages.findLastIndex(({ role }) => role === 'assistant')
  const places = [
    messages.findLastIndex(({ role }) => role === 'user'),
    messages.findLastIndex(({ role }, place) => role !== 'assistant' && place < newestAnswer),
    messages.length - 1,
  ]
  return new Set(places.filter((place) => place >= 0 && messages[place]?.role !== 'assistant'))
}
