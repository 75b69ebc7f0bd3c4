import { wrong } from './tool-arguments.ts'

export interface Program {
  readonly file: string
  readonly args: readonly string[]
  readonly usesShell: boolean
}

/** Operators, expansions, globs, a comment, a home folder, an assignment before the command. */
const shellSyntax = /[|&;<>$`()\n*?[\]]|(?:^|\s)[~#!]|^\s*\w+=/

/** Words that only a shell can carry out. */
const shellWords = new Set(
  '. : alias cd command eval exec exit export hash kill read readonly return set shift source times trap type ulimit umask unalias unset wait'.split(
    ' ',
  ),
)

/**
 * How a command line is run. Models nearly always send one line and rarely set `shell`, so a line with shell syntax goes to
 * `/bin/sh -c` even when `shell` is false: a person approved exactly this text, and taken as plain words it would do something
 * else than it says. Without shell syntax the words are run directly. Throws ToolError for a line that is none.
 */
export function programOf(command: string, shell: boolean): Program {
  const line = command.trim()
  if (line === '') throw wrong('"command" is empty.')
  if (line.includes('\0')) throw wrong('"command" contains a NUL character.')
  if (!shell && !shellSyntax.test(line)) {
    const [file, ...args] = splitWords(line)
    if (file !== undefined && file !== '' && !shellWords.has(file)) return { file, args, usesShell: false }
  }
  return { file: '/bin/sh', args: ['-c', line], usesShell: true }
}

/** Splits into words as a POSIX shell does: single and double quotes, backslash. Throws ToolError for a quote that never closes. */
export function splitWords(line: string): string[] {
  const words: string[] = []
  let word: string | undefined
  let quote: '"' | "'" | undefined
  for (let at = 0; at < line.length; at++) {
    const character = line.charAt(at)
    const following = line.charAt(at + 1)
    if (quote !== undefined) {
      if (character === quote) quote = undefined
      else if (quote === '"' && character === '\\' && /["\\$`]/.test(following)) word = (word ?? '') + line.charAt(++at)
      else word = (word ?? '') + character
    } else if (character === '"' || character === "'") {
      quote = character
      word ??= ''
    } else if (/\s/.test(character)) {
      if (word !== undefined) words.push(word)
      word = undefined
    } else if (character === '\\' && following !== '') word = (word ?? '') + line.charAt(++at)
    else word = (word ?? '') + character
  }
  if (quote !== undefined) throw wrong(`"command" has a ${quote} that is never closed.`)
  if (word !== undefined) words.push(word)
  return words
}
