import { type ApiKey, isUsable, type Rate } from '../domain/api-key.ts'
import { RuntimeError } from '../domain/errors.ts'
import { isUserName } from '../domain/owner.ts'
import type { Clock } from './ports/clock.ts'
import type { Ids } from './ports/ids.ts'
import type { Log } from './ports/log.ts'
import type { UnitOfWork } from './ports/store.ts'

/** What every personal key begins with, so that scanners of leaked secrets know one. */
const prefix = 'clk_'
const hintLength = prefix.length + 4
const mostListed = 1_000
/** How long a key is believed without asking the store: another replica may have revoked it. */
const believedMs = 5_000
const mostKnown = 10_000
const touchedMs = 60_000

export interface CreateKey {
  readonly user: string
  readonly rate?: Rate
  readonly expiresInMs?: number
}

export interface KeysDeps {
  readonly store: UnitOfWork
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Log
}

interface Known {
  readonly key: Promise<ApiKey | undefined>
  readonly until: number
}

/** Keys of persons: made and revoked by an operator, asked for with every request. */
export function createKeys({ store, clock, ids, log }: KeysDeps) {
  const known = new Map<string, Known>()
  /** When each was noted as used, by id; the one noted longest ago is forgotten first. */
  const touched = new Map<string, number>()

  /** The store is asked once in a while; a failure is not remembered. */
  function lookUp(hash: string): Promise<ApiKey | undefined> {
    const now = clock.monotonic()
    const there = known.get(hash)
    if (there && there.until > now) return there.key
    const key = store.read((tx) => tx.apiKeys.findByHash(hash))
    remember(known, hash, { key, until: now + believedMs })
    key.catch(() => known.delete(hash))
    return key
  }

  function touch(key: ApiKey): void {
    const now = clock.now()
    const last = touched.get(key.id) ?? key.lastUsedAt ?? 0
    if (Math.abs(now - last) < touchedMs) return
    remember(touched, key.id, now)
    store
      .transact((tx) => tx.apiKeys.touch(key.id, now))
      .catch((error) => log.warn('the use of a key was not noted', { code: RuntimeError.from(error).code }))
  }

  return {
    /** Gives the key itself, this once. Throws `invalid_input`. */
    create: async ({
      user,
      rate,
      expiresInMs,
    }: CreateKey): Promise<{ readonly key: ApiKey; readonly token: string }> => {
      if (!isUserName(user)) {
        throw new RuntimeError('invalid_input', `'${user}' cannot be a user`, {
          details: { hint: 'Use 1 to 255 visible ASCII characters without a comma; `service` is taken.' },
        })
      }
      const token = prefix + ids.secret()
      const createdAt = clock.now()
      const key: ApiKey = {
        id: ids.next(),
        ownerId: user,
        hash: ids.digest(token),
        hint: token.slice(0, hintLength),
        rate: rate ?? null,
        createdAt,
        expiresAt: expiresInMs === undefined ? null : createdAt + expiresInMs,
        revokedAt: null,
        lastUsedAt: null,
      }
      await store.transact((tx) => tx.apiKeys.add(key))
      known.delete(key.hash)
      return { key, token }
    },

    /** By user, then oldest first; revoked ones too. */
    list: async (user: string | undefined): Promise<readonly ApiKey[]> =>
      await store.read((tx) => tx.apiKeys.list(user, mostListed)),

    /** One key, or all of a user; gives how many were revoked. Throws `not_found` when none was usable. */
    revoke: async (which: { readonly id: string } | { readonly user: string }): Promise<number> => {
      const wanted = 'id' in which ? which : { ownerId: which.user }
      const hashes = await store.transact((tx) => tx.apiKeys.revoke(wanted, clock.now()))
      for (const hash of hashes) known.delete(hash)
      if (hashes.length > 0) return hashes.length
      throw new RuntimeError('not_found', 'There is no such key, or it was revoked before', {
        details: { hint: 'codelab keys list shows them.' },
      })
    },

    /** Whose key this is; undefined for what is none, and for one that is over. */
    find: async (token: string): Promise<ApiKey | undefined> => {
      if (!token.startsWith(prefix)) return undefined
      const key = await lookUp(ids.digest(token))
      if (!key || !isUsable(key, clock.now())) return undefined
      touch(key)
      return key
    },

    /** Whether it still counts. */
    isLive: async ({ hash }: ApiKey): Promise<boolean> => {
      const key = await lookUp(hash)
      return key !== undefined && isUsable(key, clock.now())
    },
  }
}

function remember<T>(map: Map<string, T>, key: string, value: T): void {
  map.delete(key)
  map.set(key, value)
  const oldest = map.size > mostKnown ? map.keys().next().value : undefined
  if (oldest !== undefined) map.delete(oldest)
}
