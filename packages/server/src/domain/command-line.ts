/** One word of a command as a shell would hand it over. */
export interface CommandWord {
  readonly text: string
  /** Some of it was quoted or escaped. */
  readonly quoted: boolean
  /** A shell would put file names in its place. */
  readonly glob: boolean
}

/** A simple command: a program and its arguments. */
export interface CommandSegment {
  readonly words: readonly CommandWord[]
  /** Its words with a space between them, those in quotes that need them: what rules are matched on. */
  readonly text: string
  /** Files that its input comes from. */
  readonly reads: readonly string[]
  /** Files that its output goes to. */
  readonly writes: readonly string[]
}

/** A command line, read as a POSIX shell reads it. What is not plainly a row of simple commands is not understood: every hazard is half a
 *  sentence for a person, and stands for "do not rely on the segments alone". */
export interface CommandLine {
  readonly segments: readonly CommandSegment[]
  readonly hazards: readonly string[]
}

/** Longer ones are not read. */
const longestCommand = 16_384
const mostSegments = 100

const hazard = {
  long: 'it is too long to be read',
  characters: 'it contains invisible or unusual characters',
  quote: 'a quote is never closed',
  continued: 'it goes on after a line break',
  substitution: 'it puts the output of another command into itself',
  variable: 'it contains a variable',
  group: 'it contains a group, a function or a subshell',
  hereDocument: 'it contains a here-document',
  comment: 'it contains a comment',
  redirection: 'it writes into a file',
  assignment: 'it sets a variable',
  globOption: 'a file name in place of a wildcard could be taken for an option',
  braces: 'it contains a brace expansion',
  home: 'it names a home folder',
  keyword: 'it is a script',
  empty: 'a part of it is empty',
  hiddenName: 'the name of a program is quoted or escaped',
  wildcardName: 'a wildcard stands for a program',
} as const

const keywords: ReadonlySet<string> = new Set(
  '! { } [[ ]] case coproc do done elif else esac fi for function if in select then time until while'.split(' '),
)

// Bidirectional and zero-width characters, all controls but the tab and the line break, all spaces but the plain one.
const unusual = /[\p{Cf}\p{Co}\p{Cn}\p{Zl}\p{Zp}]|(?![\t\n])\p{Cc}|(?! )\p{Zs}|[\u115f\u1160\u3164\uffa0\u2800]/u

export function readCommandLine(text: string): CommandLine {
  if (text.length > longestCommand) return { segments: [], hazards: [hazard.long] }
  const reader = new Reader(text.trim())
  if (!text.isWellFormed() || unusual.test(text)) reader.hazards.add(hazard.characters)
  reader.read()
  return { segments: reader.segments, hazards: [...reader.hazards] }
}

class Reader {
  readonly segments: CommandSegment[] = []
  readonly hazards = new Set<string>()
  readonly #text: string
  #at = 0
  #words: CommandWord[] = []
  #reads: string[] = []
  #writes: string[] = []
  /** Where the next word goes to, after a redirection. */
  #target: string[] | undefined

  constructor(text: string) {
    this.#text = text
  }

  read(): void {
    while (this.#at < this.#text.length && this.segments.length < mostSegments) this.#next()
    if (this.#at < this.#text.length) this.hazards.add(hazard.long)
    // A separator at the very end is no part of its own.
    const open = this.#words.length > 0 || this.#target !== undefined || this.segments.length === 0
    if (open || !/[;&\n]$/.test(this.#text)) this.#endSegment()
  }

  #next(): void {
    const character = this.#peek()
    if (character === ' ' || character === '\t') this.#at++
    else if (character === '\n' || character === ';' || character === '&' || character === '|') this.#separator()
    else if (character === '<' || character === '>') this.#redirection('')
    else if (character === '(' || character === ')') this.#hazardous(hazard.group, 1)
    else if (character === '#') this.#comment()
    else this.#word()
  }

  #separator(): void {
    const operator = /^(?:&&|\|\||&>>?|[;&|\n])/.exec(this.#text.slice(this.#at, this.#at + 3))?.[0] ?? ''
    this.#at += operator.length
    // Bash sends both outputs there; for other shells it ends the command, and what follows is another one.
    if (operator.startsWith('&>')) {
      this.hazards.add(hazard.redirection)
      this.#target = this.#writes
      return
    }
    this.#endSegment()
    if (operator === '\n' || operator === '&&' || operator === '||' || operator === '|') this.#skipBlank()
  }

  #skipBlank(): void {
    while (this.#at < this.#text.length && /[ \t\n]/.test(this.#peek())) this.#at++
  }

  #redirection(descriptor: string): void {
    const [operator = ''] = /^(?:<<<|<<-?|<>|<&|>>|>&|>\||[<>])/.exec(this.#text.slice(this.#at, this.#at + 3)) ?? []
    this.#at += operator.length
    if (this.#target !== undefined) this.hazards.add(hazard.empty)
    if (operator.startsWith('<<')) this.hazards.add(hazard.hereDocument)
    else if (this.#peek() === '(') this.hazards.add(hazard.substitution)
    else if (operator === '>&' || operator === '<&') this.#duplicate(descriptor)
    else this.#target = operator === '<' ? this.#reads : this.#writes
  }

  /** `2>&1` only joins two outputs; any other form is a file. */
  #duplicate(descriptor: string): void {
    const joined = /^(?:[12]|-)(?=[\s;&|]|$)/.exec(this.#text.slice(this.#at, this.#at + 2))
    if (joined && /^[12]?$/.test(descriptor)) this.#at += joined[0].length
    else this.#target = this.#writes
  }

  #comment(): void {
    this.hazards.add(hazard.comment)
    const end = this.#text.indexOf('\n', this.#at)
    this.#at = end < 0 ? this.#text.length : end
  }

  #word(): void {
    const word = readWord(this.#text, this.#at)
    for (const found of word.hazards) this.hazards.add(found)
    this.#at = word.end
    const { text, quoted } = word
    const following = this.#peek()
    if (!quoted && /^\d+$/.test(text) && (following === '<' || following === '>')) {
      // Of more digits than one, some shells make an argument.
      if (text.length > 1) this.hazards.add(hazard.redirection)
      this.#redirection(text)
      return
    }
    if (this.#target) {
      if (word.glob) this.hazards.add(hazard.redirection)
      this.#target.push(text)
      this.#target = undefined
      return
    }
    if (this.#words.length === 0) this.#checkName(word)
    else if (word.glob && /^(?:[*?[]|[-+][^=]*[*?[])/.test(text)) this.hazards.add(hazard.globOption)
    this.#words.push({ text, quoted, glob: word.glob })
  }

  #checkName({ text, quoted, glob }: Word): void {
    if (quoted) this.hazards.add(hazard.hiddenName)
    if (glob) this.hazards.add(hazard.wildcardName)
    if (keywords.has(text)) this.hazards.add(hazard.keyword)
    if (/^[A-Za-z_]\w*(?:\[[^\]]*\])?\+?=/.test(text)) this.hazards.add(hazard.assignment)
  }

  #endSegment(): void {
    if (this.#target !== undefined || this.#words.length === 0) this.hazards.add(hazard.empty)
    if (this.#writes.some((path) => path !== '/dev/null')) this.hazards.add(hazard.redirection)
    if (this.#words.length > 0 || this.#writes.length > 0) {
      const text = this.#words.map(quote).join(' ')
      this.segments.push({ words: this.#words, text, reads: this.#reads, writes: this.#writes })
    }
    this.#words = []
    this.#reads = []
    this.#writes = []
    this.#target = undefined
  }

  #hazardous(found: string, length: number): void {
    this.hazards.add(found)
    this.#at += length
  }

  #peek(): string {
    return this.#text.charAt(this.#at)
  }
}

interface Word extends CommandWord {
  readonly end: number
  readonly hazards: readonly string[]
}

/** Reads from `start` to the first blank or operator outside quotes. */
function readWord(line: string, start: number): Word {
  const hazards: string[] = []
  let text = ''
  let quoted = false
  let glob = false
  let at = start
  while (at < line.length && !/[ \t\n;&|<>()]/.test(line.charAt(at))) {
    const character = line.charAt(at)
    if (character === "'" || character === '"') {
      const part = character === "'" ? readSingle(line, at) : readDouble(line, at)
      hazards.push(...part.hazards)
      text += part.text
      at = part.end
      quoted = true
      continue
    }
    if (character === '\\') {
      const escaped = line.charAt(at + 1)
      if (escaped === '\n' || escaped === '') hazards.push(hazard.continued)
      text += escaped
      at += 2
      quoted = true
      continue
    }
    hazards.push(...plainHazards(line, at, start))
    if (/[*?\]]/.test(character)) glob ||= character !== ']' || text.includes('[')
    text += character
    at++
  }
  return { text, quoted, glob, end: at, hazards }
}

function plainHazards(line: string, at: number, start: number): string[] {
  const character = line.charAt(at)
  if (character === '`') return [hazard.substitution]
  if (character === '$') return dollarHazards(line, at, true)
  if (character === '~' && (at === start || /[=:]/.test(line.charAt(at - 1)))) return [hazard.home]
  // `{}` and `HEAD@{1}` are words to every shell.
  if (character === '{' && !/^\{[\w-]*\}/.test(line.slice(at, at + 64))) return [hazard.braces]
  // Some shells put the path of a program there.
  if (character === '=' && at === start) return [hazard.substitution]
  return []
}

function dollarHazards(line: string, at: number, unquoted: boolean): string[] {
  const following = line.charAt(at + 1)
  if (following === '(') return [hazard.substitution]
  if (/[\w{[@*#?$!-]/.test(following) || (unquoted && /['"]/.test(following))) return [hazard.variable]
  return []
}

function readSingle(line: string, start: number) {
  const end = line.indexOf("'", start + 1)
  if (end < 0) return { text: line.slice(start + 1), end: line.length, hazards: [hazard.quote] }
  return { text: line.slice(start + 1, end), end: end + 1, hazards: [] }
}

function readDouble(line: string, start: number) {
  const hazards: string[] = []
  let text = ''
  for (let at = start + 1; at < line.length; at++) {
    const character = line.charAt(at)
    const following = line.charAt(at + 1)
    if (character === '"') return { text, end: at + 1, hazards }
    if (character === '`') hazards.push(hazard.substitution)
    if (character === '$') hazards.push(...dollarHazards(line, at, false))
    if (character === '\\' && following === '\n') hazards.push(hazard.continued)
    if (character === '\\' && /["\\$`]/.test(following)) {
      text += following
      at++
    } else text += character
  }
  return { text, end: line.length, hazards: [...hazards, hazard.quote] }
}

/** The word as it would have to be typed; a wildcard that still is one stays bare. */
function quote({ text, quoted, glob }: CommandWord): string {
  if (text !== '' && /^[\w@%+=:,./^{}~!#\-\u0080-\u{10ffff}]*$/u.test(text)) return text
  if (glob && !quoted && /^[\w@%+=:,./^{}*?[\]!-]*$/.test(text)) return text
  return `'${text.replaceAll("'", "'\\''")}'`
}
