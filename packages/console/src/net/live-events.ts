import { ApiError, readSse } from '@codelab/protocol'
import { pageFetch } from './api.ts'

/** A frame of a stream of events, in the order of the log. */
export interface Frame {
  readonly event: string
  readonly data: Readonly<Record<string, unknown>>
}

/** `live`: what happens is seen. `lost`: it is tried again. `ended`: nothing will come, `reason` says why. */
export type Connection =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'live' }
  | { readonly kind: 'lost'; readonly since: number; readonly nextTry: number }
  | { readonly kind: 'ended'; readonly reason: string }

export interface LiveEventsOptions {
  /** For example `/sessions/ID/events`. */
  readonly path: string
  /** Go on behind this frame; undefined: what comes from now on. */
  readonly after?: string
  /** Called once for what arrived together. */
  readonly onFrames: (frames: readonly Frame[]) => void
  readonly onConnection: (connection: Connection) => void
}

const firstPauseMs = 250
const longestPauseMs = 8000
/** A silent stream sends a comment every 15 seconds; one that sends none for so long is dead. */
const silenceMs = 40_000
/** A page that nobody sees gives its connection to those that are seen, and reads on when it is looked at. */
const unseenMs = 30_000

/** Follows a stream of events over any number of connections: it goes on behind the last frame, so nothing is lost or doubled. */
export class LiveEvents {
  readonly #options: LiveEventsOptions
  readonly #stop = new AbortController()
  #after: string | undefined
  #wake = () => {}
  #lostSince: number | undefined
  #attempts = 0

  constructor(options: LiveEventsOptions) {
    this.#options = options
    this.#after = options.after
    addEventListener('online', this.tryNow)
    void this.#run()
  }

  /** Where the next connection goes on. */
  get after(): string | undefined {
    return this.#after
  }

  tryNow = (): void => {
    this.#attempts = 0
    this.#wake()
  }

  close(): void {
    removeEventListener('online', this.tryNow)
    this.#stop.abort()
    this.#wake()
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop
    this.#options.onConnection({ kind: 'connecting' })
    while (!signal.aborted) {
      await whenSeen(signal)
      const end = await this.#readOnce().catch((error: unknown) => endOf(error))
      if (signal.aborted) return
      if (end !== undefined) {
        this.#options.onConnection({ kind: 'ended', reason: end })
        return
      }
      await this.#pause()
    }
  }

  /** One connection. The reason when nothing will follow, undefined when it is worth another. */
  async #readOnce(): Promise<string | undefined> {
    const cut = new AbortController()
    const signal = AbortSignal.any([this.#stop.signal, cut.signal])
    const headers = this.#after === undefined ? {} : { 'last-event-id': this.#after }
    const response = await pageFetch(this.#options.path, {
      signal,
      headers: { accept: 'text/event-stream', ...headers },
    })
    if (!response.ok) throw await ApiError.of(response)
    if (!response.body) return undefined
    const silence = new Silence(silenceMs, () => cut.abort())
    const unwatch = whenUnseen(() => cut.abort())
    this.#options.onConnection({ kind: 'live' })
    this.#lostSince = undefined
    this.#attempts = 0
    const breath = new Breath()
    let pending: Frame[] = []
    let isFlushing = false
    const flush = () => {
      isFlushing = false
      const frames = pending
      pending = []
      if (frames.length > 0 && !this.#stop.signal.aborted) this.#options.onFrames(frames)
    }
    try {
      for await (const { event, data, id } of readSse(response.body.pipeThrough(silence.watch()))) {
        const frame = { event, data: JSON.parse(data) as Record<string, unknown> }
        if (event === 'stream.closing')
          return frame.data['reason'] === 'session_deleted' ? 'session_deleted' : undefined
        pending.push(frame)
        if (id !== undefined) this.#after = id
        if (!isFlushing) {
          isFlushing = true
          onNextFrame(flush)
        }
        await breath.take()
      }
      return undefined
    } finally {
      silence.end()
      unwatch()
      flush()
    }
  }

  async #pause(): Promise<void> {
    this.#lostSince ??= Date.now()
    const longest = Math.min(longestPauseMs, firstPauseMs * 2 ** this.#attempts++)
    const ms = longest * (0.5 + Math.random() / 2)
    this.#options.onConnection({ kind: 'lost', since: this.#lostSince, nextTry: Date.now() + ms })
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms)
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }
}

function isSeen(): boolean {
  return document.visibilityState === 'visible'
}

async function whenSeen(signal: AbortSignal): Promise<void> {
  if (isSeen()) return
  await new Promise<void>((resolve) => {
    const look = () => {
      if (!isSeen() && !signal.aborted) return
      document.removeEventListener('visibilitychange', look)
      signal.removeEventListener('abort', look)
      resolve()
    }
    document.addEventListener('visibilitychange', look)
    signal.addEventListener('abort', look)
  })
}

/** Calls when the page was not seen for a while; returns how to stop watching. */
function whenUnseen(action: () => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined
  const look = () => {
    clearTimeout(timer)
    if (!isSeen()) timer = setTimeout(action, unseenMs)
  }
  document.addEventListener('visibilitychange', look)
  look()
  return () => {
    clearTimeout(timer)
    document.removeEventListener('visibilitychange', look)
  }
}

/** Undefined where it may be different next time. */
function endOf(error: unknown): string | undefined {
  if (!(error instanceof ApiError)) return undefined
  if (error.status === 404) return 'not_found'
  return error.status === 401 || error.status === 403 ? error.code : undefined
}

/** A page in the background draws nothing, but its log must go on. */
function onNextFrame(action: () => void): void {
  if (isSeen()) requestAnimationFrame(action)
  else setTimeout(action, 100)
}

/** Calls when nothing has come for too long. */
class Silence {
  readonly #ms: number
  readonly #onSilence: () => void
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(ms: number, onSilence: () => void) {
    this.#ms = ms
    this.#onSilence = onSilence
    this.#again()
  }

  watch(): TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>> {
    return new TransformStream({
      transform: (chunk, controller) => {
        this.#again()
        controller.enqueue(chunk)
      },
    })
  }

  end(): void {
    clearTimeout(this.#timer)
  }

  #again(): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(this.#onSilence, this.#ms)
  }
}

const longestWorkMs = 8

/** A long log comes in one piece: the page is let draw between. */
class Breath {
  #since = performance.now()

  async take(): Promise<void> {
    if (performance.now() - this.#since < longestWorkMs) return
    await new Promise<void>((resolve) => {
      const { port1, port2 } = new MessageChannel()
      port1.onmessage = () => {
        port1.close()
        resolve()
      }
      port2.postMessage(undefined)
    })
    this.#since = performance.now()
  }
}
