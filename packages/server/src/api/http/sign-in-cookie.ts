import { hkdfSync } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { parseCookie, stringifySetCookie } from 'cookie'
import { EncryptJWT, errors, jwtDecrypt } from 'jose'
import { RuntimeError } from '../../application/index.ts'
import { isSameHost } from './browser-safety.ts'
import { type Credential, type CredentialDeps, notRevoked, type Principal, principalFor } from './credentials.ts'

/** Pages of the console send it with every change: another page cannot, without asking first. */
const consoleHeader = 'x-codelab-console'

const hour = 3_600_000
/** How long a sign-in counts. That of a personal key ends with the key, that of a token with the token. */
const lifetimesMs = { service: 12 * hour, key: 7 * 24 * hour, token: 7 * 24 * hour } as const
const reading: ReadonlySet<string | undefined> = new Set(['GET', 'HEAD', 'OPTIONS'])
/** Browsers keep no longer one. */
const longestCookie = 4096

type Deps = CredentialDeps & {
  /** The internal keys; the first seals, all of them open. */
  readonly secrets: readonly string[]
}

export interface SignedIn {
  /** What to set as `Set-Cookie`. */
  readonly cookie: string
  readonly principal: Principal
  /** Epoch milliseconds. */
  readonly expiresAt: number
}

/** Sign-ins of web pages: who it is stands in the cookie, sealed by a key that is derived from the internal one. So every replica reads it,
 *  none remembers it, and it ends with the key that sealed it. */
export class SignInCookie {
  readonly #deps: Deps
  readonly #sealing: readonly Uint8Array[]

  constructor(deps: Deps) {
    this.#deps = deps
    this.#sealing = deps.secrets.map(
      (secret) => new Uint8Array(hkdfSync('sha256', secret, '', 'codelab console sign-in v1', 32)),
    )
  }

  /** `text` is what was signed in with, of a credential that was found good. */
  async seal(request: IncomingMessage, credential: Credential, text: string): Promise<SignedIn> {
    const principal = principalFor(credential, this.#deps.keys)
    const ends = [Date.now() + lifetimesMs[credential.kind], principal.term?.expiresAt ?? Number.POSITIVE_INFINITY]
    // Claims have whole seconds.
    const expiresAt = Math.floor(Math.min(...ends) / 1000) * 1000
    const place = credential.kind === 'service' ? credential.place : 0
    const sealed = await new EncryptJWT(claimsOf(credential, text))
      .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
      .setExpirationTime(expiresAt / 1000)
      .encrypt(this.#sealing[place] ?? new Uint8Array())
    return { cookie: setCookie(request, sealed, expiresAt), principal: ending(principal, expiresAt), expiresAt }
  }

  /** What to set as `Set-Cookie` so that the browser forgets it. */
  end(request: IncomingMessage): string {
    return setCookie(request, '', 0)
  }

  /** Who a page's request comes from; undefined: nobody. Throws `forbidden` for a change that another page may have asked for. */
  async read(request: IncomingMessage): Promise<Principal | undefined> {
    const value = cookieIn(request)
    if (value === undefined || isAskedByAnotherPage(request)) return undefined
    const principal = await this.#open(value)
    if (principal) checkOwnPage(request)
    return principal
  }

  async #open(value: string): Promise<Principal | undefined> {
    for (const [place, key] of this.#sealing.entries()) {
      try {
        const { payload } = await jwtDecrypt(value, key, {
          keyManagementAlgorithms: ['dir'],
          contentEncryptionAlgorithms: ['A256GCM'],
          requiredClaims: ['exp', 'kind'],
        })
        return await this.#principalOf(payload, place)
      } catch (error) {
        if (!(error instanceof errors.JOSEError)) throw error
      }
    }
    return undefined
  }

  async #principalOf(
    { kind, key: text, sub, jti, exp = 0 }: Record<string, unknown> & { exp?: number },
    place: number,
  ): Promise<Principal | undefined> {
    const { keys } = this.#deps
    const expiresAt = exp * 1000
    if (kind === 'service') return ending(principalFor({ kind, place }, keys), expiresAt)
    if (kind === 'token') {
      return principalFor({ kind, id: String(jti), subject: String(sub), expiresAt }, keys)
    }
    const key = await keys.find(String(text))
    return key && ending(principalFor({ kind: 'key', key }, keys), expiresAt)
  }
}

/** What is sealed. A personal key itself, because it may be revoked at any time; never the internal key. */
function claimsOf(credential: Credential, text: string) {
  switch (credential.kind) {
    case 'service':
      return { kind: 'service' }
    case 'key':
      return { kind: 'key', key: text }
    case 'token':
      return { kind: 'token', sub: credential.subject, jti: credential.id }
  }
}

function ending(principal: Principal, expiresAt: number): Principal {
  const { id, term } = principal
  const isRevoked = term?.isRevoked ?? notRevoked
  return { ...principal, term: { id: `${term?.id ?? id} until ${expiresAt}`, expiresAt, isRevoked } }
}

/** A change, and a socket, is only for the console's own pages, which say so: a browser adds the cookie to what any page of this machine's
 *  other ports asks for. Throws `forbidden`. */
export function checkOwnPage({ headers, method }: IncomingMessage): void {
  const isSocket = headers.upgrade !== undefined
  if (reading.has(method) && !isSocket) return
  const isOwn = headers.origin !== undefined && isSameHost(headers.origin, headers.host)
  if (isOwn && (isSocket || headers[consoleHeader] !== undefined)) return
  throw new RuntimeError('forbidden', 'Only pages of this server may do this with a sign-in', {
    details: {
      hint: isOwn
        ? `Send ${consoleHeader}: 1 with it.`
        : 'Open the console by the name that the server is called by; a proxy has to pass Host on.',
    },
  })
}

/** Browsers say so; others have no cookie. */
function isAskedByAnotherPage({ headers }: IncomingMessage): boolean {
  const site = headers['sec-fetch-site']
  return site !== undefined && site !== 'same-origin' && site !== 'none'
}

/** Undefined too where it is there twice: nobody can say which one counts. */
function cookieIn(request: IncomingMessage): string | undefined {
  const name = nameFor(request)
  const given = request.headers.cookie ?? ''
  if (given.length > 4 * longestCookie || given.split(`${name}=`).length !== 2) return undefined
  return parseCookie(given)[name] || undefined
}

/** Cookies are of a name and know no port: two servers of a machine would sign each other out. */
function nameFor({ headers: { host = '' } }: IncomingMessage): string {
  return `codelab-${/:(\d+)$/.exec(host)?.[1] ?? 'console'}`
}

function setCookie(request: IncomingMessage, value: string, expiresAt: number): string {
  return stringifySetCookie({
    name: nameFor(request),
    value,
    path: '/',
    httpOnly: true,
    sameSite: 'strict',
    // What is in front of the server may end TLS; the page knows how it was reached.
    secure: request.headers.origin?.startsWith('https://') ?? false,
    expires: new Date(expiresAt),
  })
}
