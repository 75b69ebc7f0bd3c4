import { ErrorBody, Overview } from '@codelab/protocol'
import { operatorsOnly } from '../http/identity.ts'
import { timestamp } from '../shapes/time.ts'
import { failures } from './failures.ts'
import type { Api, RouteDeps } from './route-deps.ts'

/** What runs here, and what it was told. */
export function addOverviewRoute(app: Api, { application, options }: RouteDeps): void {
  app.get(
    '/overview',
    {
      onRequest: operatorsOnly,
      schema: {
        operationId: 'getOverview',
        summary: 'What runs here',
        description:
          'Health, replicas, event handlers, tools with what asks a person, and every setting with where it comes from. Secrets are never shown.',
        tags: ['health'],
        response: { 200: Overview, 403: ErrorBody, ...failures },
      },
    },
    async () => {
      const [{ status, details }, runs] = await Promise.all([options.health(), application.overview()])
      return {
        version: options.version,
        uptime_seconds: Math.floor(process.uptime()),
        memory_bytes: process.memoryUsage.rss(),
        status,
        details: { ...details },
        replicas: runs.replicas.map(({ id, beatAt }) => ({ id, beat_at: timestamp(beatAt) })),
        handlers: runs.lags.map(({ handler, events }) => ({ handler, events_behind: events })),
        events: runs.events,
        dead_letters: runs.deadLetters,
        tools: runs.tools.map(({ name, class: kind, asks, declaredOnly }) => ({
          name,
          class: kind,
          asks,
          declared_only: declaredOnly,
        })),
        settings: options.settings.map(({ name, value, source, about }) => ({ name, value, source, about })),
      }
    },
  )
}
