import { once } from 'node:events'
import { WebSocket } from 'ws'

const waitMs = 20_000

/** `cli_chat.py` (CLIENTS 5.2): prints only `token`, answers every call at once, asks nobody, and leaves when its socket closes. */
export class CliChat implements Disposable {
  /** What it has written. */
  printed = ''
  readonly calls: string[] = []
  isOver = false
  readonly #socket: WebSocket
  #changed = Promise.withResolvers<void>()

  private constructor(socket: WebSocket) {
    this.#socket = socket
    socket.on('message', (data) => {
      this.#take(JSON.parse(data.toString()))
      this.#wake()
    })
    socket.on('close', () => {
      this.isOver = true
      this.#wake()
    })
  }

  static async open(base: string): Promise<CliChat> {
    const socket = new WebSocket(`${base.replace(/^http/, 'ws')}/ws/cli-session`)
    const chat = new CliChat(socket)
    await once(socket, 'open')
    return chat
  }

  /** Sends a line; gives what was printed until the next end of a line. */
  async say(content: string): Promise<string> {
    const before = this.printed.length
    this.#socket.send(JSON.stringify({ type: 'user_message', role: 'user', content }))
    await this.until(() => this.printed.indexOf('\n', before) >= 0)
    return this.printed.slice(before)
  }

  async until(isSo: () => boolean): Promise<void> {
    const limit = setTimeout(() => this.#changed.reject(new Error(`it did not come: ${this.printed}`)), waitMs)
    while (!isSo()) await this.#changed.promise
    clearTimeout(limit)
  }

  [Symbol.dispose](): void {
    this.#socket.terminate()
  }

  #take(frame: Record<string, unknown>): void {
    if (frame['type'] === 'assistant_message') {
      const { token, is_final: isFinal } = frame
      this.printed += `${token ?? ''}${isFinal === true ? '\n' : ''}`
    } else if (frame['type'] === 'tool_call') {
      const { call_id, tool_name } = frame
      this.calls.push(String(tool_name))
      const result = { response: `Auto-executed ${tool_name}` }
      this.#socket.send(JSON.stringify({ type: 'tool_result', call_id, result }))
    } else if (frame['type'] === 'error') {
      this.printed += `Error: ${frame['content']}\n`
    }
  }

  #wake(): void {
    this.#changed.resolve()
    this.#changed = Promise.withResolvers()
  }
}
