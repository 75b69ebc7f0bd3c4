import type { Inputs } from '../inputs/submit.ts'
import type { Ears } from '../ports/fan-out.ts'
import type { Log } from '../ports/log.ts'
import type { SessionHead, UnitOfWork } from '../ports/store.ts'
import type { Channel, Channels } from '../readers/channels.ts'
import type { Drafts } from '../readers/drafts.ts'
import type { ActiveRuns } from '../run/active-runs.ts'
import { leaseLost, stopReason } from './owned-session.ts'

export interface NeighboursDeps {
  readonly store: UnitOfWork
  readonly channels: Channels
  readonly active: ActiveRuns
  readonly inputs: Inputs
  readonly drafts: Drafts
  readonly log: Log
}

/** Sessions of one question to the store. */
const page = 500

/** What other replicas do to the sessions that somebody follows, works on or waits for here. It is heard of by hints, and looked for from
 *  time to time because a hint may be lost. */
export class Neighbours implements Ears {
  readonly #deps: NeighboursDeps
  /** Sessions that are being looked at; true: there was another word of it meanwhile. */
  readonly #looking = new Map<string, boolean>()
  readonly #polled = new WeakMap<Channel, number>()

  constructor(deps: NeighboursDeps) {
    this.#deps = deps
  }

  /** Another replica told of the session. Never throws. */
  heard(sid: string): void {
    const { channels, active, inputs, log } = this.#deps
    if (!channels.find(sid) && !active.get(sid) && !inputs.sids.has(sid)) return
    if (this.#looking.has(sid)) {
      this.#looking.set(sid, true)
      return
    }
    this.#looking.set(sid, false)
    this.#look(sid)
      .catch((error) => log.warn('what another replica told of was not read', { sid, error }))
      .finally(() => {
        const again = this.#looking.get(sid)
        this.#looking.delete(sid)
        if (again) this.heard(sid)
      })
  }

  followed(sid: string): void {
    const { channels, drafts } = this.#deps
    const channel = channels.find(sid)
    if (channel) drafts.hurry(channel)
  }

  /** Looks at everything that matters here. */
  async poll(): Promise<void> {
    const { channels, active, inputs, store } = this.#deps
    const sids = [...new Set([...[...channels.all].map(({ sid }) => sid), ...active.sids, ...inputs.sids])]
    for (let from = 0; from < sids.length; from += page) {
      const heads = await store.read((tx) => tx.sessions.heads(sids.slice(from, from + page)))
      for (const head of heads) if (this.#isNews(head)) this.heard(head.sid)
    }
  }

  #isNews({ sid, lastSeq, owner }: SessionHead): boolean {
    const { channels, active } = this.#deps
    const channel = channels.find(sid)
    if (!channel) return true
    const known = Math.max(channel.lastSeq, this.#polled.get(channel) ?? -1)
    this.#polled.set(channel, lastSeq)
    // What another replica writes grows without an event.
    return lastSeq > known || (owner !== null && !active.get(sid))
  }

  async #look(sid: string): Promise<void> {
    const { channels, active, inputs, store } = this.#deps
    channels.find(sid)?.forget()
    const run = active.get(sid)
    if (run) {
      run.told = true
      const session = await store.read((tx) => tx.sessions.get(sid))
      // This one, and not whichever has come after it while the store was asked.
      if (session && session.fence !== run.fence) run.controller.abort(leaseLost())
      else if (session?.stop) run.controller.abort(stopReason(session.stop))
    } else await this.#preview(sid)
    if (inputs.sids.has(sid)) await inputs.revisit(sid)
  }

  /** Shows what another replica has stored of the answer that it writes. */
  async #preview(sid: string): Promise<void> {
    const { channels, active, store } = this.#deps
    const channel = channels.find(sid)
    if (!channel) return
    const { messageId = '', text: has = '' } = channel.preview ?? {}
    const draft = await store.read((tx) => tx.drafts.ofSession(sid, { messageId, length: has.length }))
    if (active.get(sid)) return
    const text = draft && (draft.at === 0 ? '' : has) + draft.text
    channel.preview =
      draft && text !== undefined ? { messageId: draft.messageId, runId: draft.runId, text, reasoning: '' } : undefined
    channel.wake()
  }
}
