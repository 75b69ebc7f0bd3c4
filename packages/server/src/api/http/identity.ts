import type { IncomingMessage } from 'node:http'
import type { FastifyRequest } from 'fastify'
import { isUserName, type Owner, RuntimeError, service } from '../../application/index.ts'
import { type Credential, type CredentialDeps, type Principal, person, principalFor } from './credentials.ts'
import type { SignInCookie } from './sign-in-cookie.ts'

export type { Principal, Term } from './credentials.ts'

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
  readonly readCredential: (text: string) => Promise<Credential | undefined>
  readonly keys: CredentialDeps['keys']
  readonly signIns: SignInCookie
}

/** Every credential that a request carries must be good; where they name somebody, it is that person who asks. A sign-in counts where there
 *  is no other. */
export function createIdentify({ readCredential, keys, signIns }: IdentityDeps): Identify {
  return async (request, more) => {
    const { rawHeaders } = request
    const tokens = tokensOf(rawHeaders)
    if (more !== undefined) tokens?.push(more)
    if (!tokens) return undefined
    let found = tokens.length === 0 ? await signIns.read(request) : undefined
    for (const token of tokens) {
      const credential = await readCredential(token)
      if (!credential) return undefined
      const principal = principalFor(credential, keys)
      if (found?.kind === 'person' && principal.kind === 'person' && found.id !== principal.id) return undefined
      if (found?.kind !== 'person') found = principal
    }
    return found?.kind === 'service' ? actingFor(found, rawHeaders) : found
  }
}

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
    const given = rawHeaders[i]
    if (given?.length === name.length && given.toLowerCase() === name) found.push(rawHeaders[i + 1] ?? '')
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
