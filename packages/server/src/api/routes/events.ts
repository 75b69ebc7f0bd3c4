import {
  AuditLog,
  ErrorBody,
  EventStats,
  Metrics,
  SessionMetrics,
  SessionPath,
  SessionsWithMetrics,
} from '@codelab/protocol'
import { z } from 'zod'
import { operatorsOnly, ownerOf } from '../http/identity.ts'
import { integerParameter, textParameter } from '../http/query.ts'
import { auditEntries, eventTypesOf } from '../shapes/audit.ts'
import { eventStats, metrics, sessionMetrics } from '../shapes/metrics.ts'
import { failures, failuresWith404 } from './failures.ts'
import type { Api, RouteDeps } from './route-deps.ts'

const tags = ['events']

export function addEventRoutes(app: Api, { application }: RouteDeps): void {
  const { events } = application

  app.get(
    '/events/metrics',
    {
      schema: {
        operationId: 'getMetrics',
        summary: 'Figures of agents, tools and decisions',
        description: 'Read from what is stored, so a restart loses none of them. A key appears on its first use.',
        tags,
        response: { 200: Metrics, ...failures },
      },
    },
    async (request) => metrics(await events.figures(ownerOf(request).ownerId), Date.now()),
  )

  app.get(
    '/events/metrics/session/:session_id',
    {
      schema: {
        operationId: 'getSessionMetrics',
        summary: 'Model calls of a session',
        description:
          'Each with its tokens and duration, and their sums. Routing calls are not counted. 404 before the first one.',
        tags,
        params: SessionPath,
        response: { 200: SessionMetrics, ...failuresWith404 },
      },
    },
    async (request) => {
      const { session_id: sessionId } = request.params
      return sessionMetrics(sessionId, await events.modelCalls({ ...ownerOf(request), sessionId }))
    },
  )

  app.get(
    '/events/metrics/sessions',
    {
      schema: {
        operationId: 'listSessionsWithMetrics',
        summary: 'Sessions that have model calls',
        description: 'Their ids, oldest first.',
        tags,
        response: { 200: SessionsWithMetrics, ...failures },
      },
    },
    async (request) => {
      const sessions = [...(await events.sessionsWithModelCalls(ownerOf(request).ownerId))]
      return { sessions, count: sessions.length }
    },
  )

  app.get(
    '/events/audit-log',
    {
      schema: {
        operationId: 'getAuditLog',
        summary: 'Who decided, what was refused, what failed',
        description:
          'The newest entries that match, oldest first. Written in the transaction of what they tell, and never changed.',
        tags,
        querystring: z.object({
          session_id: textParameter('Only entries of this session.'),
          event_type: textParameter('Only entries of this type; one that does not exist has none.'),
          limit: integerParameter({
            missing: 100,
            minimum: 1,
            maximum: 1000,
            description: 'How many to return.',
            refuseOutside: true,
          }),
        }),
        response: { 200: AuditLog, ...failures },
      },
    },
    async (request) => {
      const { session_id: sessionId, event_type: eventType, limit } = request.query
      const types = eventType === undefined ? undefined : eventTypesOf(eventType)
      const rows =
        types?.length === 0
          ? []
          : await events.audit({
              ...ownerOf(request),
              ...(sessionId === undefined ? {} : { sessionId }),
              ...(types === undefined ? {} : { types }),
              limit,
            })
      const entries = auditEntries(rows)
      const filters = { session_id: sessionId ?? null, event_type: eventType ?? null, limit }
      return { audit_log: entries, count: entries.length, filters }
    },
  )

  app.get(
    '/events/stats',
    {
      onRequest: operatorsOnly,
      schema: {
        operationId: 'getEventStats',
        summary: 'How many events there are',
        description: 'Events of all sessions, and how their handlers did.',
        tags,
        response: { 200: EventStats, 403: ErrorBody, ...failures },
      },
    },
    async () => eventStats(await events.events()),
  )
}
