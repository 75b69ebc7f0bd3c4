import {
  ApiKeyList,
  CreateApiKeyRequest,
  CreatedApiKey,
  ErrorBody,
  RevokeApiKeysRequest,
  RevokedApiKeys,
} from '@codelab/protocol'
import { z } from 'zod'
import { operatorsOnly } from '../http/identity.ts'
import { textParameter } from '../http/query.ts'
import { apiKeyList, createdApiKey } from '../shapes/keys.ts'
import { failures, failuresOfBody } from './failures.ts'
import type { Api, RouteDeps } from './route-deps.ts'

/** Personal keys, for `codelab keys`; the public document leaves them out as the rest of the maintenance. */
export function addKeyRoutes(app: Api, { application: { keys } }: RouteDeps): void {
  app.get(
    '/maintenance/keys',
    {
      onRequest: operatorsOnly,
      schema: {
        operationId: 'listKeys',
        summary: 'List personal keys',
        description: 'By user, then oldest first, at most 1,000; revoked ones too. Never a key itself.',
        hide: true,
        querystring: z.object({ user: textParameter('Only keys of this user.') }),
        response: { 200: ApiKeyList, 403: ErrorBody, ...failures },
      },
    },
    async (request) => apiKeyList(await keys.list(request.query.user)),
  )

  app.post(
    '/maintenance/keys',
    {
      onRequest: operatorsOnly,
      schema: {
        operationId: 'createKey',
        summary: 'Make a personal key',
        description: 'The answer has the key, this once: only its hash is stored.',
        hide: true,
        body: CreateApiKeyRequest,
        response: { 200: CreatedApiKey, 403: ErrorBody, ...failuresOfBody },
      },
    },
    async (request) => {
      const { user, rate, expires_in_seconds: seconds } = request.body
      const wanted = {
        user,
        ...(rate && { rate: { max: rate.max, windowMs: rate.window_seconds * 1000 } }),
        ...(seconds !== undefined && { expiresInMs: seconds * 1000 }),
      }
      return createdApiKey(await keys.create(wanted))
    },
  )

  app.post(
    '/maintenance/keys/revoke',
    {
      onRequest: operatorsOnly,
      schema: {
        operationId: 'revokeKeys',
        summary: 'Revoke a key, or all of a user',
        description:
          'From now on it counts no more; what is open with it is closed within seconds. 404: there is none.',
        hide: true,
        body: RevokeApiKeysRequest,
        response: { 200: RevokedApiKeys, 403: ErrorBody, ...failuresOfBody, 404: ErrorBody },
      },
    },
    async (request) => ({ revoked: await keys.revoke(request.body) }),
  )
}
