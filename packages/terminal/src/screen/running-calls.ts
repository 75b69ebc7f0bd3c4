import { onlyReads } from '../conversation/calls.ts'
import type { Call, FinishedCall } from '../conversation/events.ts'
import { lastLines } from './call-words.ts'
import type { Style } from './style.ts'
import { cut, duration, spread } from './text.ts'
import { readsTitle, type Transcript } from './transcript.ts'

interface Running {
  readonly call: Call
  readonly startedAt: number
  output: string
  finished?: FinishedCall
}

const maxOutput = 64 * 1024
const shownOutputLines = 8

/** The calls that run now. Reads that run together are one line until all have ended. */
export class RunningCalls {
  #running: Running[] = []

  get isEmpty(): boolean {
    return this.#running.length === 0
  }

  /** The tool of the call that began last and runs. */
  get tool(): string {
    return this.#running.findLast(({ finished }) => !finished)?.call.tool ?? ''
  }

  start(call: Call, now: number): void {
    this.#running.push({ call, startedAt: now, output: '' })
  }

  output(callId: string, text: string): void {
    const running = this.#running.find(({ call }) => call.callId === callId)
    if (running) running.output = (running.output + text).slice(-maxOutput)
  }

  /** The calls that can be printed for good now, in call order. */
  finish(finished: FinishedCall): FinishedCall[] {
    const running = this.#running.find(({ call }) => call.callId === finished.call.callId)
    if (!running) return [finished]
    running.finished = finished
    if (this.#running.some((other) => onlyReads(other.call) && !other.finished)) return []
    return this.flush()
  }

  /** What has ended, printed or not; the rest goes on. */
  flush(): FinishedCall[] {
    const ended = this.#running.flatMap(({ finished }) => (finished ? [finished] : []))
    this.#running = this.#running.filter(({ finished }) => !finished)
    return ended
  }

  clear(): void {
    this.#running = []
  }

  rows(columns: number, now: number, style: Style, transcript: Transcript): string[] {
    const mark = style.turning(now)
    const reads = this.#running.filter(({ call }) => onlyReads(call))
    const others = this.#running.filter(({ call, finished }) => !onlyReads(call) && !finished)
    const rows = reads.length > 1 ? [readsRow(reads, columns, now, style)] : []
    for (const { call, startedAt, output } of [...(reads.length === 1 ? reads : []), ...others]) {
      rows.push(transcript.callLine(mark, 'accent', call, '', elapsed(now - startedAt, style), columns))
      if (output) rows.push(...transcript.outputLines(lastLines(output, shownOutputLines), columns))
    }
    return rows
  }
}

function readsRow(reads: readonly Running[], columns: number, now: number, style: Style): string {
  const done = reads.filter(({ finished }) => finished).length
  const since = Math.min(...reads.map(({ startedAt }) => startedAt))
  const figures = `${done} of ${reads.length}${elapsed(now - since, style).padStart(10)}`
  const title = cut(
    readsTitle(reads.map(({ call }) => call)),
    columns - figures.length - style.margin - 2,
    style.marks.more,
  )
  return spread(
    style.mark(style.turning(now), 'accent') + title,
    style.paint('dim', figures),
    columns,
    style.marks.more,
  )
}

/** Time of something that runs; with reduced motion it moves every 5 s. */
function elapsed(ms: number, style: Style): string {
  const shown = style.reducedMotion ? Math.floor(ms / 5000) * 5000 : Math.max(100, Math.floor(ms / 100) * 100)
  return shown < 1000 && !style.reducedMotion
    ? `${(shown / 1000).toFixed(1)} s`
    : shown < 1000
      ? '0 s'
      : duration(shown)
}
