import { cleanValue } from '../../domain/text.ts'
import type { Mends } from './mends.ts'

/** A field that holds JSON: as a text, as a text within a text, or read already. Undefined when it cannot be read. */
export function jsonOf(field: unknown): unknown {
  let value = field
  for (let depth = 0; depth < 2 && typeof value === 'string'; depth++) {
    try {
      value = JSON.parse(value)
    } catch {
      return undefined
    }
  }
  return value
}

export function recordOf(field: unknown): Readonly<Record<string, unknown>> | undefined {
  const value = jsonOf(field)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  return cleanValue(value) as Record<string, unknown>
}

export function textIn(record: Readonly<Record<string, unknown>> | undefined, ...names: readonly string[]) {
  for (const name of names) {
    const value = record?.[name]
    if (typeof value === 'string' && value !== '') return value
  }
  return undefined
}

/** Reads times of a session; one that cannot be read is that of the row before. */
export class Times {
  readonly #mends: Mends
  #last: number

  constructor(mends: Mends, first: string | null, otherwise: number) {
    this.#mends = mends
    this.#last = otherwise
    this.#last = this.read(first)
  }

  /** The last one that was read. */
  get last(): number {
    return this.#last
  }

  read(text: string | null): number {
    const at = timeOf(text)
    if (at === undefined) this.#mends.add('time_unreadable')
    else if (!at.hasZone) this.#mends.add('time_without_zone')
    this.#last = at?.ms ?? this.#last
    return this.#last
  }
}

const parts = /^(\d{4}-\d{2}-\d{2})[ T](\d{2}:\d{2}:\d{2})(?:[.,](\d{1,9}))?\s*(Z|UTC|[+-]\d{2}(?::?\d{2})?)?$/i

/** `2026-11-22 19:44:26.272542`, with T or a space, with a zone or, as the Python service wrote it, without: then it is UTC. */
export function timeOf(text: string | null): { readonly ms: number; readonly hasZone: boolean } | undefined {
  const found = parts.exec(text?.trim() ?? '')
  if (!found) return undefined
  const [, day = '', clock = '', fraction = '', zone] = found
  const ms = Date.parse(`${day}T${clock}.${fraction.padEnd(3, '0').slice(0, 3)}${isoZone(zone)}`)
  return Number.isNaN(ms) ? undefined : { ms, hasZone: zone !== undefined }
}

function isoZone(zone: string | undefined): string {
  if (zone === undefined || /^(z|utc)$/i.test(zone)) return 'Z'
  const digits = zone.slice(1).replace(':', '').padEnd(4, '0')
  return `${zone[0]}${digits.slice(0, 2)}:${digits.slice(2)}`
}
