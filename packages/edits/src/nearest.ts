import { trimmed, withoutIndent } from './whole-lines.ts'

/** The lines of a file that an old text most likely meant. */
export interface NearestRegion {
  /** Index of the first line, from 0. */
  readonly first: number
  readonly count: number
  /** The first line that is not as the old text has it. */
  readonly difference?: { readonly line: number; readonly wanted: string; readonly found: string }
}

const comparedLines = 20_000
const comparedCharacters = 200
const leastLikeness = 0.5

/** Undefined when nothing in the file is like it. */
export function nearestRegion(fileLines: readonly string[], wanted: readonly string[]): NearestRegion | undefined {
  const first = byEqualLines(fileLines, wanted) ?? byLikeLine(fileLines, wanted)
  if (first === undefined) return undefined
  const start = Math.max(0, first)
  const count = Math.min(wanted.length + Math.min(0, first), fileLines.length - start)
  if (count <= 0) return undefined
  const difference = firstDifference(fileLines, wanted, first)
  return { first: start, count, ...(difference ? { difference } : {}) }
}

/** Equal lines vote for where the text would begin; a line votes the more, the longer and the rarer it is. */
function byEqualLines(fileLines: readonly string[], wanted: readonly string[]): number | undefined {
  const places = new Map<string, number[]>()
  for (const line of wanted) if (withoutIndent(line).length > 2) places.set(withoutIndent(line), [])
  for (const [index, line] of fileLines.entries()) places.get(withoutIndent(line))?.push(index)
  const votes = new Map<number, number>()
  for (const [index, line] of wanted.entries()) {
    const bare = withoutIndent(line)
    const found = places.get(bare) ?? []
    for (const at of found.slice(0, 1000)) {
      votes.set(at - index, (votes.get(at - index) ?? 0) + bare.length / found.length)
    }
  }
  let best: number | undefined
  for (const [start, weight] of votes) {
    if (best === undefined || weight > (votes.get(best) ?? 0)) best = start
  }
  return best
}

/** The line that is most like the longest one that was wanted. */
function byLikeLine(fileLines: readonly string[], wanted: readonly string[]): number | undefined {
  const longest = wanted.reduce((best, line, index) => (line.length > (wanted[best]?.length ?? 0) ? index : best), 0)
  const pairs = pairsOf(wanted[longest] ?? '')
  if (pairs.size === 0) return undefined
  let best: { readonly at: number; readonly likeness: number } | undefined
  for (const [at, line] of fileLines.slice(0, comparedLines).entries()) {
    const likeness = likenessOf(pairs, pairsOf(line))
    if (likeness >= leastLikeness && likeness > (best?.likeness ?? 0)) best = { at, likeness }
  }
  return best && best.at - longest
}

function pairsOf(line: string): Set<string> {
  const text = withoutIndent(line).slice(0, comparedCharacters)
  const pairs = new Set<string>()
  for (let at = 0; at + 1 < text.length; at++) pairs.add(text.slice(at, at + 2))
  return pairs
}

/** Dice's coefficient of the pairs of characters: 1 for the same, 0 for nothing in common. */
function likenessOf(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  let shared = 0
  for (const pair of a) if (b.has(pair)) shared++
  return (2 * shared) / (a.size + b.size)
}

function firstDifference(fileLines: readonly string[], wanted: readonly string[], first: number) {
  for (const [index, line] of wanted.entries()) {
    const found = fileLines[first + index]
    if (found !== undefined && trimmed(found) !== trimmed(line)) return { line: first + index, wanted: line, found }
  }
  return undefined
}
