import { hash, timingSafeEqual } from 'node:crypto'

/** Which of the keys this is, by its place; undefined: none. Takes the same time for every wrong one. */
export type KeyCheck = (token: string) => number | undefined

/** `token` as it came in a header: a character for a byte. */
export function createKeyCheck(keys: readonly string[]): KeyCheck {
  const accepted = keys.map((key) => digest(Buffer.from(key, 'utf8')))
  return (token) => {
    const presented = digest(Buffer.from(token, 'latin1'))
    let place: number | undefined
    for (const [index, key] of accepted.entries()) if (timingSafeEqual(key, presented)) place = index
    return place
  }
}

function digest(bytes: Buffer): Buffer {
  return hash('sha256', bytes, 'buffer')
}
