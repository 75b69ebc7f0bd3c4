import { pipeline, type Readable } from 'node:stream'
import { createBrotliDecompress, createUnzip } from 'node:zlib'
import type { Dispatcher } from 'undici'

/** The body as it was before it was packed. We ask for none that is; some servers in between pack all the same. */
export function decoded({ headers, body }: Pick<Dispatcher.ResponseData, 'headers' | 'body'>): Readable {
  const encoding = String(headers['content-encoding'] ?? '')
  const unpack = /\b(gzip|deflate)\b/i.test(encoding)
    ? createUnzip()
    : /\bbr\b/i.test(encoding) && createBrotliDecompress()
  // Whoever reads hears of what breaks.
  return unpack ? pipeline(body, unpack, () => {}) : body
}
