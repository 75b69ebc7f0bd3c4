import type { CommandSegment, CommandWord } from './command-line.ts'
import { normalisePath, protectedPath } from './paths.ts'
import { matchesText } from './wildcard.ts'

/** A command that only reads, as data. */
export interface ReadOnlyCommand {
  /** Its first words: `git log`. */
  readonly command: string
  /** As a rule would name it; left out: its first words, then anything. */
  readonly shown?: string
  /** Options with which it does more than that; a long one stands for all that begin with it, and for all it begins with. */
  readonly never?: readonly string[]
  /** The only arguments with which it just reads, as an expression over all of them. */
  readonly only?: RegExp
  /** Most arguments that are no options: a further one would be a file that it writes. */
  readonly operands?: number
  /** Its first argument that is no option is text to look for. `all`: every argument is text. */
  readonly text?: 'first' | 'all'
  /** It reads every file below a folder, so that the files are to be named. */
  readonly recursive?: readonly string[]
}

/** Options and words with which a program does more than its name says. */
export interface RiskyUse {
  /** Its name, and the first argument that is no option where the risk lies in that one. */
  readonly command: string
  /** Only with one of these. */
  readonly options?: readonly string[]
  /** Only with such arguments. */
  readonly line?: RegExp
  /** Half a sentence: "it runs a program for each file". */
  readonly reason: string
}

/** What is known of commands: data of the catalogue. */
export interface CommandKnowledge {
  readonly readOnly: readonly ReadOnlyCommand[]
  readonly risky: readonly RiskyUse[]
}

/** Where a command would go beyond the workspace, or to what is protected. */
export interface CommandReach {
  readonly outside: boolean
  readonly secrets: boolean
  /** It would write where nothing may be written. */
  readonly closed: boolean
}

/** The row by which a command only reads files of the workspace; undefined when there is none. */
export function readOnlyRow(
  knowledge: CommandKnowledge,
  segment: CommandSegment,
  cwd: string | undefined,
): ReadOnlyCommand | undefined {
  const words = withoutPagerOption(segment.words)
  if (segment.writes.some((path) => path !== '/dev/null')) return undefined
  return knowledge.readOnly.find((row) => {
    const names = row.command.split(' ')
    if (!names.every((name, index) => words[index]?.text === name)) return false
    // A folder can hold settings that make a query of it run programs.
    if (names[0] === 'git' && cwd !== undefined) return false
    return onlyReads(row, words.slice(names.length), segment)
  })
}

function onlyReads(row: ReadOnlyCommand, args: readonly CommandWord[], segment: CommandSegment): boolean {
  const texts = args.map((word) => word.text)
  if (row.only) return row.only.test(texts.join(' ')) && !texts.some((text) => /\s/.test(text))
  if (usesOption(texts, row.never ?? [])) return false
  const operands = texts.filter((text) => !isOption(text))
  if (row.operands !== undefined && operands.length > row.operands) return false
  if (row.recursive && usesOption(texts, row.recursive) && !namesFiles(texts)) return false
  const files = row.text === 'all' ? [] : fileWords(row, args)
  const reach = reachOf([...files, ...segment.reads.map(plainWord)])
  return !reach.outside && !reach.secrets && !files.some(mayMeetKey)
}

/** All words but the text that is looked for. Where an option could have brought that text, every word counts. */
function fileWords(row: ReadOnlyCommand, args: readonly CommandWord[]): readonly CommandWord[] {
  if (row.text !== 'first' || args.some(({ text }) => /^-(?!-)\w*[ef]|^--[frt]/.test(text))) return args
  const first = args.findIndex(({ text }) => !isOption(text))
  return args.filter((_, index) => index !== first)
}

/** `--include=*.ts`: only files of such names, and none that holds keys. */
function namesFiles(texts: readonly string[]): boolean {
  const names = texts.flatMap((text) => /^--include=(.*)$/.exec(text)?.[1] ?? [])
  return names.length > 0 && names.every((name) => /^\*\.\w+$/.test(name) && !isSecret(name.replace('*', 'x')))
}

/** What risk there is in a command that no rule takes away; half a sentence for a person. */
export function riskOf(knowledge: CommandKnowledge, { words }: CommandSegment): string | undefined {
  const [program = '', ...args] = words.map((word) => word.text)
  const name = baseName(program)
  const use = knowledge.risky.find((row) => {
    const [rowName, first] = row.command.split(' ')
    if (rowName !== name || (first !== undefined && args.find((text) => !isOption(text)) !== first)) return false
    if (row.line && !row.line.test(args.join(' '))) return false
    return row.options === undefined || usesOption(args, row.options)
  })
  return use?.reason
}

/** Looks at every word as if it were a path, also behind `=` and `:` and at an option. */
export function reachOf(words: readonly CommandWord[]): CommandReach {
  let outside = false
  let secrets = false
  let closed = false
  for (const word of words) {
    for (const piece of piecesOf(word.text)) {
      if (piece === '/dev/null') continue
      outside ||= /^[/~]/.test(piece) || /^[A-Za-z]:[\\/]/.test(piece) || leaves(piece)
      secrets ||= isSecret(piece) || (word.glob && /(?:^|\/)\.[^/]*[*?[]/.test(piece))
      closed ||= protectedPath(piece, 'write') === 'refuse'
    }
  }
  return { outside, secrets, closed }
}

function piecesOf(text: string): string[] {
  const pieces = [text, ...text.split(/[=:,@]/)]
  // A value that stands at its option: `-f.env`, `-I../x`.
  const glued = /^-[^./~-][^./~]*([./~].*)$/.exec(text)?.[1]
  if (glued !== undefined) pieces.push(glued)
  return pieces.map((piece) => piece.replaceAll('\\', '/')).filter((piece) => piece !== '')
}

function leaves(piece: string): boolean {
  if (!/(?:^|\/)\.\.(?:\/|$)/.test(piece)) return false
  return !normalisePath(piece).ok
}

function isSecret(piece: string): boolean {
  return protectedPath(piece.replace(/\/+$/, ''), 'read') === 'ask'
}

const keyNames = ['x.pem', 'x.key', 'x.p12', 'x.pfx', 'x.ppk', 'x.jks', 'x.keystore', 'x.kdbx', 'id_rsa', 'id_ed25519']

/** Whether a wildcard could stand for a private key too. */
function mayMeetKey({ text, glob }: CommandWord): boolean {
  if (!glob) return false
  const last = (text.split('/').at(-1) ?? '').replace(/\[[^\]]*\]?|\?/g, '*')
  return keyNames.some((name) => matchesText(last, name))
}

/** Whether one of the options is used: in full, shortened, glued to a value or to other letters. */
function usesOption(texts: readonly string[], options: readonly string[]): boolean {
  return texts.some((text) => isOption(text) && options.some((option) => isUse(text, option)))
}

function isUse(text: string, option: string): boolean {
  if (option.startsWith('--')) {
    const [name = ''] = text.split('=')
    return name.startsWith('--') && name !== '--' && (option.startsWith(name) || name.startsWith(option))
  }
  // `-exec` is one option to find.
  if (option.length > 2) return text === option
  return !text.startsWith('--') && text.includes(option.slice(1))
}

function isOption(text: string): boolean {
  return text.startsWith('-') && text !== '-'
}

/** `git --no-pager log` is `git log`. */
function withoutPagerOption(words: readonly CommandWord[]): readonly CommandWord[] {
  const [program, option, ...rest] = words
  return program?.text === 'git' && option?.text === '--no-pager' ? [program, ...rest] : words
}

/** `/usr/bin/env` is `env`. */
function baseName(program: string): string {
  return (program.split(/[\\/]/).at(-1) ?? '').toLowerCase().replace(/\.(?:exe|cmd|bat|com)$/, '')
}

function plainWord(text: string): CommandWord {
  return { text, quoted: false, glob: false }
}
