import { z } from 'zod'
import { Timestamp } from './sessions.ts'

export const SignInRequest = z
  .object({
    key: z
      .string()
      .min(1)
      .max(8 * 1024)
      .optional()
      .describe('The internal key, a personal key or a token. Left out where no sign-in is needed.'),
  })
  .meta({ id: 'SignInRequest' })
export type SignInRequest = z.infer<typeof SignInRequest>

export const SignInState = z
  .object({
    signed_in: z.boolean(),
    sign_in: z.enum(['needed', 'not_needed']),
    kind: z.enum(['service', 'person']).nullable().describe('`service` operates the server. Null: nobody.'),
    user: z.string().nullable().describe('Of a person.'),
    expires_at: Timestamp.nullable(),
    tokens: z.boolean().describe('Whether tokens of an identity provider are accepted.'),
  })
  .meta({ id: 'SignInState' })
export type SignInState = z.infer<typeof SignInState>

export const SignedOut = z.object({ signed_in: z.literal(false) }).meta({ id: 'SignedOut' })
export type SignedOut = z.infer<typeof SignedOut>
