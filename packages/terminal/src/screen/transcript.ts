import type { Call, ConversationEvent, Failure, FinishedCall, TurnEnd } from '../conversation/events.ts'
import { callSubject, callSucceeded, commandOutput, lastLines } from './call-words.ts'
import type { Token } from './colours.ts'
import { renderCounts } from './diff.ts'
import { renderMarkdown } from './markdown.ts'
import type { Style } from './style.ts'
import { amount, clean, cut, duration, plural, spread, widthOf, wrap } from './text.ts'

type Kind = 'none' | 'story' | 'person' | 'handover' | 'text' | 'call' | 'failure' | 'end' | 'notice'

const maxTextWidth = 100
const durationWidth = 10
const failedOutputLines = 3

/** Turns what happens into lines that are printed for good, with the blank lines between them. */
export class Transcript {
  readonly #style: Style
  #last: Kind = 'none'
  #speaker: string | undefined

  readonly #hasCommands: boolean

  /** With `hasCommands` the slash commands of a chat are hinted at. */
  constructor(style: Style, options: { hasCommands?: boolean } = {}) {
    this.#style = style
    this.#hasCommands = options.hasCommands ?? false
  }

  /** Columns of running text. */
  textWidth(columns: number): number {
    return Math.min(columns, maxTextWidth) - this.#style.margin
  }

  person(text: string, columns: number): string[] {
    const prompt = this.#style.prompt
    const rows = clean(text)
      .split('\n')
      .flatMap((line) => wrap(line, this.textWidth(columns)))
    this.#speaker = undefined
    return this.#block(
      'person',
      rows.map((row, index) => this.#style.bold((index === 0 ? prompt : ' '.repeat(prompt.length)) + row).trimEnd()),
    )
  }

  /** What was said while the turn runs, at the place where the turn took it in. */
  steered(text: string, columns: number): string[] {
    const style = this.#style
    const label = `${style.prompt}steer  `
    const rows = wrap(clean(text).replace(/\n/g, ' '), this.textWidth(columns) - label.length - 8)
    this.#speaker = undefined
    const [first = '', ...rest] = rows.map((row, index) => style.bold((index === 0 ? label : '  ') + row))
    return this.#block('person', [spread(first, style.paint('dim', 'taken'), columns, style.marks.more), ...rest])
  }

  handover(event: Extract<ConversationEvent, { type: 'agent.switched' }>, columns: number): string[] {
    const style = this.#style
    const [from, to, reason] = [event.from, event.to, event.reason].map((text) => clean(text).replace(/\s+/g, ' '))
    const unsure = event.confidence === 'low' && this.#hasCommands ? '  /agent changes it' : ''
    const figures = `${event.confidence ? `${clean(event.confidence)}, ` : ''}${event.ms < 100 ? duration(event.ms) : `${(event.ms / 1000).toFixed(1)} s`}${unsure}`
    const names = `${style.paint('dim', `${style.indent}${from} ${style.marks.handover}`)} ${style.agent(to ?? '')}`
    const room = columns - widthOf(names) - widthOf(figures) - 4
    const shown = room < 8 ? '' : style.paint('dim', `  ${cut(reason ?? '', room, style.marks.more)}`)
    return this.#block('handover', [spread(names + shown, style.paint('dim', figures), columns, style.marks.more)])
  }

  /** What stands before an answer: a blank line, and the name of who speaks when it was somebody else before or a person in between. */
  openAnswer(agent: string): string[] {
    const lines = this.openingOf(agent)
    this.#speaker = agent
    this.#last = 'text'
    return lines
  }

  /** The same while it is not printed yet. */
  openingOf(agent: string): string[] {
    const before = this.needsBlank('text') ? [''] : []
    return this.#speaker === agent ? before : [...before, this.#style.agent(clean(agent))]
  }

  /** Lines of an answer in their place. */
  answerLines(lines: readonly string[]): string[] {
    return lines.map((line) => (line === '' ? '' : this.#style.indent + line))
  }

  message(agent: string, text: string, columns: number): string[] {
    return [...this.openAnswer(agent), ...this.answerLines(renderMarkdown(text, this.textWidth(columns), this.#style))]
  }

  call(finished: FinishedCall, columns: number): string[] {
    const { call, outcome, ms, change } = finished
    const { marks } = this.#style
    const ok = callSucceeded(finished)
    const summary = clean(outcome.summary).replace(/\s+/g, ' ')
    const wasStopped = /^(stopped|cancelled|interrupted)/i.test(summary)
    const [mark, token]: [string, Token] = wasStopped
      ? [marks.stopped, 'dim']
      : ok
        ? [marks.done, 'ok']
        : [marks.failed, 'bad']
    const result =
      ok && change ? renderCounts(change, this.#style) : this.#style.paint(ok || wasStopped ? 'dim' : 'bad', summary)
    const lines = [this.callLine(mark, token, call, result, duration(ms), columns)]
    const answer = call.tool === 'ask_followup_question' && outcome.ok ? outcome.result['answer'] : undefined
    if (typeof answer === 'string') lines.push(...this.#quoted(answer, columns))
    if (call.tool === 'execute_command' && !ok) {
      lines.push(...this.outputLines(lastLines(commandOutput(finished), failedOutputLines), columns))
    }
    return this.#block('call', lines)
  }

  rejected(event: Extract<ConversationEvent, { type: 'call.rejected' }>, columns: number): string[] {
    const style = this.#style
    const { marks } = style
    const result = style.paint('bad', `rejected by ${event.by}`)
    const lines = [this.callLine(marks.failed, 'bad', event.call, result, duration(event.ms), columns)]
    const feedback = clean(event.feedback).trim()
    if (feedback) lines.push(...this.#quoted(feedback, columns))
    this.#speaker = undefined
    return this.#block('call', lines)
  }

  #quoted(text: string, columns: number): string[] {
    const style = this.#style
    const [open, close] = style.ascii ? ['"', '"'] : ['“', '”']
    const rows = wrap(`${open}${clean(text).trim()}${close}`, this.textWidth(columns) - 2)
    return rows.map((row) => `${style.indent}  ${style.paint('dim', row)}`)
  }

  /** A failure: what happened, then what is kept and what to do. */
  failure(failure: Failure, columns: number): string[] {
    const style = this.#style
    const rows = wrap(clean(failure.message), this.textWidth(columns))
    const head = rows.map((row, index) =>
      style.paint('bad', (index === 0 ? style.marks.failed.padEnd(style.margin) : style.indent) + row),
    )
    const rest = [failure.hint, failure.requestId].filter((part) => part !== undefined)
    const body = rest.flatMap((part) => wrap(clean(part), this.textWidth(columns) - 2))
    return this.#block('failure', [...head, ...body.map((row) => style.paint('dim', `${style.indent}  ${row}`))])
  }

  /** One line about what the program does itself. */
  notice(text: string, columns: number): string[] {
    const rows = text.split('\n').flatMap((line) => (line === '' ? [''] : wrap(line, columns - this.#style.margin)))
    return this.#block(
      'notice',
      rows.map((row) => this.#style.paint('dim', `${this.#style.indent}${row}`)),
    )
  }

  /** A text of another program, line by line, cut and without what would draw. */
  plainLines(text: string, columns: number): string[] {
    return clean(text)
      .split('\n')
      .map((line) => cut(line, columns, this.#style.marks.more))
  }

  /** Words beside the chat, set apart from it by a mark. */
  narrated(text: string, columns: number): string[] {
    const mark = this.#style.paint('accent', this.#style.marks.output)
    const rows = wrap(text, this.textWidth(columns))
    this.#speaker = undefined
    return this.#block(
      'story',
      rows.map((row) => `${mark} ${this.#style.bold(row)}`),
    )
  }

  /** Lines of calls that are made already. */
  calls(lines: readonly string[]): string[] {
    return this.#block('call', lines)
  }

  /** Lines that are made already. */
  lines(lines: readonly string[]): string[] {
    return this.#block('notice', lines)
  }

  turnEnd(end: TurnEnd, columns: number): string[] {
    const style = this.#style
    if (end.outcome === 'cancelled') {
      const line = spread(
        `${style.mark(style.marks.stopped)}stopped by you`,
        duration(end.ms),
        columns,
        style.marks.more,
      )
      return this.#block('end', [style.paint('dim', line)])
    }
    if (end.outcome !== 'completed') return []
    return this.#block('end', [
      ...this.#changesLine(end.changes, columns),
      ...this.#checksLine(end.checks, columns),
      ...turnLines(end, columns, style).map((line) => style.paint('dim', line)),
    ])
  }

  #changesLine(changes: TurnEnd['changes'], columns: number): string[] {
    const style = this.#style
    const [first] = changes
    if (!first) return []
    const total = changes.reduce(
      (sum, { added, removed }) => ({ added: sum.added + added, removed: sum.removed + removed }),
      { added: 0, removed: 0 },
    )
    const names = changes.map(({ path }) => clean(path)).join(', ')
    const what = changes.length === 1 ? names : `${plural(changes.length, 'file')}`
    const list = changes.length === 1 ? '' : `  ${names}`
    const hint = this.#hasCommands ? style.paint('dim', '     /diff   /undo') : ''
    const head = `${style.indent}${style.paint('dim', 'changed')}  ${what}  ${renderCounts(total, style)}`
    const room = columns - widthOf(head) - widthOf(hint)
    const middle = room > 8 ? cut(list, room, style.marks.more) : ''
    return [cut(head + middle + (room < 0 ? '' : hint), columns, style.marks.more)]
  }

  #checksLine(checks: TurnEnd['checks'], columns: number): string[] {
    const style = this.#style
    if (checks.length === 0) return []
    const shown = checks.map(({ command, isGood }) => {
      const mark = isGood ? style.paint('ok', style.marks.done) : style.paint('bad', style.marks.failed)
      return `${mark} ${cut(clean(command), 40, style.marks.more)}`
    })
    return [cut(`${style.indent}${style.paint('dim', 'checks')}   ${shown.join('   ')}`, columns, style.marks.more)]
  }

  /** Mark, tool, subject; the result and the time at the right edge. */
  callLine(mark: string, token: Token, call: Call, result: string, time: string, columns: number): string {
    const style = this.#style
    const figures = result ? `${result}${style.paint('dim', time.padStart(durationWidth))}` : style.paint('dim', time)
    const subject = callSubject(call)
    const head = `${style.mark(mark, token)}${clean(call.tool)}`
    const room = columns - widthOf(head) - widthOf(figures) - 3
    const left = subject && room > 3 ? `${head} ${style.paint('dim', cut(subject, room, style.marks.more))}` : head
    return spread(left, figures, columns, style.marks.more)
  }

  /** Output of a command, under its line. */
  outputLines(lines: readonly string[], columns: number): string[] {
    const style = this.#style
    const reset = style.hasColour ? '\u001b[0m' : ''
    return lines.map((line) => {
      const text = clean(line, { colour: style.hasColour }).replace(/\t/g, '    ')
      const end = text.includes('\u001b') ? reset : ''
      return `${style.indent}${style.paint('dim', style.marks.output)} ${cut(text, columns - style.margin - 2, style.marks.more)}${end}`
    })
  }

  /** Whether the next lines of this kind would stand apart from what was printed last. */
  needsBlank(kind: Kind): boolean {
    if (this.#last === 'none') return false
    return this.#last !== kind || kind === 'person' || kind === 'text' || kind === 'handover' || kind === 'story'
  }

  #block(kind: Kind, lines: readonly string[]): string[] {
    if (lines.length === 0) return []
    const before = this.needsBlank(kind) ? [''] : []
    this.#last = kind
    return [...before, ...lines]
  }
}

/** `3 reads  orders.ts, limits.ts`, for reads that run together. */
export function readsTitle(calls: readonly Call[]): string {
  const names = calls.map((call) => callSubject(call).split('/').at(-1) ?? '')
  return `${plural(calls.length, 'read')}  ${names.join(', ')}`
}

/** Time and tokens; on two lines where one is too short. */
function turnLines(end: TurnEnd, columns: number, style: Style): string[] {
  const waited = end.waitedMs >= 100 ? `, of it ${duration(end.waitedMs)} waiting for you` : ''
  const cached = end.usage && end.usage.cached > 0 ? ` (${amount(end.usage.cached)} cached)` : ''
  const tokens = end.usage ? [`${amount(end.usage.input + end.usage.output)} tokens${cached}`] : []
  const parts = [`turn ${duration(end.ms)}${waited}`, ...tokens]
  const line = style.indent + parts.join('   ')
  const rows = widthOf(line) <= columns ? [line] : parts.map((part) => style.indent + part)
  return rows.map((row) => cut(row, columns, style.marks.more))
}
