import type { TimelineEvent } from '@codelab/protocol'

/** A fact that is a text. */
export function say(event: TimelineEvent | undefined, name: string): string | undefined {
  const value = event?.facts[name]
  return typeof value === 'string' && value !== '' ? value : undefined
}

export function count(event: TimelineEvent, name: string): number | undefined {
  const value = event.facts[name]
  return typeof value === 'number' ? value : undefined
}

export function timeOf(event: TimelineEvent | undefined): number | undefined {
  return event && Date.parse(event.at)
}
