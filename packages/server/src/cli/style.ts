/** How much a stream may show: colours, only bold (NO_COLOR), or plain text. */
export type StyleLevel = 'colour' | 'bold' | 'plain'

/** The colour tokens of the terminal's look, in 16 colours, so that the person's own theme stays. `width` is what text is wrapped to. */
export interface Style {
  readonly width: number
  readonly bold: Paint
  readonly underline: Paint
  readonly dim: Paint
  readonly accent: Paint
  readonly wait: Paint
  readonly ok: Paint
  readonly bad: Paint
}

export type Paint = (text: string) => string

/** What `styleFor` needs to know of a stream; `process.stdout` and `process.stderr` have it. */
export interface Screen {
  readonly isTTY?: boolean
  readonly columns?: number
}

const WIDEST = 100
const NARROWEST = 40
const DEFAULT_WIDTH = 80

export function createStyle(level: StyleLevel, width: number = DEFAULT_WIDTH): Style {
  const paint = (open: number, close: number): Paint => {
    const allowed = level === 'colour' || (level === 'bold' && open === 1)
    return (text) => (allowed && text !== '' ? `\u001b[${open}m${text}\u001b[${close}m` : text)
  }
  return {
    width: Math.max(NARROWEST, Math.min(WIDEST, width)),
    bold: paint(1, 22),
    underline: paint(4, 24),
    dim: paint(90, 39),
    accent: paint(34, 39),
    wait: paint(33, 39),
    ok: paint(32, 39),
    bad: paint(31, 39),
  }
}

export function styleFor(screen: Screen, env: NodeJS.ProcessEnv): Style {
  return createStyle(levelOf(screen, env), screen.columns || DEFAULT_WIDTH)
}

function levelOf(screen: Screen, env: NodeJS.ProcessEnv): StyleLevel {
  const forced = env['FORCE_COLOR'] !== undefined && !['', '0', 'false'].includes(env['FORCE_COLOR'])
  if (env['TERM'] === 'dumb' || !(screen.isTTY || forced)) return 'plain'
  return env['NO_COLOR'] === undefined || env['NO_COLOR'] === '' ? 'colour' : 'bold'
}
