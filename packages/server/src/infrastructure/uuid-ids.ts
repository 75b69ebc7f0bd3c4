import { createHash, randomBytes, randomUUID } from 'node:crypto'
import type { Ids } from '../application/ports/ids.ts'

export const uuidIds: Ids = {
  session: () => randomUUID(),
  next: nextOf(Date.now),
  secret: () => randomBytes(32).toString('base64url'),
  digest: (text) => createHash('sha256').update(text).digest('hex'),
}

/** How many ids a millisecond has before the next one is borrowed. */
const mostOfAMoment = 0xfff

/** UUIDs of version 7 (RFC 9562), each greater than the one before, whatever the clock does: the time, a counter, and the random part of a
 *  UUID that Node makes from randomness fetched ahead. A turn needs a dozen; fetched one by one each cost as much as a statement. */
export function nextOf(now: () => number): () => string {
  let moment = 0
  let counter = 0
  return () => {
    const at = now()
    if (at > moment) {
      moment = at
      counter = 0
    } else if (counter < mostOfAMoment) counter += 1
    else {
      moment += 1
      counter = 0
    }
    const time = moment.toString(16).padStart(12, '0')
    return `${time.slice(0, 8)}-${time.slice(8)}-7${counter.toString(16).padStart(3, '0')}-${randomUUID().slice(19)}`
  }
}
