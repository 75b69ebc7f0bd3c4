import type { ApiKeyItem, ApiKeyList, CreatedApiKey } from '@codelab/protocol'
import type { ApiKey } from '../../application/index.ts'
import { timestamp } from './time.ts'

function apiKeyItem(key: ApiKey): ApiKeyItem {
  const { rate, expiresAt, revokedAt, lastUsedAt } = key
  return {
    id: key.id,
    user: key.ownerId,
    hint: key.hint,
    rate: rate && { max: rate.max, window_seconds: rate.windowMs / 1000 },
    created_at: timestamp(key.createdAt),
    expires_at: expiresAt === null ? null : timestamp(expiresAt),
    revoked_at: revokedAt === null ? null : timestamp(revokedAt),
    last_used_at: lastUsedAt === null ? null : timestamp(lastUsedAt),
  }
}

export function apiKeyList(keys: readonly ApiKey[]): ApiKeyList {
  return { keys: keys.map(apiKeyItem), count: keys.length }
}

export function createdApiKey({ key, token }: { readonly key: ApiKey; readonly token: string }): CreatedApiKey {
  return { ...apiKeyItem(key), key: token }
}
