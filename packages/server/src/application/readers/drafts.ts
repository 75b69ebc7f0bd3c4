import { startDeadline } from '../deadline.ts'
import type { Clock } from '../ports/clock.ts'
import type { FanOut } from '../ports/fan-out.ts'
import type { Log } from '../ports/log.ts'
import type { UnitOfWork } from '../ports/store.ts'
import type { Channel } from './channels.ts'

/** How often the text of an open answer is stored; oftener while another replica has readers of it. */
const intervalMs = 1_000
const hurriedMs = 100

/** Keeps what models are writing, once a second in one transaction for the whole process, so that a crash leaves the text up to the last
 *  draft (DESIGN 5). An answer that is done sooner is never drafted. */
export class Drafts {
  readonly #deps: DraftsDeps
  readonly #open = new Map<string, OpenDraft>()
  #stopClock: (() => void) | undefined

  constructor(deps: DraftsDeps) {
    this.#deps = deps
  }

  /** A message whose text the channel's preview holds. */
  follow(messageId: string, channel: Channel, agent: string): void {
    const dueAt = this.#deps.clock.monotonic() + intervalOf(channel)
    this.#open.set(messageId, { channel, agent, stored: 0, begun: false, dueAt })
    if (channel.readElsewhere) this.#restartClock()
    else this.#startClock()
  }

  /** Another replica follows the session: what is written of it is stored ten times a second from now on. */
  hurry(channel: Channel): void {
    if (channel.readElsewhere) return
    channel.readElsewhere = true
    for (const entry of this.#open.values()) if (entry.channel === channel) entry.dueAt = this.#deps.clock.monotonic()
    this.#restartClock()
  }

  #restartClock(): void {
    this.#stopClock?.()
    this.#stopClock = undefined
    this.#startClock()
  }

  #startClock(): void {
    if (this.#stopClock || this.#open.size === 0) return
    const next = Math.min(...[...this.#open.values()].map(({ dueAt }) => dueAt))
    const ms = Math.max(0, next - this.#deps.clock.monotonic())
    this.#stopClock = startDeadline(this.#deps.clock, ms, () => this.#write())
  }

  /** True when something of it was stored, which then has to go with the message itself. */
  done(messageId: string): boolean {
    const drafted = this.#open.get(messageId)?.begun ?? false
    this.#open.delete(messageId)
    return drafted
  }

  #write(): void {
    this.#stopClock = undefined
    this.#store()
      .catch((error) => this.#deps.log.warn('drafts are not stored', { error }))
      .finally(() => this.#startClock())
  }

  async #store(): Promise<void> {
    const now = this.#deps.clock.monotonic()
    const grown = [...this.#open].flatMap(([messageId, entry]) => {
      // Those that are nearly due go with the others.
      if (entry.dueAt > now + hurriedMs / 2) return []
      entry.dueAt = now + intervalOf(entry.channel)
      const preview = entry.channel.preview
      if (preview?.messageId !== messageId || preview.text.length <= entry.stored) return []
      const { channel, agent, stored: at } = entry
      entry.begun = true
      const piece = { messageId, sid: channel.sid, runId: preview.runId, agent, at, text: preview.text.slice(at) }
      return [{ entry, piece }]
    })
    if (grown.length === 0) return
    const stored = await this.#deps.store.transact(async (tx) => {
      // Whoever stores the message itself has the session, before us or after us: no draft is left behind. Where it has it now, this piece
      // goes with the next.
      const free = await tx.sessions.takeFree(grown.map(({ piece }) => piece.sid))
      const current = grown.filter(({ piece }) => free.has(piece.sid) && this.#open.has(piece.messageId))
      await tx.drafts.put(current.map(({ piece }) => piece))
      return current
    })
    for (const { entry, piece } of stored) {
      entry.stored = piece.at + piece.text.length
      if (entry.channel.readElsewhere) this.#deps.fanOut.tell(entry.channel.sid)
    }
  }
}

function intervalOf({ readElsewhere }: Channel): number {
  return readElsewhere ? hurriedMs : intervalMs
}

interface DraftsDeps {
  readonly store: UnitOfWork
  readonly clock: Clock
  readonly log: Log
  readonly fanOut: FanOut
}

interface OpenDraft {
  readonly channel: Channel
  readonly agent: string
  /** Length of what is stored. */
  stored: number
  /** Something of it may be stored. */
  begun: boolean
  /** On the monotonic clock. */
  dueAt: number
}
