import { useSyncExternalStore } from 'react'
import { type Connection, LiveEvents } from '../net/live-events.ts'
import type { Transcript } from './items.ts'
import { TranscriptFold } from './transcript.ts'

/** A session as it is followed: what is shown, and how the connection stands. */
export interface Feed {
  readonly transcript: Transcript
  readonly connection: Connection
  /** The log was read to where it was when the page came. */
  readonly isRead: boolean
}

class SessionFeed {
  readonly #fold = new TranscriptFold()
  readonly #live: LiveEvents
  readonly #listeners = new Set<() => void>()
  #feed: Feed
  #lastSeq: number | undefined

  constructor(sessionId: string) {
    this.#feed = { transcript: this.#fold.snapshot(), connection: { kind: 'connecting' }, isRead: false }
    this.#live = new LiveEvents({
      path: `/sessions/${encodeURIComponent(sessionId)}/events`,
      after: '0',
      onFrames: (frames) => {
        const hello = frames.find(({ event }) => event === 'hello')
        if (hello) this.#lastSeq ??= Number(hello.data['last_seq'])
        this.#fold.push(frames)
        // A long log is shown once it is read: what would be drawn on the way is gone a moment later.
        const isRead = this.#feed.isRead || this.#fold.lastSeq >= (this.#lastSeq ?? Number.POSITIVE_INFINITY)
        if (isRead) this.#become({ ...this.#feed, transcript: this.#fold.snapshot(), isRead })
      },
      onConnection: (connection) => this.#become({ ...this.#feed, connection }),
    })
  }

  readonly get = (): Feed => this.#feed

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  tryNow(): void {
    this.#live.tryNow()
  }

  close(): void {
    this.#live.close()
  }

  #become(feed: Feed): void {
    this.#feed = feed
    for (const listener of this.#listeners) listener()
  }
}

/** A browser has six connections to a server for all of its tabs together: a page follows one session. */
const keptFeeds = 1
const feeds = new Map<string, SessionFeed>()

function feedOf(sessionId: string): SessionFeed {
  const known = feeds.get(sessionId)
  if (known) {
    feeds.delete(sessionId)
    feeds.set(sessionId, known)
    return known
  }
  const feed = new SessionFeed(sessionId)
  feeds.set(sessionId, feed)
  for (const [id, old] of feeds) {
    if (feeds.size <= keptFeeds) break
    old.close()
    feeds.delete(id)
  }
  return feed
}

/** Everything that is followed belongs to who was signed in. */
export function closeFeeds(): void {
  for (const feed of feeds.values()) feed.close()
  feeds.clear()
}

export function tryNow(sessionId: string): void {
  feeds.get(sessionId)?.tryNow()
}

export function useFeed(sessionId: string): Feed {
  const feed = feedOf(sessionId)
  return useSyncExternalStore(feed.subscribe, feed.get)
}

export function lastTranscript(sessionId: string): Transcript | undefined {
  return feeds.get(sessionId)?.get().transcript
}
