import type { Inputs } from '../inputs/submit.ts'
import type { Ears } from '../ports/fan-out.ts'
import type { Log } from '../ports/log.ts'
import type { DraftPosition, NewestDraft, SessionHead, UnitOfWork } from '../ports/store.ts'
import type { Channel, Channels } from '../readers/channels.ts'
import type { Drafts } from '../readers/drafts.ts'
import type { ActiveRun, ActiveRuns } from '../run/active-runs.ts'
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
  /** Sessions to look at. What is told of one again before its turn comes is seen in one go. */
  readonly #heard = new Set<string>()
  #looking: Promise<void> | undefined
  /** Sessions for which something waits that is being looked at; true: there was another word of it meanwhile. */
  readonly #revisiting = new Map<string, boolean>()

  constructor(deps: NeighboursDeps) {
    this.#deps = deps
  }

  /** Another replica told of the session. Never throws. */
  heard(sid: string): void {
    const { channels, active, inputs } = this.#deps
    if (!channels.find(sid) && !active.get(sid) && !inputs.sids.has(sid)) return
    this.#heard.add(sid)
    this.#start()
  }

  followed(sid: string): void {
    const { channels, drafts } = this.#deps
    const channel = channels.find(sid)
    if (channel) drafts.hurry(channel)
  }

  /** Looks at everything that matters here. */
  async poll(): Promise<void> {
    const { channels, active, inputs } = this.#deps
    for (const { sid } of channels.all) this.#heard.add(sid)
    for (const sid of [...active.sids, ...inputs.sids]) this.#heard.add(sid)
    this.#start()
    await this.#looking
  }

  #start(): void {
    this.#looking ??= this.#lookAll().finally(() => {
      this.#looking = undefined
      if (this.#heard.size > 0) this.#start()
    })
  }

  async #lookAll(): Promise<void> {
    while (this.#heard.size > 0) {
      const sids = [...this.#heard].slice(0, page)
      for (const sid of sids) this.#heard.delete(sid)
      try {
        await this.#look(sids)
      } catch (error) {
        this.#deps.log.warn('what another replica told of was not read', { sessions: sids.length, error })
      }
    }
  }

  /** Asks the store once for all of them. */
  async #look(sids: readonly string[]): Promise<void> {
    const { active, channels, inputs, store } = this.#deps
    const runs = new Map(sids.map((sid) => [sid, active.get(sid)]))
    const followed = sids.flatMap((sid) => (runs.get(sid) ? [] : (channels.find(sid) ?? [])))
    const { heads, drafts } = await store.read(async (tx) => ({
      heads: await tx.sessions.heads(sids),
      drafts: await tx.drafts.newest(followed.map(positionOf)),
    }))
    for (const head of heads) {
      // This one, and not whichever has come after it while the store was asked.
      const run = runs.get(head.sid)
      if (run) refuse(run, head)
      channels.find(head.sid)?.told(head.lastSeq)
    }
    const newest = new Map(drafts.map((draft) => [draft.sid, draft]))
    for (const channel of followed) if (!active.get(channel.sid)) show(channel, newest.get(channel.sid))
    const waiting = inputs.sids
    for (const sid of sids) if (waiting.has(sid)) this.#revisit(sid)
  }

  /** What waits for one session must not hold up the news of the others. */
  #revisit(sid: string): void {
    if (this.#revisiting.has(sid)) {
      this.#revisiting.set(sid, true)
      return
    }
    this.#revisiting.set(sid, false)
    this.#deps.inputs
      .revisit(sid)
      .catch((error) => this.#deps.log.warn('what waits for a session was not looked at', { sid, error }))
      .finally(() => {
        const again = this.#revisiting.get(sid)
        this.#revisiting.delete(sid)
        if (again) this.#revisit(sid)
      })
  }
}

function positionOf({ sid, preview }: Channel): DraftPosition {
  return { sid, messageId: preview?.messageId ?? '', length: preview?.text.length ?? 0 }
}

/** Ends a run whose session others have, or that somebody stopped through another replica. */
function refuse(run: ActiveRun, { fence, stop }: SessionHead): void {
  run.told = true
  if (fence !== run.fence) run.controller.abort(leaseLost())
  else if (stop !== null) run.controller.abort(stopReason(stop))
}

/** What another replica has stored of the answer that it writes. */
function show(channel: Channel, draft: NewestDraft | undefined): void {
  if (draft && !draft.news) return
  const { preview } = channel
  if (!draft && !preview) return
  if (draft?.news) {
    const { messageId, runId, at, text } = draft.news
    const has = at === 0 ? '' : preview?.messageId === messageId ? preview.text.slice(0, at) : undefined
    // A run of this process has come and gone while the store was asked: the next look starts anew.
    if (has?.length !== at) return
    channel.preview = { messageId, runId, text: has + text, reasoning: '' }
  } else channel.preview = undefined
  channel.wake()
}
