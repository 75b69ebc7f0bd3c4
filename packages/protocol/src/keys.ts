import { z } from 'zod'
import { Timestamp } from './sessions.ts'

const tenYearsSeconds = 315_360_000

export const KeyRate = z
  .object({
    max: z.number().int().min(1).max(9_999_999),
    window_seconds: z.number().int().min(1).max(86_400),
  })
  .meta({ id: 'KeyRate', description: 'So many requests in so long.' })

export const ApiKeyItem = z
  .object({
    id: z.string(),
    user: z.string(),
    hint: z.string().describe('How the key begins.'),
    rate: KeyRate.nullable().describe('Null: what holds for everybody.'),
    created_at: Timestamp,
    expires_at: Timestamp.nullable(),
    revoked_at: Timestamp.nullable(),
    last_used_at: Timestamp.nullable().describe('To the minute.'),
  })
  .meta({ id: 'ApiKeyItem' })
export type ApiKeyItem = z.infer<typeof ApiKeyItem>

export const ApiKeyList = z.object({ keys: z.array(ApiKeyItem), count: z.number().int() }).meta({ id: 'ApiKeyList' })
export type ApiKeyList = z.infer<typeof ApiKeyList>

export const CreateApiKeyRequest = z
  .object({
    user: z.string().min(1).max(255),
    rate: KeyRate.optional(),
    expires_in_seconds: z.number().int().min(1).max(tenYearsSeconds).optional(),
  })
  .meta({ id: 'CreateApiKeyRequest' })
export type CreateApiKeyRequest = z.infer<typeof CreateApiKeyRequest>

export const CreatedApiKey = ApiKeyItem.extend({
  key: z.string().describe('The key itself: shown this once, and kept nowhere.'),
}).meta({ id: 'CreatedApiKey' })
export type CreatedApiKey = z.infer<typeof CreatedApiKey>

export const RevokeApiKeysRequest = z
  .union([z.object({ id: z.string().min(1).max(255) }), z.object({ user: z.string().min(1).max(255) })])
  .meta({ id: 'RevokeApiKeysRequest', description: 'One key, or all of a user.' })
export type RevokeApiKeysRequest = z.infer<typeof RevokeApiKeysRequest>

export const RevokedApiKeys = z.object({ revoked: z.number().int() }).meta({ id: 'RevokedApiKeys' })
export type RevokedApiKeys = z.infer<typeof RevokedApiKeys>
