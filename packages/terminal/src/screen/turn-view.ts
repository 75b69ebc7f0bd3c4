import type { ConversationEvent, TurnEnd } from '../conversation/events.ts'
import { LiveAnswer } from './live-answer.ts'
import { RunningCalls } from './running-calls.ts'
import type { Style } from './style.ts'
import { clean } from './text.ts'
import type { Transcript } from './transcript.ts'

/** What a turn looks like while it runs: lines that are printed for good, and the rows that still move. Writes nothing itself. */
export class TurnView {
  readonly #style: Style
  readonly #transcript: Transcript
  readonly #running = new RunningCalls()
  #answer: LiveAnswer | undefined
  #tail: readonly string[] = []
  /** Whose name stands above the live answer and is not printed yet. */
  #opening: string | undefined
  #busySince: number | undefined
  #lost: { until: number; text: string } | undefined

  constructor(style: Style, transcript: Transcript) {
    this.#style = style
    this.#transcript = transcript
  }

  /** When the turn began; undefined when none runs. */
  get busySince(): number | undefined {
    return this.#busySince
  }

  /** The tool that runs; empty when none does. */
  get doing(): string {
    return this.#running.tool
  }

  /** Takes an event; gives the lines that it prints for good. */
  show(event: ConversationEvent, columns: number, now: number): readonly string[] {
    switch (event.type) {
      case 'turn.started':
        this.#busySince = now
        return []
      case 'agent.switched':
        return this.#transcript.handover(event, columns)
      case 'text.delta':
        return this.#delta(event.agent, event.text)
      case 'message':
        return this.#answer
          ? this.#flush(columns, event.text)
          : this.#transcript.message(event.agent, event.text, columns)
      case 'call.started':
        this.#running.start(event.call, now)
        return []
      case 'call.output':
        this.#running.output(event.callId, event.text)
        return []
      case 'call.finished':
        return this.#running.finish(event).flatMap((finished) => this.#transcript.call(finished, columns))
      case 'call.rejected':
        return this.#transcript.rejected(event, columns)
      case 'call.waits':
      case 'call.decided':
        return []
      case 'connection.lost':
        this.#lost = { until: now + event.nextTryMs, text: lostText(event) }
        return this.#flush(columns)
      case 'connection.restored':
        this.#lost = undefined
        return this.#transcript.lines([`${this.#style.mark(this.#style.marks.done, 'ok')}connected again`])
      case 'turn.ended':
        return this.#ended(event.end, columns)
      case 'notice':
        return this.#transcript.notice(clean(event.text), columns)
      case 'steer.taken':
        return this.#transcript.steered(event.text, columns)
      case 'steer.own':
        return this.#transcript.person(event.text, columns)
      case 'steer.dropped':
        return []
    }
  }

  /** Lines of the live answer that will not change any more. */
  advance(columns: number): readonly string[] {
    if (!this.#answer) return []
    const { lines, tail } = this.#answer.advance(this.#transcript.textWidth(columns))
    this.#tail = this.#transcript.answerLines(tail)
    return this.#opened(lines)
  }

  /** The rows that still move. */
  rows(columns: number, now: number): string[] {
    const style = this.#style
    const rows: string[] = []
    if (this.#tail.length > 0) {
      const last = `${this.#tail.at(-1) ?? ''}${style.paint('accent', style.marks.cursor)}`
      const opening = this.#opening === undefined ? [] : this.#transcript.openingOf(this.#opening)
      rows.push(...opening, ...this.#tail.slice(0, -1), last)
    }
    const running = this.#running.rows(columns, now, style, this.#transcript)
    if (running.length > 0) {
      if (rows.length > 0 || this.#transcript.needsBlank('call')) rows.push('')
      rows.push(...running)
    }
    if (this.#lost) {
      const seconds = Math.max(0, Math.ceil((this.#lost.until - now) / 1000))
      const text = `${this.#lost.text}. Next try in ${seconds} s`
      rows.push('', style.mark(style.turning(now), 'wait') + text)
    }
    return rows
  }

  #delta(agent: string, text: string): readonly string[] {
    if (!this.#answer && text.trim() === '') return []
    if (!this.#answer) this.#opening = agent
    this.#answer ??= new LiveAnswer(this.#style)
    this.#answer.push(text)
    return []
  }

  /** Lines of the live answer, with the name above the first of them. */
  #opened(lines: readonly string[]): readonly string[] {
    if (lines.length === 0) return []
    const opening = this.#opening === undefined ? [] : this.#transcript.openAnswer(this.#opening)
    this.#opening = undefined
    return [...opening, ...this.#transcript.answerLines(lines)]
  }

  /** What is left of the live answer; `full` is its whole text where the server has said it. */
  #flush(columns: number, full?: string): readonly string[] {
    const answer = this.#answer
    if (!answer) return []
    this.#answer = undefined
    this.#tail = []
    return this.#opened(answer.finish(this.#transcript.textWidth(columns), full))
  }

  #ended(end: TurnEnd, columns: number): readonly string[] {
    const lines = [...this.#flush(columns)]
    this.#lost = undefined
    this.#busySince = undefined
    lines.push(...this.#running.flush().flatMap((finished) => this.#transcript.call(finished, columns)))
    this.#running.clear()
    if (end.failure && end.outcome !== 'cancelled') lines.push(...this.#transcript.failure(end.failure, columns))
    return [...lines, ...this.#transcript.turnEnd(end, columns)]
  }
}

export function lostText({ goesOn }: Extract<ConversationEvent, { type: 'connection.lost' }>): string {
  return goesOn ? 'connection lost, the turn goes on in the server' : 'the server does not answer'
}
