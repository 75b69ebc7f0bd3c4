import type { CallItem } from '../../session/items.ts'

/** What a result says in a word. */
export type Summary =
  | { readonly kind: 'exit'; readonly code: number }
  | { readonly kind: 'matches' | 'entries' | 'lines'; readonly count: number }
  | { readonly kind: 'text'; readonly text: string }

/** A longer result is not read for its summary. */
const longestRead = 200_000

function readResult(result: string | undefined): Readonly<Record<string, unknown>> | undefined {
  if (result === undefined || result.length > longestRead || !result.startsWith('{')) return undefined
  try {
    return JSON.parse(result) as Record<string, unknown>
  } catch {
    return undefined
  }
}

export function summaryOf(call: CallItem): Summary | undefined {
  const result = readResult(call.result)
  if (call.state === 'failed') {
    const text = call.error ?? textOf(result?.['error']) ?? textOf(call.result)
    return text === undefined ? undefined : { kind: 'text', text: firstLine(text) }
  }
  if (!result) return undefined
  const { exit_code: code, matches, total_matches: totalMatches, total_count: total, items, content } = result
  if (typeof code === 'number') return { kind: 'exit', code }
  if (typeof totalMatches === 'number') return { kind: 'matches', count: totalMatches }
  if (Array.isArray(matches)) return { kind: 'matches', count: matches.length }
  if (typeof total === 'number') return { kind: 'entries', count: total }
  if (Array.isArray(items)) return { kind: 'entries', count: items.length }
  if (typeof content === 'string' && call.tool === 'read_file') {
    return { kind: 'lines', count: content.split('\n').length - (content.endsWith('\n') ? 1 : 0) }
  }
  return undefined
}

/** The output of a command, both streams; undefined for what has none. */
export function outputOf(call: CallItem): string | undefined {
  const result = readResult(call.result)
  if (!result) return undefined
  const parts = [result['stdout'], result['output'], result['stderr']].filter(
    (part) => typeof part === 'string' && part !== '',
  )
  if (parts.length > 0) return parts.join('\n')
  return typeof result['content'] === 'string' ? result['content'] : undefined
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

function firstLine(text: string): string {
  return (text.split('\n').find((line) => line.trim() !== '') ?? '').slice(0, 200)
}
