import type { Key } from './keys.ts'
import { KeyDecoder } from './keys.ts'

/** The part of a terminal's input that is used here. */
export interface KeySource {
  readonly isTTY?: boolean
  setRawMode?(on: boolean): unknown
  on(event: 'data', listener: (piece: string | Buffer) => void): unknown
  on(event: 'end', listener: () => void): unknown
  off(event: 'data', listener: (piece: string | Buffer) => void): unknown
  off(event: 'end', listener: () => void): unknown
  setEncoding(encoding: 'utf8'): unknown
  resume(): unknown
  pause(): unknown
}

export interface Keyboard {
  /** Gives the terminal back (an editor runs, the process stops); `start` takes it again. */
  stop(): void
  start(): void
  /** Whether the terminal has a light ground; undefined when it does not say so in time. */
  askGround(timeoutMs: number): Promise<'light' | 'dark' | undefined>
}

const escapeWaitMs = 40
/** Pastes in brackets, and word of a window that gets or loses the focus. */
const onSequences = '\u001b[?2004h\u001b[?1004h'
const offSequences = '\u001b[?1004l\u001b[?2004l\u001b[?25h'

/** Keys of a terminal in raw mode. Every way out must call `stop`; the process's own exit does. */
export function openKeyboard(
  source: KeySource,
  output: { write(text: string): unknown },
  handlers: { onKey(key: Key): void; onEnd(): void },
): Keyboard {
  const decoder = new KeyDecoder()
  let escapeTimer: NodeJS.Timeout | undefined
  let isOn = false
  let onReply: ((text: string) => void) | undefined

  function deliver(keys: readonly Key[]): void {
    for (const key of keys) {
      if (key.name === 'reply') onReply?.(key.text)
      else handlers.onKey(key)
    }
  }

  function onData(piece: string | Buffer): void {
    clearTimeout(escapeTimer)
    deliver(decoder.push(String(piece)))
    if (decoder.isWaiting) escapeTimer = setTimeout(() => deliver(decoder.flush()), escapeWaitMs)
  }

  const onEnd = () => handlers.onEnd()

  const keyboard: Keyboard = {
    start() {
      if (isOn) return
      isOn = true
      source.setEncoding('utf8')
      source.setRawMode?.(true)
      source.on('data', onData)
      source.on('end', onEnd)
      source.resume()
      output.write(onSequences)
      process.on('exit', keyboard.stop)
    },
    stop() {
      if (!isOn) return
      isOn = false
      clearTimeout(escapeTimer)
      source.off('data', onData)
      source.off('end', onEnd)
      source.pause()
      source.setRawMode?.(false)
      output.write(offSequences)
      process.off('exit', keyboard.stop)
    },
    askGround(timeoutMs) {
      return new Promise((resolve) => {
        const timer = setTimeout(() => finish(undefined), timeoutMs)
        function finish(ground: 'light' | 'dark' | undefined): void {
          clearTimeout(timer)
          onReply = undefined
          resolve(ground)
        }
        onReply = (text) => finish(readGround(text))
        output.write('\u001b]11;?\u0007')
      })
    },
  }
  return keyboard
}

/** `11;rgb:ffff/ffff/ffff` → light. */
export function readGround(reply: string): 'light' | 'dark' | undefined {
  const match = /^11;rgba?:([0-9a-f]+)\/([0-9a-f]+)\/([0-9a-f]+)/i.exec(reply)
  if (!match) return undefined
  const [red = 0, green = 0, blue = 0] = match
    .slice(1, 4)
    .map((part) => Number.parseInt(part, 16) / (16 ** part.length - 1))
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.5 ? 'light' : 'dark'
}
