import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

const headerName = 'x-internal-auth'

/** Answered without the key: the exact path, before its query (PROTOCOL 1.2). */
const openPaths: ReadonlySet<string> = new Set([
  '/health',
  '/oauth/token',
  '/.well-known/jwks.json',
  '/health/live',
  '/health/ready',
  '/ready',
  '/llm/models',
  '/docs',
  '/openapi.json',
  '/redoc',
  '/favicon.ico',
])

export type KeyCheck = (request: IncomingMessage) => boolean

/** Whether this is one of the keys. Takes the same time for every wrong one. */
export type TokenCheck = (token: string | Buffer | undefined) => boolean

export function createTokenCheck(keys: readonly string[]): TokenCheck {
  const accepted = keys.map((key) => digest(Buffer.from(key, 'utf8')))
  return (token) => {
    if (token === undefined) return false
    const presented = digest(typeof token === 'string' ? Buffer.from(token, 'utf8') : token)
    let matches = false
    for (const key of accepted) if (timingSafeEqual(key, presented)) matches = true
    return matches
  }
}

/** Whether a request carries the header exactly once and with one of the keys. */
export function createKeyCheck(hasToken: TokenCheck): KeyCheck {
  return ({ rawHeaders }) => {
    const given = onlyValue(rawHeaders)
    return hasToken(given === undefined ? undefined : Buffer.from(given, 'latin1'))
  }
}

/** Tells keys apart without holding one. */
export function keyName({ rawHeaders }: IncomingMessage): string {
  return digest(Buffer.from(onlyValue(rawHeaders) ?? '', 'latin1')).toString('base64url')
}

export function isOpenPath(url: string, staticFiles: ReadonlySet<string>): boolean {
  const path = pathOf(url)
  return openPaths.has(path) || staticFiles.has(path)
}

export function pathOf(url: string): string {
  const end = url.indexOf('?')
  return end < 0 ? url : url.slice(0, end)
}

function onlyValue(rawHeaders: readonly string[]): string | undefined {
  let found: string | undefined
  for (let i = 0; i < rawHeaders.length; i += 2) {
    if (rawHeaders[i]?.toLowerCase() !== headerName) continue
    if (found !== undefined) return undefined
    found = rawHeaders[i + 1]
  }
  return found
}

function digest(bytes: Buffer): Buffer {
  return createHash('sha256').update(bytes).digest()
}
