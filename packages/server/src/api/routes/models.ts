import { ModelList, SessionPath, SessionUsage } from '@codelab/protocol'
import { ownerOf } from '../http/identity.ts'
import { modelItem, sessionUsage } from '../shapes/model.ts'
import { failures, failuresWith404 } from './failures.ts'
import type { Api, RouteDeps } from './route-deps.ts'

/** Which models there are, and what they used. */
export function addModelRoutes(app: Api, { application }: RouteDeps): void {
  app.get(
    '/models',
    {
      schema: {
        operationId: 'listModels',
        summary: 'List the models',
        description:
          'Every model that can be named, the one that answers by default first. Choose one for a session with `PATCH /sessions/{session_id}`. Neither keys nor addresses are shown.',
        tags: ['models'],
        response: { 200: ModelList, ...failures },
      },
    },
    () => {
      const models = application.models().map(modelItem)
      return { models, total: models.length }
    },
  )

  app.get(
    '/sessions/:session_id/usage',
    {
      schema: {
        operationId: 'getSessionUsage',
        summary: 'What a session used',
        description: 'Tokens and costs of its model calls, in all and by model.',
        tags: ['models'],
        params: SessionPath,
        response: { 200: SessionUsage, ...failuresWith404 },
      },
    },
    async (request) => {
      const { session_id: sessionId } = request.params
      return sessionUsage(sessionId, await application.sessions.usage({ ...ownerOf(request), sessionId }))
    },
  )
}
