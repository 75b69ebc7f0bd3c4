import { z } from 'zod'
import { SessionId } from './messages.ts'

const longestDiff = 64 * 1024

const fields = {
  old_sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/, 'must be a SHA-256 in lower-case hexadecimal')
    .nullable()
    .describe('Digest of the file as it is now; null when there is none.'),
  diff: z
    .string()
    .refine((text) => new TextEncoder().encode(text).length <= longestDiff, 'must not be longer than 64 KiB')
    .describe('Unified diff of what would change; at most 64 KiB.'),
  truncated: z.boolean().describe('Whether the diff leaves something out.'),
}

/** What a call that waits for a person would do, as the executor sees it in the workspace. */
export const CallPreview = z.object(fields).meta({ id: 'CallPreview' })
export type CallPreview = z.infer<typeof CallPreview>

export const PreviewCallRequest = z.looseObject(fields).meta({ id: 'PreviewCallRequest' })

export const StoredPreview = z
  .object({ session_id: z.string(), call_id: z.string(), preview: CallPreview })
  .meta({ id: 'StoredPreview' })
export type StoredPreview = z.infer<typeof StoredPreview>

/** Ids of providers are far shorter. */
export const CallPath = z.object({ session_id: SessionId, call_id: z.string().min(1).max(1024) })
