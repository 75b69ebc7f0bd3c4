import { once } from 'node:events'
import { WebSocket } from 'ws'

const silenceMs = 1_000

/** A client's socket of a recording: frames are read until there is a second of silence. */
export class RecordedSocket {
  readonly result: 'accepted' | 'rejected'
  readonly #socket: WebSocket
  #frames: string[] = []
  #silence: (() => void) | undefined
  #timer: NodeJS.Timeout | undefined

  private constructor(socket: WebSocket, result: 'accepted' | 'rejected') {
    this.#socket = socket
    this.result = result
    socket.on('message', (data) => {
      this.#frames.push(data.toString())
      this.#wait()
    })
  }

  static async open(url: string): Promise<RecordedSocket> {
    const socket = new WebSocket(url)
    socket.on('error', () => {})
    const [event] = await Promise.race([
      once(socket, 'open').then(() => ['open'] as const),
      once(socket, 'close').then(() => ['close'] as const),
    ])
    return new RecordedSocket(socket, event === 'open' ? 'accepted' : 'rejected')
  }

  async send(texts: readonly string[]): Promise<readonly string[]> {
    this.#frames = []
    for (const text of texts) this.#socket.send(text)
    await new Promise<void>((resolve) => {
      this.#silence = resolve
      this.#wait()
    })
    return this.#frames
  }

  close(): void {
    clearTimeout(this.#timer)
    this.#socket.terminate()
  }

  #wait(): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#silence?.(), silenceMs)
  }
}
