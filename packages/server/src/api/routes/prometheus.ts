import { ErrorBody } from '@codelab/protocol'
import { z } from 'zod'
import { operatorsOnly } from '../http/identity.ts'
import type { MeterOptions } from '../options.ts'
import { failures } from './failures.ts'
import type { Api, RouteDeps } from './route-deps.ts'

/** Methods that are counted under their own name. */
const knownMethods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])

export function addPrometheusRoute(app: Api, { options, streams }: RouteDeps): void {
  app.get(
    '/metrics',
    {
      onRequest: operatorsOnly,
      schema: {
        operationId: 'getPrometheusMetrics',
        summary: 'Figures for Prometheus',
        description:
          'Of this process since it started, in the text format of Prometheus. Like all else it needs the key: set it as a header in the scrape configuration.',
        tags: ['events'],
        response: {
          200: {
            description: 'What is counted now.',
            content: { 'text/plain': { schema: z.string() } },
          },
          403: ErrorBody,
          ...failures,
        },
      },
    },
    async (_request, reply) => {
      const { contentType, text } = await options.meters.show({ streamsOpen: streams.size })
      return reply.type(contentType).send(text)
    },
  )
}

/** Counts every request when it is over, whatever answered it. Routes are named by their pattern, so their number is bounded. */
export function countRequests(app: Api, meters: MeterOptions): void {
  app.addHook('onRequest', (request, reply, next) => {
    reply.raw.once('close', () => {
      meters.request({
        route: request.routeOptions.url ?? 'none',
        method: knownMethods.has(request.method) ? request.method : 'other',
        status: String(reply.raw.statusCode),
      })
    })
    next()
  })
}
