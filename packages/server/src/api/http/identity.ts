import type { IncomingMessage } from 'node:http'
import type { FastifyRequest } from 'fastify'
import {
  type Application,
  isUserName,
  type Owner,
  type Rate,
  RuntimeError,
  service,
  type TokenVerifier,
} from '../../application/index.ts'
import type { KeyCheck } from './internal-auth.ts'

/** Who asks (DESIGN 8). */
export interface Principal {
  /** `service`: whoever has the internal key and names no user. Everybody else is a person and sees only what is theirs. */
  readonly kind: 'service' | 'person'
  readonly owner: Owner
  /** Tells callers apart for their limits; never a key. */
  readonly id: string
  /** Its own limit, instead of everybody's. */
  readonly rate?: Rate
  /** Came without credentials, where that is allowed: all that tells it apart is its address. */
  readonly anonymous?: true
  /** Missing: what it came with has no end. */
  readonly term?: Term
}

/** How long a credential counts. */
export interface Term {
  /** Tells credentials apart. */
  readonly id: string
  /** Epoch milliseconds; null: until somebody revokes it. */
  readonly expiresAt: number | null
  isRevoked(): Promise<boolean>
}

/** Who a request comes from; undefined: nobody, 401. `more` is a token that came another way than in a header. Throws `invalid_input` for a
 *  user that nobody can be. */
export type Identify = (request: IncomingMessage, more?: string) => Promise<Principal | undefined>

declare module 'fastify' {
  interface FastifyRequest {
    /** Null on the paths that are open to everybody. */
    principal: Principal | null
  }
}

const internalKeyHeader = 'x-internal-auth'
const userHeader = 'x-codelab-user'

export interface IdentityDeps {
  readonly internalKey: KeyCheck
  readonly keys: Pick<Application['keys'], 'find' | 'isLive'>
  readonly tokens: TokenVerifier | undefined
}

/** Every credential that a request carries must be good; where they name somebody, it is that person who asks. */
export function createIdentify({ internalKey, keys, tokens }: IdentityDeps): Identify {
  async function ofToken(token: string): Promise<Principal | undefined> {
    const place = internalKey(token)
    if (place !== undefined) return { kind: 'service', owner: service, id: `service ${place}` }
    const key = await keys.find(token)
    if (!key) return await ofVerified(token)
    const { id, ownerId, rate, expiresAt } = key
    const isRevoked = async () => !(await keys.isLive(key))
    return { ...person(ownerId, `key ${id}`), ...(rate && { rate }), term: { id: `key ${id}`, expiresAt, isRevoked } }
  }

  async function ofVerified(token: string): Promise<Principal | undefined> {
    const verified = await tokens?.verify(token)
    if (!verified) return undefined
    const { id, subject, expiresAt } = verified
    return { ...person(subject, `user ${subject}`), term: { id: `token ${id}`, expiresAt, isRevoked: notRevoked } }
  }

  return async ({ rawHeaders }, more) => {
    const tokens = tokensOf(rawHeaders)
    if (more !== undefined) tokens?.push(more)
    if (!tokens || tokens.length === 0) return undefined
    let found: Principal | undefined
    for (const token of tokens) {
      const principal = await ofToken(token)
      if (!principal) return undefined
      if (found?.kind === 'person' && principal.kind === 'person' && found.id !== principal.id) return undefined
      if (found?.kind !== 'person') found = principal
    }
    return found?.kind === 'service' ? actingFor(found, rawHeaders) : found
  }
}

/** Nobody takes a token back before its time. */
const notRevoked = async () => false

/** The internal key may act for a user; then it sees and does what that user may. */
function actingFor(asked: Principal, rawHeaders: readonly string[]): Principal {
  const users = valuesOf(rawHeaders, userHeader)
  const [user] = users
  if (user === undefined || (users.length === 1 && user === service.ownerId)) return asked
  if (users.length === 1 && isUserName(user)) return person(user, `user ${user}`)
  throw new RuntimeError('invalid_input', `${userHeader} names no user`, {
    details: { hint: 'Send it once: 1 to 255 visible ASCII characters, without a comma.' },
  })
}

function person(ownerId: string, id: string): Principal {
  return { kind: 'person', owner: { ownerId }, id }
}

/** Whether a request says at all who it comes from, rightly or not. */
export function hasCredentials({ rawHeaders }: IncomingMessage, more?: string): boolean {
  return more !== undefined || tokensOf(rawHeaders)?.length !== 0
}

/** Undefined: a header is there twice, so nobody can say which one counts. */
function tokensOf(rawHeaders: readonly string[]): string[] | undefined {
  const keys = valuesOf(rawHeaders, internalKeyHeader)
  const authorizations = valuesOf(rawHeaders, 'authorization')
  if (keys.length > 1 || authorizations.length > 1) return undefined
  return [...keys, ...authorizations.flatMap((value) => /^Bearer +(\S+)$/i.exec(value)?.[1] ?? [])]
}

function valuesOf(rawHeaders: readonly string[], name: string): string[] {
  const found: string[] = []
  for (let i = 0; i < rawHeaders.length; i += 2) {
    if (rawHeaders[i]?.toLowerCase() === name) found.push(rawHeaders[i + 1] ?? '')
  }
  return found
}

export function principalOf(request: Pick<FastifyRequest, 'principal'>): Principal {
  if (!request.principal) throw new Error('This path is open to everybody')
  return request.principal
}

/** Whose things a request is about. */
export function ownerOf(request: Pick<FastifyRequest, 'principal'>): Owner {
  return principalOf(request).owner
}

/** For what concerns the whole process, and everybody: a hook of the route. */
export async function operatorsOnly(request: FastifyRequest): Promise<void> {
  if (principalOf(request).kind === 'service') return
  throw new RuntimeError('forbidden', 'This is for operators', {
    details: { hint: `Send the internal key, without ${userHeader}.` },
  })
}
