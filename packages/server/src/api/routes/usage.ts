import { RecentUsage, Usage } from '@codelab/protocol'
import { z } from 'zod'
import { type RecentHours, RuntimeError } from '../../application/index.ts'
import { type Principal, principalOf } from '../http/identity.ts'
import { choiceParameter, dayParameter, dimensionsParameter, integerParameter, textParameter } from '../http/query.ts'
import { recentUsageBody } from '../shapes/recent-usage.ts'
import { usageBody } from '../shapes/usage.ts'
import { failuresWith404 } from './failures.ts'
import type { Api, RouteDeps } from './route-deps.ts'

const ranges = ['1', '24', '168', '720'] as const

/** What people used. */
export function addUsageRoute(app: Api, { application }: RouteDeps): void {
  addRecentUsageRoute(app, { application })

  app.get(
    '/usage',
    {
      schema: {
        operationId: 'getUsage',
        summary: 'What people used, by day',
        description:
          'Tokens, costs, model calls and turns. Days are those of UTC. It is added up as models are called and outlives the sessions; a cost is null where that of a single call is not known.',
        tags: ['events'],
        querystring: z.object({
          from: dayParameter('First day; by default 30 days up to `to`.'),
          to: dayParameter('Last day, included; today by default.'),
          by: dimensionsParameter('A row for each: `day`, `user`, `model`, or several with commas.'),
          user: textParameter('Only of this user. A person is told only of themself; of another: 404.'),
          limit: integerParameter({
            missing: 1000,
            minimum: 1,
            maximum: 10_000,
            description: 'How many rows to return.',
            refuseOutside: true,
          }),
        }),
        response: { 200: Usage, ...failuresWith404 },
      },
    },
    async (request) => {
      const { user: asked, ...question } = request.query
      const user = userFor(principalOf(request), asked)
      return usageBody(await application.usage({ ...question, ownerId: user }), question.by, user ?? null)
    },
  )
}

function addRecentUsageRoute(app: Api, { application }: Pick<RouteDeps, 'application'>): void {
  app.get(
    '/usage/recent',
    {
      schema: {
        operationId: 'getRecentUsage',
        summary: 'The last hours, by time, agent, model and person',
        description:
          'Tokens, costs, times to the first token, failures and decisions, in parts of 2 minutes, an hour, 6 hours or a day. It is read from the newest 10,000 model calls; `GET /usage` has the sums of whole days. The internal key is told of everybody.',
        tags: ['events'],
        querystring: z.object({
          hours: choiceParameter(ranges, 'How far back; 24 when it is left out.'),
          agent: textParameter('Only calls of this agent.'),
          model: textParameter('Only calls of this model.'),
          user: textParameter('Only of this user. A person is told only of themself; of another: 404.'),
        }),
        response: { 200: RecentUsage, ...failuresWith404 },
      },
    },
    async (request) => {
      const { hours = '24', agent, model, user: asked } = request.query
      const user = userFor(principalOf(request), asked)
      const question = { ownerId: user, hours: Number(hours) as RecentHours, agent, model }
      return recentUsageBody(await application.recentUsage(question), user ?? null)
    },
  )
}

/** Undefined: everybody. */
function userFor({ kind, owner }: Principal, asked: string | undefined): string | undefined {
  if (kind === 'service') return asked
  if (asked === undefined || asked === owner.ownerId) return owner.ownerId
  throw new RuntimeError('not_found', `There is no usage of ${asked}`)
}
