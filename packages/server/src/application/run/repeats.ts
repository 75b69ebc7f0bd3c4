import type { ToolCallPart } from '../../domain/message.ts'

/** The third time a call gives the same result the model is told, the fourth time it is stopped (RELIABILITY 3.2). */
export const noticedRepeats = 3
export const loopRepeats = 4

/** Counts, within one turn, how often the same call had the same result. Another result begins anew, so polling never counts. */
export class Repeats {
  readonly #last = new Map<string, { readonly text: string; readonly count: number }>()

  add(call: ToolCallPart, text: string): number {
    const key = `${call.tool} ${canonical(call.argumentsJson)}`
    const last = this.#last.get(key)
    const count = last?.text === text ? last.count + 1 : 1
    this.#last.set(key, { text, count })
    return count
  }
}

export function repeatNote(count: number): string {
  return `\n[This call has given the same result ${count} times. Do something else, or say what stands in the way.]`
}

/** Arguments as text that does not depend on the order of keys or on blanks. */
function canonical(json: string): string {
  try {
    return JSON.stringify(JSON.parse(json), sortKeys)
  } catch {
    return json
  }
}

function sortKeys(_: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)))
}
