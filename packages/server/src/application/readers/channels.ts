import type { SessionEvent } from '../../domain/event.ts'
import type { FanOut } from '../ports/fan-out.ts'

/** The message that a model is writing. A delta is a preview, not an event (DESIGN 5): it has no number and is not stored. */
export interface Preview {
  readonly messageId: string
  readonly runId: string
  text: string
  reasoning: string
}

/** Events that readers of a busy session may lag behind before they read from the store. */
const tailLimit = 256

/** What readers of one session share while somebody writes or reads it. A run never waits for a reader: a reader is an offset. */
export class Channel {
  readonly sid: string
  preview: Preview | undefined
  /** A run that this process left to another replica. */
  movedRun: string | undefined
  references = 0
  /** Of those, readers that must hear of what other replicas do. */
  followers = 0
  /** Another replica has readers of it. */
  readElsewhere = false
  /** Grows with everything that a reader may have missed. */
  version = 0
  #tail: SessionEvent[] = []
  /** The newest event of which another replica told; it may not be among those that were published here. */
  #told: number | undefined
  readonly #waiters = new Set<Waiter>()

  constructor(sid: string) {
    this.sid = sid
  }

  publish(events: readonly SessionEvent[]): void {
    const inOrder = this.#tail.length === 0 || events[0]?.seq === this.lastSeq + 1
    this.#tail.push(...events)
    if (!inOrder) this.#keepWithoutGap()
    if (this.#tail.length > tailLimit) this.#tail.splice(0, this.#tail.length - tailLimit)
    this.wake()
  }

  /** Two commits may be told in the other order. What is behind a gap is read from the store. */
  #keepWithoutGap(): void {
    this.#tail.sort((a, b) => a.seq - b.seq)
    const end = this.#tail.findLastIndex((event, index) => event.seq !== (this.#tail[index - 1]?.seq ?? 0) + 1)
    this.#tail.splice(0, Math.max(0, end))
  }

  /** Events up to `seq` are stored; readers ask the store for those that were not published here. */
  told(seq: number): void {
    if (this.newest !== undefined && seq <= this.newest) return
    this.#told = seq
    this.wake()
  }

  wake(): void {
    this.version++
    for (const waiter of this.#waiters) waiter.wake()
  }

  /** What came after `seq`, or undefined when the store has to be asked. */
  after(seq: number): readonly SessionEvent[] | undefined {
    const { newest } = this
    if (newest === undefined) return undefined
    if (newest <= seq) return []
    const [first] = this.#tail
    if (!first || first.seq > seq + 1 || this.lastSeq < newest) return undefined
    return this.#tail.filter((event) => event.seq > seq)
  }

  /** The number of the newest event that is known of here; undefined: none is. */
  get newest(): number | undefined {
    if (this.#tail.length === 0) return this.#told
    return Math.max(this.lastSeq, this.#told ?? 0)
  }

  /** The number of the newest event that was published here. */
  get lastSeq(): number {
    return this.#tail.at(-1)?.seq ?? 0
  }

  /** For a reader that waits again and again, until it disposes of it or the signal fires. */
  waiter(signal: AbortSignal): Waiter {
    const waiter = new Waiter(this, signal, () => this.#waiters.delete(waiter))
    this.#waiters.add(waiter)
    return waiter
  }
}

/** One for each reader and not one for each wait: every token wakes it, and a listener costs more than a token. */
class Waiter implements Disposable {
  readonly #channel: Channel
  readonly #signal: AbortSignal
  readonly #leave: () => void
  readonly #aborted = () => this.wake()
  #resolve: (() => void) | undefined

  constructor(channel: Channel, signal: AbortSignal, leave: () => void) {
    this.#channel = channel
    this.#signal = signal
    this.#leave = leave
    signal.addEventListener('abort', this.#aborted)
  }

  /** Resolves when there was an event or a delta since that version, or when the signal fires. */
  async changed(since: number): Promise<void> {
    if (this.#signal.aborted || this.#channel.version !== since) return
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#resolve = resolve
    await promise
  }

  wake(): void {
    this.#resolve?.()
    this.#resolve = undefined
  }

  [Symbol.dispose](): void {
    this.#signal.removeEventListener('abort', this.#aborted)
    this.#leave()
  }
}

/** The channels that somebody holds; the last to let go takes it away. What is published goes to other replicas as a hint. */
export class Channels {
  readonly #bySid = new Map<string, Channel>()
  readonly #fanOut: FanOut

  constructor(fanOut: FanOut) {
    this.#fanOut = fanOut
  }

  find(sid: string): Channel | undefined {
    return this.#bySid.get(sid)
  }

  get all(): Iterable<Channel> {
    return this.#bySid.values()
  }

  /** As `hold`, for a reader of what other replicas may do. */
  follow(sid: string): Channel {
    const channel = this.hold(sid)
    if (channel.followers++ === 0) this.#fanOut.follow(sid)
    return channel
  }

  unfollow(channel: Channel): void {
    if (--channel.followers === 0) this.#fanOut.unfollow(channel.sid)
    this.release(channel)
  }

  hold(sid: string): Channel {
    const channel = this.#bySid.get(sid) ?? new Channel(sid)
    this.#bySid.set(sid, channel)
    channel.references++
    return channel
  }

  release(channel: Channel): void {
    channel.references--
    if (channel.references === 0) this.#bySid.delete(channel.sid)
  }

  /** Call it only with what is committed and durable. */
  publish(sid: string, events: readonly SessionEvent[]): void {
    if (events.length === 0) return
    this.#bySid.get(sid)?.publish(events)
    this.#fanOut.tell(sid)
  }

  get size(): number {
    return this.#bySid.size
  }
}
