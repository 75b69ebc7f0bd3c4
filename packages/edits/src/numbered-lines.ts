/** Lines as models are shown them: the number, a tab, the line. `first` is the number of the first. */
export function numberedLines(lines: readonly string[], first: number): string {
  return lines.map((line, index) => `${first + index}\t${line}`).join('\n')
}

/** "12", "12-14". */
export function rangeWords(first: number, last: number): string {
  return last > first ? `${first}-${last}` : `${first}`
}

/** "1, 5 and 9"; what is beyond the first twenty is counted. */
export function listWords(numbers: readonly number[]): string {
  const shown = numbers.slice(0, 20).map(String)
  const left = numbers.length - shown.length
  if (left > 0) return `${shown.join(', ')} and ${left} more`
  return shown.length < 2 ? shown.join('') : `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}`
}
