import { agentColours, backgrounds, type Colour, type Token, tokens } from './colours.ts'

/** How much colour a terminal gets. `none`: no sequence at all; `bold`: bold for names and nothing else. */
export type ColourDepth = 'none' | 'bold' | '16' | '256' | 'true'

export interface Marks {
  readonly person: string
  readonly running: readonly string[]
  readonly done: string
  readonly failed: string
  readonly waits: string
  readonly stopped: string
  readonly handover: string
  readonly cursor: string
  readonly rule: string
  readonly output: string
  readonly dot: string
  readonly minus: string
  readonly more: string
  readonly logo: readonly [string, string, string, string]
}

const unicode: Marks = {
  person: '>',
  running: ['◐', '◓', '◑', '◒'],
  done: '✓',
  failed: '✗',
  waits: '‖',
  stopped: '○',
  handover: '→',
  cursor: '▌',
  rule: '─',
  output: '│',
  dot: '·',
  minus: '−',
  more: '…',
  logo: ['━━━━━━', '━━━━  ', '━━ ', '●'],
}

const ascii: Marks = {
  person: '>',
  running: ['*', '+', 'x', '+'],
  done: 'ok',
  failed: '!!',
  waits: '??',
  stopped: '--',
  handover: '->',
  cursor: '_',
  rule: '-',
  output: '|',
  dot: '|',
  minus: '-',
  more: '..',
  logo: ['======', '====  ', '== ', '*'],
}

export interface StyleOptions {
  readonly depth: ColourDepth
  readonly ascii?: boolean
  readonly light?: boolean
  /** One mark that does not turn and a clock that moves every 5 s. */
  readonly reducedMotion?: boolean
}

/** The looks of everything that is written: marks, colours, margin. */
export class Style {
  readonly marks: Marks
  readonly ascii: boolean
  readonly reducedMotion: boolean
  /** Columns left of the text; the mark stands in them. */
  readonly margin: number
  readonly #depth: ColourDepth
  readonly #light: boolean

  constructor(options: StyleOptions) {
    this.ascii = options.ascii ?? false
    this.reducedMotion = options.reducedMotion ?? false
    this.marks = this.ascii ? ascii : unicode
    this.margin = this.ascii ? 3 : 2
    this.#depth = options.depth
    this.#light = options.light ?? false
  }

  get indent(): string {
    return ' '.repeat(this.margin)
  }

  /** What stands before the words of a person. */
  get prompt(): string {
    return `${this.marks.person} `
  }

  get hasColour(): boolean {
    return this.#depth !== 'none' && this.#depth !== 'bold'
  }

  /** The same style on a light or dark ground. */
  on(ground: 'light' | 'dark'): Style {
    const { ascii: plain, reducedMotion } = this
    return new Style({ depth: this.#depth, ascii: plain, reducedMotion, light: ground === 'light' })
  }

  /** Without colour and signs that a screen reader would spell out. */
  spoken(): Style {
    return new Style({ depth: 'none', ascii: true, reducedMotion: true })
  }

  paint(token: Token, text: string): string {
    if (!this.hasColour || text === '') return text
    return `${this.#open(tokens[token], 38)}${text}\u001b[39m`
  }

  bold(text: string): string {
    return this.#depth === 'none' || text === '' ? text : `\u001b[1m${text}\u001b[22m`
  }

  italic(text: string): string {
    return this.hasColour && text !== '' ? `\u001b[3m${text}\u001b[23m` : text
  }

  reverse(text: string): string {
    return this.#depth === 'none' ? text : `\u001b[7m${text}\u001b[27m`
  }

  /** Code inside a sentence: a colour where there is one, else quotes. */
  code(text: string): string {
    return this.hasColour ? this.paint('accent', text) : `\`${text}\``
  }

  agent(name: string, text = name): string {
    const colour = agentColours[name] ?? agentColours['other']
    return this.hasColour && colour ? this.bold(`${this.#open(colour, 38)}${text}\u001b[39m`) : this.bold(text)
  }

  /** A part of an added or removed line; `changed` words stand out of it. */
  diff(kind: 'added' | 'removed', text: string, changed = false): string {
    if (!this.hasColour || text === '') return text
    if (this.#depth === '16') {
      const coloured = this.paint(kind === 'added' ? 'ok' : 'bad', text)
      return changed ? `\u001b[4m${coloured}\u001b[24m` : coloured
    }
    return `${this.#open(backgrounds[changed ? (`${kind}-word` as const) : kind], 48)}${text}\u001b[49m`
  }

  /** A mark in its two columns (three in ASCII). */
  mark(mark: string, token?: Token): string {
    const padded = mark.padEnd(this.margin)
    return token ? this.paint(token, padded) : padded
  }

  /** The mark that turns, 8 times a second. */
  turning(ms: number): string {
    const { running, dot } = this.marks
    if (this.reducedMotion) return this.ascii ? '*' : '●'
    return running[Math.floor(ms / 125) % running.length] ?? dot
  }

  #open(colour: Colour, plane: 38 | 48): string {
    if (this.#depth === '16') return `\u001b[${plane === 38 ? colour.basic : colour.basic + 10}m`
    const [hex, index] = this.#light ? colour.light : colour.dark
    if (this.#depth === '256') return `\u001b[${plane};5;${index}m`
    const value = Number.parseInt(hex.slice(1), 16)
    return `\u001b[${plane};2;${value >> 16};${(value >> 8) & 255};${value & 255}m`
  }
}

export type ColourFlag = 'auto' | 'always' | 'never'
type Environment = Readonly<Record<string, string | undefined>>

/** How much colour a stream gets: the flag first, then NO_COLOR and FORCE_COLOR, then what the terminal says of itself. */
export function chooseDepth(flag: ColourFlag, env: Environment, isTerminal: boolean): ColourDepth {
  const dumb = env['TERM'] === 'dumb'
  const forced = flag === 'always' || (flag === 'auto' && Boolean(env['FORCE_COLOR']) && env['FORCE_COLOR'] !== '0')
  if (flag === 'never' || (flag !== 'always' && env['NO_COLOR'])) return isTerminal && !dumb ? 'bold' : 'none'
  if (!forced && (!isTerminal || dumb)) return 'none'
  if (/^(truecolor|24bit)$/.test(env['COLORTERM'] ?? '') || env['WT_SESSION'] || env['FORCE_COLOR'] === '3')
    return 'true'
  return /256|direct|kitty|ghostty|alacritty/.test(env['TERM'] ?? '') || env['FORCE_COLOR'] === '2' ? '256' : '16'
}

/** Whether the locale says that the terminal does not read UTF-8. */
export function needsAscii(env: Environment, platform: string): boolean {
  const locale = env['LC_ALL'] || env['LC_CTYPE'] || env['LANG']
  if (!locale) return platform === 'linux'
  return !/utf-?8/i.test(locale)
}
