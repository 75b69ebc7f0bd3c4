import type { ConversationEvent, TurnEnd } from '../conversation/events.ts'
import type { LinePrinter } from './line-view.ts'
import type { Style } from './style.ts'
import { clean } from './text.ts'
import { Transcript } from './transcript.ts'
import { lostText } from './turn-view.ts'

/** The transcript as plain lines, nothing redrawn: for pipes, for `run`, for terminals that cannot move the cursor. */
export class PlainScreen implements LinePrinter {
  readonly transcript: Transcript
  readonly #write: (text: string) => void
  readonly #columns: () => number
  readonly #holdsAnswer: boolean
  readonly #style: Style
  #isLost = false
  #held: { agent: string; text: string } | undefined

  /** With `holdsAnswer` the last text of a turn is not printed: whoever made the screen prints it elsewhere. */
  constructor(options: { write: (text: string) => void; columns: () => number; style: Style; holdsAnswer?: boolean }) {
    this.#write = options.write
    this.#columns = options.columns
    this.#holdsAnswer = options.holdsAnswer ?? false
    this.#style = options.style
    this.transcript = new Transcript(options.style)
  }

  print(lines: readonly string[]): void {
    if (lines.length > 0) this.#write(`${lines.join('\n')}\n`)
  }

  notice(text: string): void {
    this.print(this.transcript.notice(text, this.#columns()))
  }

  show(event: ConversationEvent): void {
    if (this.#held && event.type !== 'turn.ended') {
      this.print(this.transcript.message(this.#held.agent, this.#held.text, this.#columns()))
      this.#held = undefined
    }
    if (event.type === 'message' && this.#holdsAnswer) this.#held = event
    else this.print(this.#linesOf(event, this.#columns()))
  }

  #linesOf(event: ConversationEvent, columns: number): readonly string[] {
    const { transcript } = this
    switch (event.type) {
      case 'agent.switched':
        return transcript.handover(event, columns)
      case 'message':
        return transcript.message(event.agent, event.text, columns)
      case 'call.finished':
        return transcript.call(event, columns)
      case 'call.rejected':
        return transcript.rejected(event, columns)
      case 'connection.lost':
        // Said once, at the first of the tries.
        if (this.#isLost) return []
        this.#isLost = true
        return transcript.notice(`${lostText(event)}. Trying again.`, columns)
      case 'connection.restored':
        this.#isLost = false
        return transcript.lines([`${this.#style.mark(this.#style.marks.done, 'ok')}connected again`])
      case 'notice':
        return transcript.notice(clean(event.text), columns)
      case 'steer.taken':
      case 'steer.own':
        return transcript.person(event.text, columns)
      case 'turn.ended':
        this.#held = undefined
        return this.#ended(event.end, columns)
      default:
        return []
    }
  }

  #ended(end: TurnEnd, columns: number): readonly string[] {
    const failure = end.failure && end.outcome !== 'cancelled' ? this.transcript.failure(end.failure, columns) : []
    return [...failure, ...this.transcript.turnEnd(end, columns)]
  }
}
