import type { Dialog, DialogHost } from './dialog.ts'
import { type Keyboard, type KeySource, openKeyboard } from './keyboard.ts'
import type { Key } from './keys.ts'
import { LiveArea, type Output, sizeOf } from './live-area.ts'

const tickMs = 250

/** Shows dialogs below plain lines and takes the terminal only while one is open. */
export class DialogScreen implements DialogHost {
  readonly #options: { input: KeySource; output: Output; now: () => number; onInterrupt: () => void }
  readonly #live: LiveArea

  constructor(options: { input: KeySource; output: Output; now: () => number; onInterrupt: () => void }) {
    this.#options = options
    this.#live = new LiveArea(options.output)
  }

  async ask<T>(make: (settle: (answer: T) => void) => Dialog, cancelled: T, signal: AbortSignal): Promise<T> {
    if (signal.aborted) return cancelled
    const { input, output, now, onInterrupt } = this.#options
    return new Promise((resolve) => {
      const dialog = make(settle)
      const draw = () => {
        if (isSettled) return
        const { rows, cursor } = dialog.view(sizeOf(output), now())
        this.#live.draw(['', ...rows], cursor ? { row: cursor.row + 1, column: cursor.column } : undefined)
      }
      const onKey = (key: Key) => {
        if (key.ctrl && key.name === 'c') onInterrupt()
        else if (dialog.key(key, now(), true)) draw()
      }
      const keyboard: Keyboard = openKeyboard(input, output, { onKey, onEnd: onInterrupt })
      const onAbort = () => settle(cancelled)
      const timer = setInterval(draw, tickMs)
      const end = () => {
        clearInterval(timer)
        signal.removeEventListener('abort', onAbort)
        this.#live.clear()
        keyboard.stop()
      }
      let isSettled = false
      function settle(answer: T): void {
        if (isSettled) return
        isSettled = true
        end()
        resolve(answer)
      }
      signal.addEventListener('abort', onAbort, { once: true })
      keyboard.start()
      draw()
    })
  }

  lend<T>(work: () => Promise<T>): Promise<T> {
    return work()
  }
}
