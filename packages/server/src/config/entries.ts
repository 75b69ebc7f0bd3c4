import type { Setting } from './settings.ts'
import { printable, withoutSecrets } from './shown.ts'
import type { ConfigEntry } from './types.ts'
import type { Found } from './variables.ts'

/** A setting for a report: `text` is what was set or the default, and leaves here only if it is no secret. */
export function entryOf(row: Setting<unknown>, winner: Found | undefined, text: string | undefined): ConfigEntry {
  const via = winner && winner.name !== row.name ? { via: winner.name } : {}
  return {
    name: row.name,
    value: text === undefined ? null : shownValue(row, text),
    source: winner?.place ?? 'default',
    ...via,
    about: row.about,
    ...(row.unused ? { unused: row.unused } : {}),
  }
}

function shownValue(row: Setting<unknown>, text: string): string {
  if (row.secret === 'whole') return described(text)
  return printable(row.secret === 'password' ? withoutSecrets(text) : text)
}

function described(secret: string): string {
  const lengths = secret.split(',').map((part) => part.trim().length)
  if (lengths.length === 1) return `set, ${lengths[0]} characters`
  return `set, ${lengths.length} keys of ${lengths.join(', ')} characters`
}
