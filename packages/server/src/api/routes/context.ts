import { SessionContext, SessionPath } from '@codelab/protocol'
import { ownerOf } from '../http/identity.ts'
import { sessionContext } from '../shapes/context.ts'
import { failuresWith404 } from './failures.ts'
import type { Api, RouteDeps } from './route-deps.ts'

/** What a model is sent. */
export function addContextRoutes(app: Api, { application }: RouteDeps): void {
  app.get(
    '/sessions/:session_id/context',
    {
      schema: {
        operationId: 'getSessionContext',
        summary: 'What the model is sent',
        description:
          'The parts of the next request as things stand, with their sizes in estimated tokens and their share of what the model can read. Texts are as they are sent: keys are masked.',
        tags: ['sessions'],
        params: SessionPath,
        response: { 200: SessionContext, ...failuresWith404 },
      },
    },
    async (request) => {
      const { session_id: sessionId } = request.params
      return sessionContext(sessionId, await application.context({ ...ownerOf(request), sessionId }))
    },
  )
}
