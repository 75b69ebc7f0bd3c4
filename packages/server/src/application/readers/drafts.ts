import { startDeadline } from '../deadline.ts'
import type { Clock } from '../ports/clock.ts'
import type { Log } from '../ports/log.ts'
import type { UnitOfWork } from '../ports/store.ts'
import type { Channel } from './channels.ts'

/** How often the texts of open answers are stored. */
const intervalMs = 1_000

/** Keeps what models are writing, once a second in one transaction for the whole process, so that a crash leaves the text up to the last
 *  draft (DESIGN 5). An answer that is done sooner is never drafted. */
export class Drafts {
  readonly #deps: { readonly store: UnitOfWork; readonly clock: Clock; readonly log: Log }
  readonly #open = new Map<string, { readonly channel: Channel; readonly agent: string; stored: number }>()
  #stopClock: (() => void) | undefined

  constructor(deps: { readonly store: UnitOfWork; readonly clock: Clock; readonly log: Log }) {
    this.#deps = deps
  }

  /** A message whose text the channel's preview holds. */
  follow(messageId: string, channel: Channel, agent: string): void {
    this.#open.set(messageId, { channel, agent, stored: 0 })
    this.#stopClock ??= startDeadline(this.#deps.clock, intervalMs, () => this.#write())
  }

  /** True when something of it was stored, which then has to go with the message itself. */
  done(messageId: string): boolean {
    const drafted = (this.#open.get(messageId)?.stored ?? 0) > 0
    this.#open.delete(messageId)
    return drafted
  }

  #write(): void {
    this.#stopClock = undefined
    this.#store()
      .catch((error) => this.#deps.log.warn('drafts are not stored', { error }))
      .finally(() => {
        if (this.#open.size > 0) this.#stopClock ??= startDeadline(this.#deps.clock, intervalMs, () => this.#write())
      })
  }

  async #store(): Promise<void> {
    const grown = [...this.#open].flatMap(([messageId, entry]) => {
      const preview = entry.channel.preview
      if (preview?.messageId !== messageId || preview.text.length <= entry.stored) return []
      return [
        {
          entry,
          draft: { messageId, sid: entry.channel.sid, runId: preview.runId, agent: entry.agent, text: preview.text },
        },
      ]
    })
    if (grown.length === 0) return
    for (const { entry, draft } of grown) entry.stored = draft.text.length
    await this.#deps.store.transact(async (tx) => {
      for (const { draft } of grown) if (this.#open.has(draft.messageId)) await tx.drafts.put(draft)
    })
  }
}
