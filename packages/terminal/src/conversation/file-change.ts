import { diffWordsWithSpace, structuredPatch } from 'diff'

/** A change of one file, ready to be drawn. */
export interface FileChange {
  readonly added: number
  readonly removed: number
  readonly rows: readonly DiffRow[]
}

export type DiffRow =
  | { readonly kind: 'hunk'; readonly text: string }
  | { readonly kind: 'note'; readonly text: string }
  | {
      readonly kind: 'context' | 'added' | 'removed'
      readonly before: number | undefined
      readonly after: number | undefined
      readonly parts: readonly { readonly text: string; readonly changed: boolean }[]
    }

type LineRow = Extract<DiffRow, { before: number | undefined }>

const context = 3
const maxWordDiffLength = 2000
const maxPairs = 400
const minAlike = 0.4
const timeLimitMs = 1500

/** What changes between two texts, `before` null for a new file. Differences that take too long to find are shown as all out, all in. */
export function diffTexts(before: string | null, after: string): FileChange {
  // Where every line of both ends with CR LF, that is not part of what changes.
  const sameEnds = [before ?? after, after].every((text) => !/(^|[^\r])\n/.test(text))
  const [old, now] = sameEnds ? [before ?? '', after].map((text) => text.replace(/\r\n/g, '\n')) : [before ?? '', after]
  const patch = structuredPatch('', '', old ?? '', now ?? '', undefined, undefined, { context, timeout: timeLimitMs })
  const hunks = patch?.hunks ?? [wholeHunk(old ?? '', now ?? '')]
  const rows: DiffRow[] = []
  for (const hunk of hunks) {
    if (before !== null && before !== '') {
      rows.push({ kind: 'hunk', text: `@@ -${hunk.oldStart},${hunk.oldLines} +${hunk.newStart},${hunk.newLines} @@` })
    }
    rows.push(...readHunk(hunk))
  }
  const added = rows.filter((row) => row.kind === 'added').length
  const removed = rows.filter((row) => row.kind === 'removed').length
  if (rows.length === 0) rows.push({ kind: 'note', text: before === null ? 'an empty file' : 'nothing changes' })
  return { added, removed, rows: markWords(rows) }
}

interface Hunk {
  readonly oldStart: number
  readonly oldLines: number
  readonly newStart: number
  readonly newLines: number
  readonly lines: readonly string[]
}

function wholeHunk(before: string, after: string): Hunk {
  const old = before === '' ? [] : before.replace(/\n$/, '').split('\n')
  const now = after === '' ? [] : after.replace(/\n$/, '').split('\n')
  const lines = [...old.map((line) => `-${line}`), ...now.map((line) => `+${line}`)]
  return { oldStart: 1, oldLines: old.length, newStart: 1, newLines: now.length, lines }
}

function readHunk(hunk: Hunk): DiffRow[] {
  let before = hunk.oldStart
  let after = hunk.newStart
  return hunk.lines.map((line): DiffRow => {
    const parts = [{ text: line.slice(1), changed: false }]
    if (line.startsWith('+')) return { kind: 'added', before: undefined, after: after++, parts }
    if (line.startsWith('-')) return { kind: 'removed', before: before++, after: undefined, parts }
    if (line.startsWith('\\')) return { kind: 'note', text: 'no line break at the end of the file' }
    return { kind: 'context', before: before++, after: after++, parts }
  })
}

/** Where removed lines are followed by added ones, pairs the lines that are alike and marks the words in which they differ. */
function markWords(rows: readonly DiffRow[]): DiffRow[] {
  const marked = [...rows]
  for (let i = 0; i < marked.length; ) {
    const removed = runLength(marked, i, 'removed')
    const added = runLength(marked, i + removed, 'added')
    if (removed > 0 && removed * added <= maxPairs) markRun(marked, i, removed, added)
    i += Math.max(1, removed + added)
  }
  return marked
}

function markRun(rows: DiffRow[], start: number, removed: number, added: number): void {
  let next = start + removed
  for (let i = start; i < start + removed; i++) {
    let best: { at: number; pair: Pair } | undefined
    for (let at = next; at < start + removed + added; at++) {
      const pair = markPair(rows[i] as LineRow, rows[at] as LineRow)
      if (pair && (!best || pair.alike > best.pair.alike)) best = { at, pair }
    }
    if (!best) continue
    rows[i] = best.pair.removed
    rows[best.at] = best.pair.added
    next = best.at + 1
  }
}

function runLength(rows: readonly DiffRow[], from: number, kind: DiffRow['kind']): number {
  let length = 0
  while (rows[from + length]?.kind === kind) length++
  return length
}

interface Pair {
  readonly removed: LineRow
  readonly added: LineRow
  /** Share of the longer line that both have. */
  readonly alike: number
}

function markPair(removed: LineRow, added: LineRow): Pair | undefined {
  const before = removed.parts.map(({ text }) => text).join('')
  const after = added.parts.map(({ text }) => text).join('')
  if (before.length + after.length > maxWordDiffLength) return undefined
  const changes = diffWordsWithSpace(before, after)
  const kept = changes.filter((change) => !change.added && !change.removed).map(({ value }) => value.trim().length)
  const alike = kept.reduce((sum, length) => sum + length, 0) / Math.max(1, before.trim().length, after.trim().length)
  // Lines that share little are two different lines: marking nearly all of both says nothing.
  if (alike < minAlike) return undefined
  const side = (skip: 'added' | 'removed', is: 'added' | 'removed') =>
    changes
      .filter((change) => !change[skip])
      .map(({ value, [is]: changed }) => ({ text: value, changed: changed === true }))
  return {
    alike,
    removed: { ...removed, parts: side('added', 'removed') },
    added: { ...added, parts: side('removed', 'added') },
  }
}
