import type { Style } from './style.ts'
import { clean, spread, widthOf } from './text.ts'

export interface Status {
  readonly agent: string
  readonly model: string
  readonly session: string
  /** `ctx 12%`; empty when nobody said how much the model can read. */
  readonly context: string
  /** What the person has switched on, for example that edits are accepted; empty for nothing. */
  readonly mode: string
  /** What happens now, ready to be drawn; at the right edge. */
  readonly now: string
}

/** Agent, model, context, session, and at the right what happens now. Where it is narrow the session goes first, then the model. */
export function statusLine(status: Status, columns: number, style: Style): string {
  const separator = ` ${style.marks.dot} `
  const agent = status.agent === 'orchestrator' ? 'auto' : clean(status.agent)
  const mode = status.mode === '' ? '' : separator + status.mode
  const others = [clean(status.model), status.session].filter((part) => part !== '')
  const context = status.context === '' ? '' : separator + status.context
  const fits = (count: number) =>
    widthOf([` ${agent}${mode}${context}`, ...others.slice(0, count)].join(separator)) + widthOf(status.now) + 2 <=
    columns
  let shown = columns < 60 ? 0 : others.length
  while (shown > 0 && !fits(shown)) shown--
  const [model = '', session = ''] = others.slice(0, shown).map((part) => separator + part)
  const left = ` ${style.agent(status.agent === 'orchestrator' ? 'auto' : agent, agent)}${style.paint('accent', mode)}${style.paint('dim', model + context + session)}`
  return spread(left, status.now, columns, style.marks.more)
}

export function rule(columns: number, style: Style): string {
  return style.paint('dim', style.marks.rule.repeat(columns))
}

/** What happens now, for the right end of the status line. */
export function whatHappens(
  state: {
    readonly note: string | undefined
    readonly waits: boolean
    readonly busySince: number | undefined
    /** The tool that runs, or what the turn does otherwise; empty for the model. */
    readonly doing: string
  },
  now: number,
  style: Style,
): string {
  const { note, waits, busySince, doing } = state
  if (note !== undefined) return style.paint('dim', note)
  if (waits) return style.paint('wait', `${style.marks.waits} waits for you`)
  if (busySince === undefined) return style.paint('dim', 'ready')
  const step = style.reducedMotion ? 5000 : 1000
  const seconds = (Math.floor((now - busySince) / step) * step) / 1000
  return `${style.paint('accent', style.turning(now))} ${style.paint('dim', `${doing === '' ? '' : `${clean(doing)} ${style.marks.dot} `}${seconds} s  Ctrl-C stops`)}`
}
