/** Where a text begins in another, overlapping places too. Linear in both lengths whatever they hold (Knuth, Morris, Pratt). */
export function occurrences(text: string, wanted: string): number[] {
  const found: number[] = []
  if (wanted === '' || wanted.length > text.length) return found
  const borders = bordersOf(wanted)
  let matched = 0
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    while (matched > 0 && wanted.charCodeAt(matched) !== code) matched = borders[matched - 1] ?? 0
    if (wanted.charCodeAt(matched) === code) matched++
    if (matched === wanted.length) {
      found.push(at - wanted.length + 1)
      matched = borders[matched - 1] ?? 0
    }
  }
  return found
}

/** For each beginning of the text, the length of the longest shorter beginning that is also its end. */
function bordersOf(wanted: string): Int32Array {
  const borders = new Int32Array(wanted.length)
  let length = 0
  for (let at = 1; at < wanted.length; at++) {
    const code = wanted.charCodeAt(at)
    while (length > 0 && wanted.charCodeAt(length) !== code) length = borders[length - 1] ?? 0
    if (wanted.charCodeAt(length) === code) length++
    borders[at] = length
  }
  return borders
}
