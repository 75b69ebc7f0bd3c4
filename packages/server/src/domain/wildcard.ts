/** Whether the pattern covers all of the text; `*` is any text, also none. Takes time in proportion to both lengths, whatever they hold. */
export function matchesText(pattern: string, text: string): boolean {
  return matches([...pattern], [...text], '*', (piece, character) => piece === character)
}

/** Whether the pattern covers the normalised path: `**` is any number of folders, `*` and `?` stay within one. `*` alone is every path. */
export function matchesPath(pattern: string, path: string): boolean {
  if (pattern === '*' || pattern === '**') return true
  const wanted = pattern
    .replace(/^(?:\.\/)+/, '')
    .replace(/\/+$/, '/**')
    .split('/')
  return matches(wanted, path.split('/'), '**', matchesSegment)
}

function matchesSegment(pattern: string, name: string): boolean {
  return matches([...pattern], [...name], '*', (piece, character) => piece === '?' || piece === character)
}

/** One walk, back only to the last `many`: what stood before it is settled. */
function matches(
  pattern: readonly string[],
  given: readonly string[],
  many: string,
  same: (piece: string, item: string) => boolean,
): boolean {
  let at = 0
  let star = -1
  let resume = 0
  let index = 0
  while (index < given.length) {
    const piece = pattern[at]
    if (piece === many) {
      star = at++
      resume = index
    } else if (piece !== undefined && same(piece, given[index] ?? '')) {
      at++
      index++
    } else if (star >= 0) {
      at = star + 1
      index = ++resume
    } else return false
  }
  while (pattern[at] === many) at++
  return at === pattern.length
}
