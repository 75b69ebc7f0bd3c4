import { type Part, readable } from '../../domain/message.ts'
import type { Session, StoredMessage } from '../../domain/session.ts'
import type { Transaction } from '../ports/store.ts'

interface Kept {
  readonly messages: StoredMessage[]
  /** The position of the first one that is kept, less one. */
  readonly after: number
  /** The session's, of the run that read them. */
  fence: number
  bytes: number
}

const mostBytes = 32 * 1024 * 1024
/** Of one session; a longer one is read anew each time. */
const longestBytes = 8 * 1024 * 1024
const bytesOfMessage = 400
const everything = 2 ** 31 - 1

/**
 * The histories of the sessions that were worked on last, so that a step reads only what is new. A history only grows, but for a result
 * that is replaced (`forget`). Another replica may have done that: so what is kept counts only for the run that read it and for the next
 * one, which the session's fence tells. The messages are the same objects from step to step; what is made of them can be kept by them.
 */
export class Histories {
  readonly #kept = new Map<string, Kept>()
  #bytes = 0

  /** The messages after that position, oldest first, for a run that has the session. */
  async read(
    tx: Transaction,
    session: Pick<Session, 'sid' | 'fence' | 'messageCount'>,
    after: number,
  ): Promise<readonly StoredMessage[]> {
    const { sid, fence, messageCount } = session
    const known = this.#usable(sid, fence, after)
    if (!known) return await this.#readAll(tx, sid, fence, after)
    const last = known.after + known.messages.length
    const news = messageCount > last ? await tx.messages.list(sid, { offset: last, limit: everything }) : []
    known.messages.push(...news)
    known.fence = fence
    this.#keep(sid, known, known.bytes + sizeOf(news))
    return after === known.after ? [...known.messages] : known.messages.slice(after - known.after)
  }

  /** A message of the session has changed. */
  forget(sid: string): void {
    this.#bytes -= this.#kept.get(sid)?.bytes ?? 0
    this.#kept.delete(sid)
  }

  #usable(sid: string, fence: number, after: number): Kept | undefined {
    const kept = this.#kept.get(sid)
    return kept && fence - kept.fence >= 0 && fence - kept.fence <= 1 && kept.after <= after ? kept : undefined
  }

  async #readAll(tx: Transaction, sid: string, fence: number, after: number): Promise<readonly StoredMessage[]> {
    const messages = await tx.messages.list(sid, { offset: after, limit: everything })
    this.#keep(sid, { messages: [...messages], after, fence, bytes: 0 }, sizeOf(messages))
    return messages
  }

  /** As the newest; the oldest ones leave. */
  #keep(sid: string, kept: Kept, bytes: number): void {
    this.forget(sid)
    if (bytes > longestBytes) return
    kept.bytes = bytes
    this.#kept.set(sid, kept)
    this.#bytes += bytes
    for (const oldest of this.#kept.keys()) {
      if (this.#bytes <= mostBytes) break
      this.forget(oldest)
    }
  }
}

/** About so much memory. */
function sizeOf(messages: readonly StoredMessage[]): number {
  return messages.reduce((sum, { parts }) => sum + bytesOfMessage + 2 * lengthOf(parts), 0)
}

function lengthOf(parts: readonly Part[]): number {
  let length = 0
  for (const part of parts) {
    if (part.type === 'tool-call') length += part.argumentsJson.length
    else if (part.type === 'reasoning') length += part.text.length
    else length += part.text.length + (readable(part) === part.text ? 0 : readable(part).length)
    if ('opaque' in part && part.opaque) length += part.opaque.json.length
  }
  return length
}
