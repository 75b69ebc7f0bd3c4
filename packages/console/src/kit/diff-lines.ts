import { diffWordsWithSpace, parsePatch } from 'diff'

/** A piece of a line; `isChanged`: another word than in the line it took the place of. */
export interface Piece {
  readonly text: string
  readonly isChanged: boolean
}

export interface DiffLine {
  readonly kind: 'same' | 'add' | 'del'
  readonly before: number | undefined
  readonly after: number | undefined
  readonly pieces: readonly Piece[]
}

export interface Hunk {
  readonly head: string
  readonly lines: readonly DiffLine[]
}

export interface FileDiff {
  readonly hunks: readonly Hunk[]
  readonly added: number
  readonly removed: number
}

/** Beyond this the words of a line are not compared: it would take longer than it tells. */
const longestCompared = 500

/** A unified diff as lines to draw. What cannot be read has no hunks. */
export function readDiff(text: string): FileDiff {
  const hunks: Hunk[] = []
  let added = 0
  let removed = 0
  for (const file of parse(text)) {
    for (const hunk of file.hunks.filter(({ oldStart }) => Number.isFinite(oldStart))) {
      const lines: DiffLine[] = []
      let before = hunk.oldStart
      let after = hunk.newStart
      for (const line of hunk.lines) {
        const text = line.slice(1)
        const pieces = [{ text, isChanged: false }]
        if (line.startsWith('+')) {
          added++
          lines.push({ kind: 'add', before: undefined, after: after++, pieces })
        } else if (line.startsWith('-')) {
          removed++
          lines.push({ kind: 'del', before: before++, after: undefined, pieces })
        } else if (line.startsWith(' ') || line === '') {
          lines.push({ kind: 'same', before: before++, after: after++, pieces })
        }
      }
      const head = `@@ -${hunk.oldStart},${hunk.oldLines} +${hunk.newStart},${hunk.newLines} @@`
      hunks.push({ head, lines: markWords(lines) })
    }
  }
  return { hunks, added, removed }
}

function parse(text: string) {
  try {
    return parsePatch(text)
  } catch {
    return []
  }
}

/** Marks the changed words where as many lines came as went. */
function markWords(lines: readonly DiffLine[]): readonly DiffLine[] {
  const marked = [...lines]
  let start = 0
  while (start < marked.length) {
    const gone = run(marked, start, 'del')
    const come = run(marked, start + gone, 'add')
    if (gone > 0 && gone === come) {
      for (let i = start; i < start + gone; i++) markPair(marked, i, i + gone)
    }
    start += Math.max(1, gone + come)
  }
  return marked
}

function run(lines: readonly DiffLine[], from: number, kind: DiffLine['kind']): number {
  let end = from
  while (lines[end]?.kind === kind) end++
  return end - from
}

function markPair(lines: DiffLine[], gone: number, come: number): void {
  const [old, young] = [lines[gone], lines[come]]
  const [before, after] = [old?.pieces[0]?.text ?? '', young?.pieces[0]?.text ?? '']
  if (!old || !young || before.length > longestCompared || after.length > longestCompared) return
  const parts = diffWordsWithSpace(before, after)
  const kept = parts
    .filter((part) => !part.added && !part.removed)
    .reduce((sum, part) => sum + part.value.trim().length, 0)
  // Two lines that share little are two lines, not one that was changed.
  if (kept * 3 < Math.min(before.trim().length, after.trim().length)) return
  const pieces = (side: 'added' | 'removed') =>
    parts
      .filter((part) => part[side] || (!part.added && !part.removed))
      .map((part) => ({ text: part.value, isChanged: part[side] === true }))
  lines[gone] = { ...old, pieces: pieces('removed') }
  lines[come] = { ...young, pieces: pieces('added') }
}
