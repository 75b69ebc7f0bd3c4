import type { ApiKey, Application, Owner, Rate, TokenVerifier } from '../../application/index.ts'
import { service } from '../../application/index.ts'
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

/** What a caller shows of itself, once it was found good. */
export type Credential =
  | { readonly kind: 'service'; readonly place: number }
  | { readonly kind: 'key'; readonly key: ApiKey }
  | { readonly kind: 'token'; readonly id: string; readonly subject: string; readonly expiresAt: number }

export interface CredentialDeps {
  readonly internalKey: KeyCheck
  readonly keys: Pick<Application['keys'], 'find' | 'isLive'>
  readonly tokens: TokenVerifier | undefined
}

/** Reads what a caller sends: the internal key, a personal key or a token. Undefined: it counts as none of them. */
export function createReadCredential({ internalKey, keys, tokens }: CredentialDeps) {
  return async (text: string): Promise<Credential | undefined> => {
    const place = internalKey(text)
    if (place !== undefined) return { kind: 'service', place }
    const key = await keys.find(text)
    if (key) return { kind: 'key', key }
    const verified = await tokens?.verify(text)
    return verified && { kind: 'token', ...verified }
  }
}

export function principalFor(credential: Credential, keys: CredentialDeps['keys']): Principal {
  switch (credential.kind) {
    case 'service':
      return { kind: 'service', owner: service, id: `service ${credential.place}` }
    case 'key': {
      const { key } = credential
      const isRevoked = async () => !(await keys.isLive(key))
      const term = { id: `key ${key.id}`, expiresAt: key.expiresAt, isRevoked }
      return { ...person(key.ownerId, term.id), ...(key.rate && { rate: key.rate }), term }
    }
    case 'token': {
      const { id, subject, expiresAt } = credential
      return { ...person(subject, `user ${subject}`), term: { id: `token ${id}`, expiresAt, isRevoked: notRevoked } }
    }
  }
}

export function person(ownerId: string, id: string): Principal {
  return { kind: 'person', owner: { ownerId }, id }
}

/** Nobody takes a token back before its time. */
export const notRevoked = async () => false
