import { DeadLetters, ErrorBody, ReplayDeadLettersRequest, ReplayedDeadLetters } from '@codelab/protocol'
import { z } from 'zod'
import { operatorsOnly } from '../http/identity.ts'
import { integerParameter } from '../http/query.ts'
import { deadLetters } from '../shapes/metrics.ts'
import { failures, failuresOfBody, failuresWith404 } from './failures.ts'
import type { Api, RouteDeps } from './route-deps.ts'

const tags = ['events']

/** Events that a handler could not take. */
export function addDeadLetterRoutes(app: Api, { application }: RouteDeps): void {
  const { events } = application

  app.get(
    '/events/dead-letters',
    {
      onRequest: operatorsOnly,
      schema: {
        operationId: 'listDeadLetters',
        summary: 'Events that a handler could not take',
        description: 'After five attempts an event is put aside and its handler goes on. Nothing is lost: replay it.',
        tags,
        querystring: z.object({
          limit: integerParameter({
            missing: 100,
            minimum: 1,
            maximum: 1000,
            description: 'How many to return.',
            refuseOutside: true,
          }),
        }),
        response: { 200: DeadLetters, 403: ErrorBody, ...failures },
      },
    },
    async (request) => {
      const { letters, total } = await events.deadLetters(request.query.limit)
      return deadLetters(letters, total)
    },
  )

  app.post(
    '/events/dead-letters/replay',
    {
      onRequest: operatorsOnly,
      schema: {
        operationId: 'replayDeadLetters',
        summary: 'Give dead letters to their handlers again',
        description:
          'One by its `id`, or the oldest 1,000 with `all`. What is handled leaves the list; what fails again stays, with one attempt more.',
        tags,
        body: ReplayDeadLettersRequest,
        response: { 200: ReplayedDeadLetters, 403: ErrorBody, ...failuresOfBody, ...failuresWith404 },
      },
    },
    async (request) => await events.replay('id' in request.body ? request.body.id : undefined),
  )
}
