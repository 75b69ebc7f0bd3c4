import { z } from 'zod'

/** A form for a token: bytes here, because the auth service reads it and nobody else. */
export const TokenRequest = z.custom<Uint8Array>().meta({
  id: 'TokenRequest',
  description: 'A form of OAuth 2.0: a password or a refresh token for an access token.',
  override: {
    type: 'object',
    properties: {
      grant_type: { type: 'string', enum: ['password', 'refresh_token'] },
      username: { type: 'string' },
      password: { type: 'string' },
      refresh_token: { type: 'string' },
      client_id: { type: 'string' },
      scope: { type: 'string' },
    },
    required: ['grant_type'],
  },
})

/** What the auth service answers; it may say more. */
export const TokenAnswer = z
  .looseObject({
    access_token: z.string(),
    refresh_token: z.string().optional(),
    token_type: z.string(),
    expires_in: z.number().describe('Seconds.'),
    scope: z.string().optional(),
  })
  .meta({ id: 'TokenAnswer', description: 'A token, as the auth service gave it.' })

export const KeySet = z
  .looseObject({ keys: z.array(z.looseObject({ kty: z.string(), kid: z.string().optional() })) })
  .meta({ id: 'KeySet', description: 'A JSON Web Key Set (RFC 7517).' })

/** A refusal in the form of OAuth 2.0. */
export const TokenRefusal = z
  .looseObject({ error: z.string(), error_description: z.string().optional() })
  .meta({ id: 'TokenRefusal', description: 'What the auth service refused, in its own words.' })
