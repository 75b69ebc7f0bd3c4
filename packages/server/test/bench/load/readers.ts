import { Connection, requestBytes } from './connection.ts'

export interface Readers {
  readonly url: string
  readonly headers: string
  readonly session: string
  readonly count: number
}

let reading: readonly Connection[] = []
let bytes = 0

/** Follows a session with so many readers; resolves when all have had their first frame. */
export async function follow({ url, headers, session, count }: Readers): Promise<void> {
  const base = new URL(url)
  bytes = 0
  const path = `/sessions/${session}/events`
  reading = Array.from({ length: count }, () => new Connection(base))
  await Promise.all(
    reading.map((connection) => {
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      connection
        .send(requestBytes(base, 'GET', path, headers), (piece) => {
          bytes += piece.length
          if (piece.includes('event: hello')) resolve()
        })
        .catch(reject)
      return promise
    }),
  )
}

/** Bytes that they have read in all. */
export function unfollow(): number {
  for (const connection of reading) connection.close()
  reading = []
  return bytes
}
