import { readBlocks, renderBlocks, trimBlank } from './markdown.ts'
import type { Style } from './style.ts'
import { clean } from './text.ts'

/** An answer while it comes: blocks that are finished are handed out once, for good; the last one is the live tail. */
export class LiveAnswer {
  readonly #style: Style
  #raw = ''
  #clean = ''
  #done = 0
  #isStarted = false
  #blankIsDue = false

  constructor(style: Style) {
    this.#style = style
  }

  push(piece: string): void {
    this.#raw += piece
  }

  /** Lines that will not change any more, and the rows of what may still change. */
  advance(width: number): { readonly lines: readonly string[]; readonly tail: readonly string[] } {
    this.#clean = clean(this.#raw)
    const blocks = readBlocks(this.#clean.slice(this.#done))
    const last = blocks.findLastIndex((block) => block.type !== 'space')
    const finished = blocks.slice(0, Math.max(0, last))
    const lines = this.#take(renderBlocks(finished, width, this.#style))
    this.#done += finished.reduce((sum, block) => sum + block.raw.length, 0)
    const tail = trimBlank(renderBlocks(blocks.slice(Math.max(0, last)), width, this.#style))
    return { lines, tail: this.#blankIsDue && tail.length > 0 ? ['', ...tail] : tail }
  }

  /** The rest. `full` is the whole text as the server keeps it: where it differs from what came, it is printed anew. */
  finish(width: number, full?: string): readonly string[] {
    const text = full === undefined ? clean(this.#raw) : clean(full)
    const shown = this.#clean.slice(0, this.#done)
    const rest = text.startsWith(shown) ? text.slice(shown.length) : text
    const lines = trimBlank(renderBlocks(readBlocks(rest), width, this.#style))
    return this.#take(lines)
  }

  /** Keeps one blank line between blocks, none before the first and none after the last. */
  #take(lines: readonly string[]): string[] {
    const trimmed = trimBlank(lines)
    if (trimmed.length === 0) {
      this.#blankIsDue ||= this.#isStarted && lines.length > 0
      return []
    }
    const before = this.#isStarted && (this.#blankIsDue || lines[0] === '') ? [''] : []
    this.#isStarted = true
    this.#blankIsDue = lines.at(-1) === ''
    return [...before, ...trimmed]
  }
}
