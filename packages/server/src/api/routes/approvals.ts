import { Inbox } from '@codelab/protocol'
import { z } from 'zod'
import { ownerOf } from '../http/identity.ts'
import { choiceParameter, integerParameter } from '../http/query.ts'
import { inboxApproval } from '../shapes/approval.ts'
import { failures } from './failures.ts'
import type { Api, RouteDeps } from './route-deps.ts'

/** What waits for a person, wherever it waits. */
export function addApprovalRoutes(app: Api, { application }: RouteDeps): void {
  app.get(
    '/approvals',
    {
      schema: {
        operationId: 'listApprovals',
        summary: 'What waits for a person in all sessions',
        description:
          'Oldest first, with what is needed to decide: the call, its preview, what the agent said, which rule asked. `state=decided`: what was decided last, newest first. Decide on the stream, with `hitl_decision`.',
        tags: ['sessions'],
        querystring: z.object({
          state: choiceParameter(['waiting', 'decided'], '`waiting` when it is left out.'),
          limit: integerParameter({
            missing: 50,
            minimum: 1,
            maximum: 100,
            description: 'How many to return.',
            refuseOutside: true,
          }),
        }),
        response: { 200: Inbox, ...failures },
      },
    },
    async (request) => {
      const { state = 'waiting', limit } = request.query
      const { approvals, waiting } = await application.approvals(ownerOf(request).ownerId, state, limit)
      return { approvals: approvals.map(inboxApproval), count: approvals.length, waiting }
    },
  )
}
