const FARTHEST = 3

/** The candidate that was most likely meant by `word`, if one is near: at most three edits, and no more than half of it. */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  const short = word.slice(0, 100)
  let best: { candidate: string; edits: number } | undefined
  for (const candidate of candidates) {
    const edits = distance(short.toLowerCase(), candidate.toLowerCase())
    const allowed = Math.min(FARTHEST, Math.max(1, Math.floor(Math.max(short.length, candidate.length) / 2)))
    if (edits <= allowed && (!best || edits < best.edits)) best = { candidate, edits }
  }
  return best?.candidate
}

/** Levenshtein: insertions, deletions and replacements from `a` to `b`. */
function distance(a: string, b: string): number {
  let above = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (const [row, letter] of [...a].entries()) {
    const line = [row + 1]
    for (let column = 1; column <= b.length; column++) {
      const replaced = (above[column - 1] ?? 0) + (letter === b[column - 1] ? 0 : 1)
      line.push(Math.min(replaced, (above[column] ?? 0) + 1, (line[column - 1] ?? 0) + 1))
    }
    above = line
  }
  return above[b.length] ?? 0
}
