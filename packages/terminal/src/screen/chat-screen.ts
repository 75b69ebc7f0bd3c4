import type { ConversationEvent } from '../conversation/events.ts'
import type { PromptOptions } from '../prompt/prompt.ts'
import { ChatInput, type ChatInputHandlers, type InputState, type WaitingRow } from './chat-input.ts'
import type { ChatView } from './chat-view.ts'
import type { Dialog } from './dialog.ts'
import { type Keyboard, type KeySource, openKeyboard } from './keyboard.ts'
import type { Key } from './keys.ts'
import { type Cursor, LiveArea, type Output, sizeOf } from './live-area.ts'
import { rule, statusLine, whatHappens } from './status-line.ts'
import type { Style } from './style.ts'
import { suspendProcess, windowTitle } from './terminal-window.ts'
import { Transcript } from './transcript.ts'
import { TurnView } from './turn-view.ts'

export interface ChatScreenOptions extends Omit<ChatInputHandlers, 'onSubmit'> {
  readonly input: KeySource
  readonly output: Output & {
    on?(event: 'resize', listener: () => void): unknown
    off?(event: 'resize', listener: () => void): unknown
  }
  readonly style: Style
  readonly now: () => number
  /** Ctrl-C. */
  readonly onInterrupt: () => void
  /** The terminal has gone. */
  readonly onEnd: () => void
  /** Name of the window while it waits for a person. */
  readonly title: string
  readonly prompt: Omit<PromptOptions, 'onChange'>
}

const drawDelayMs = 33
const tickMs = 125
const noteMs = 4000
const groundMs = 100

/** The interactive screen: what is said goes into the terminal's own scrollback, the rows at the bottom are redrawn. */
export class ChatScreen implements ChatView {
  readonly #options: ChatScreenOptions
  readonly #live: LiveArea
  readonly #keyboard: Keyboard
  readonly #input: ChatInput
  readonly #onResize = () => this.#draw()
  #style: Style
  #transcript: Transcript
  #turn: TurnView
  #dialog: Dialog | undefined
  #settleMessage: ((text: string | undefined) => void) | undefined
  #note: { text: string; until: number } | undefined
  #status = { agent: 'orchestrator', model: '', session: '', mode: '', context: '' }
  /** Rows of something that runs beside the turn. */
  #running: ((now: number) => readonly string[]) | undefined
  #drawTimer: NodeJS.Timeout | undefined
  #tickTimer: NodeJS.Timeout | undefined
  #isOn = false
  #hasFocus = true

  constructor(options: ChatScreenOptions) {
    this.#options = options
    this.#input = new ChatInput(
      { ...options.prompt, onChange: () => this.#drawSoon() },
      { ...options, onSubmit: (text) => this.#submit(text), note: (text) => this.note(text) },
    )
    this.#style = options.style
    this.#transcript = new Transcript(options.style, { hasCommands: true })
    this.#turn = new TurnView(options.style, this.#transcript)
    this.#live = new LiveArea(options.output)
    const handlers = { onKey: (key: Key) => this.#key(key), onEnd: () => options.onEnd() }
    this.#keyboard = openKeyboard(options.input, options.output, handlers)
  }

  get style(): Style {
    return this.#style
  }

  get columns(): number {
    return sizeOf(this.#options.output).columns
  }

  get transcript(): Transcript {
    return this.#transcript
  }

  /** Takes the terminal; asks it for its ground where colours depend on that. */
  async start(): Promise<void> {
    this.#keyboard.start()
    this.#options.output.on?.('resize', this.#onResize)
    const ground = this.#style.hasColour ? await this.#keyboard.askGround(groundMs) : undefined
    if (ground === 'light') {
      this.#style = this.#style.on('light')
      this.#transcript = new Transcript(this.#style, { hasCommands: true })
      this.#turn = new TurnView(this.#style, this.#transcript)
    }
    this.#isOn = true
  }

  /** Gives the terminal back, the cursor below what was printed. */
  stop(): void {
    this.#isOn = false
    clearTimeout(this.#drawTimer)
    clearInterval(this.#tickTimer)
    this.#options.output.off?.('resize', this.#onResize)
    this.#live.clear()
    this.#keyboard.stop()
  }

  setStatus(status: Partial<{ agent: string; model: string; session: string; mode: string; context: string }>): void {
    this.#status = { ...this.#status, ...status }
    this.#drawSoon()
  }

  /** What was said and has reached nobody yet; shown above the line. */
  setWaiting(rows: readonly WaitingRow[]): void {
    this.#input.setWaiting(rows)
    this.#drawSoon()
  }

  /** What stands in the line. */
  get draft(): string {
    return this.#input.text
  }

  set draft(text: string) {
    this.#input.setText(text)
    this.#draw()
  }

  /** Shows rows that move while something else than a turn runs. */
  showRunning(rows: (now: number) => readonly string[]): { end(): void } {
    this.#running = rows
    this.#tick()
    this.#draw()
    return {
      end: () => {
        this.#running = undefined
        this.#draw()
      },
    }
  }

  /** Lines for good, above the live rows. */
  print(lines: readonly string[]): void {
    if (!this.#isOn) {
      this.#live.print(lines)
      return
    }
    const waiting = this.#turn.advance(this.columns)
    const { rows, cursor } = this.#rows()
    this.#live.print([...waiting, ...lines], rows, cursor)
  }

  person(text: string): void {
    this.print(this.#transcript.person(text, this.columns))
  }

  notice(text: string): void {
    this.print(this.#transcript.notice(text, this.columns))
  }

  /** A short word in the status line. */
  note(text: string): void {
    this.#note = { text, until: this.#options.now() + noteMs }
    this.#tick()
    this.#draw()
  }

  show(event: ConversationEvent): void {
    if (event.type === 'turn.ended') this.#note = undefined
    if (event.type === 'agent.switched') this.#status = { ...this.#status, agent: event.to }
    const lines = this.#turn.show(event, this.columns, this.#options.now())
    if (this.#turn.busySince !== undefined) this.#tick()
    if (lines.length > 0 || event.type === 'turn.ended') this.print(lines)
    else this.#drawSoon()
  }

  /** The next message; undefined when the person leaves. */
  readMessage(): Promise<string | undefined> {
    return new Promise((resolve) => {
      this.#settleMessage = resolve
      this.#draw()
    })
  }

  /** Lets a waiting `readMessage` end as if the person had left. */
  endReading(): void {
    this.#submit(undefined)
  }

  /** Empties the line; whether there was something in it. */
  clearLine(): boolean {
    const hadText = !this.#input.isEmpty
    this.#input.setText('')
    this.#draw()
    return hadText
  }

  ask<T>(make: (settle: (answer: T) => void) => Dialog, cancelled: T, signal: AbortSignal): Promise<T> {
    if (signal.aborted) return Promise.resolve(cancelled)
    return new Promise((resolve) => {
      const onAbort = () => settle(cancelled)
      const settle = (answer: T) => {
        if (this.#dialog !== dialog) return
        this.#dialog = undefined
        signal.removeEventListener('abort', onAbort)
        this.#announce(false)
        resolve(answer)
        this.#drawSoon()
      }
      const dialog = make(settle)
      this.#dialog = dialog
      signal.addEventListener('abort', onAbort, { once: true })
      this.#announce(dialog.waits)
      this.#tick()
      this.#draw()
    })
  }

  async lend<T>(work: () => Promise<T>): Promise<T> {
    this.#live.clear()
    this.#isOn = false
    this.#keyboard.stop()
    try {
      return await work()
    } finally {
      this.#keyboard.start()
      this.#isOn = true
      this.#draw()
    }
  }

  #key(key: Key): void {
    if (key.name === 'focus' || key.name === 'blur') this.#hasFocus = key.name === 'focus'
    else if (key.ctrl && key.name === 'c') this.#options.onInterrupt()
    else if (key.ctrl && key.name === 'z') this.#suspend()
    else if (key.ctrl && key.name === 'l') this.#redraw()
    else if (this.#dialog?.key(key, this.#options.now(), this.#input.isEmpty)) this.#draw()
    else {
      this.#input.key(key, this.#inputState)
      this.#draw()
    }
  }

  get #inputState(): InputState {
    return { isIdle: this.#settleMessage !== undefined && !this.#dialog, hasDialog: this.#dialog !== undefined }
  }

  #submit(text: string | undefined): void {
    const settle = this.#settleMessage
    this.#settleMessage = undefined
    settle?.(text)
  }

  #suspend(): void {
    this.#live.clear()
    this.#isOn = false
    this.#keyboard.stop()
    suspendProcess(() => {
      this.#keyboard.start()
      this.#isOn = true
      this.#draw()
    })
  }

  #redraw(): void {
    this.#live.forget()
    this.#options.output.write('\u001b[2J\u001b[H')
    this.#draw()
  }

  #drawSoon(): void {
    this.#drawTimer ??= setTimeout(() => this.#draw(), drawDelayMs)
  }

  /** Keeps the clocks going while something moves. */
  #tick(): void {
    this.#tickTimer ??= setInterval(() => {
      if (this.#note && this.#note.until <= this.#options.now()) this.#note = undefined
      if (this.#turn.busySince === undefined && !this.#dialog && !this.#note && !this.#running) {
        clearInterval(this.#tickTimer)
        this.#tickTimer = undefined
      }
      this.#draw()
    }, tickMs)
  }

  /** The window says that a person is waited for; it rings when nobody looks. */
  #announce(waits: boolean): void {
    this.#options.output.write(windowTitle(this.#options.title, waits, this.#hasFocus, this.#style))
  }

  #draw(): void {
    clearTimeout(this.#drawTimer)
    this.#drawTimer = undefined
    if (!this.#isOn) return
    const lines = this.#turn.advance(this.columns)
    const { rows, cursor } = this.#rows()
    this.#live.print(lines, rows, cursor)
  }

  #rows(): { rows: string[]; cursor: Cursor | undefined } {
    const size = sizeOf(this.#options.output)
    const now = this.#options.now()
    const style = this.#style
    const running = this.#running?.(now) ?? []
    const waiting = this.#input.waitingRows(size.columns, style)
    const rows = [...this.#turn.rows(size.columns, now), ...running, '', ...waiting]
    let cursor: Cursor | undefined
    if (this.#dialog) {
      const view = this.#dialog.view(size, now)
      if (view.cursor) cursor = { row: rows.length + view.cursor.row, column: view.cursor.column }
      rows.push(...view.rows)
    }
    if (!this.#dialog || (!cursor && !this.#input.isEmpty)) {
      const view = this.#input.rows(size, style, this.#inputState)
      cursor = { row: rows.length + view.cursor.row, column: view.cursor.column }
      rows.push(...view.rows)
    }
    const status = { ...this.#status, now: this.#happens(now) }
    rows.push(rule(size.columns, style), statusLine(status, size.columns, style))
    return { rows, cursor }
  }

  #happens(now: number): string {
    const note = this.#note && this.#note.until > now ? this.#note.text : undefined
    const { busySince, doing } = this.#turn
    return whatHappens({ note, waits: this.#dialog?.waits ?? false, busySince, doing }, now, this.#style)
  }
}
