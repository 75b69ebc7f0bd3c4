import { RuntimeError } from '../../application/index.ts'

/** As much as of the bodies of requests (`read-body.ts`). */
const mostBytes = 256 * 1024 * 1024

/** Bytes of the frames that are being worked on, over all sockets of the process. */
export class FramesInWork {
  readonly #most: number
  #bytes = 0

  constructor(most = mostBytes) {
    this.#most = most
  }

  /** Gives what ends it. Throws `session_busy` when there is no room for so long a frame. */
  begin(length: number): () => void {
    if (this.#bytes + length > this.#most) throw tooMuch('The server is busy with other large frames')
    this.#bytes += length
    return () => {
      this.#bytes -= length
    }
  }
}

export function tooMuch(text: string): RuntimeError {
  return new RuntimeError('session_busy', text, {
    details: { hint: 'Wait for an answer before you send more.', retryAfterMs: 5_000 },
  })
}
