import { z } from 'zod'

const longestKey = 255

/** `Idempotency-Key`: the same key again within a day is the same request. */
export const idempotencyKey = z
  .string()
  .min(1)
  .max(longestKey)
  .optional()
  .describe('The same key again within a day, with the same body, is the same request: nothing is done twice.')

/** The key that a message is repeated by: the header, else the message's own id. */
export function repeatKeyOf(
  header: string | string[] | undefined,
  message?: Readonly<Record<string, unknown>>,
): { readonly repeatKey?: string } {
  if (typeof header === 'string' && header !== '') return { repeatKey: `key:${header}` }
  const id = message?.['message_id']
  return typeof id === 'string' && id !== '' && id.length <= longestKey ? { repeatKey: `message:${id}` } : {}
}
