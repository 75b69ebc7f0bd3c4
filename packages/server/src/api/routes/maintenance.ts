import {
  BackupFile,
  CleanupReport,
  CleanupRequest,
  ErrorBody,
  PauseRequest,
  PauseState,
  SessionPath,
  SessionTimeline,
} from '@codelab/protocol'
import { z } from 'zod'
import { parseDuration } from '../../application/index.ts'
import { ValidationError } from '../errors.ts'
import { operatorsOnly, ownerOf } from '../http/identity.ts'
import { booleanParameter, integerParameter } from '../http/query.ts'
import { cleanupReport, sessionTimeline } from '../shapes/maintenance.ts'
import { failuresOfBody, failuresWith404 } from './failures.ts'
import type { Api, RouteDeps } from './route-deps.ts'

const leastAgeMs = 1_000

/** What an operator does to a running server; the commands of `codelab` ask here, because the server has the database to itself. They
 *  change what every client sees, so the public document leaves them out. */
export function addMaintenanceRoutes(app: Api, { application }: RouteDeps): void {
  const { maintenance } = application
  addTimelineRoute(app, { application })

  app.post(
    '/maintenance/cleanup',
    {
      onRequest: operatorsOnly,
      schema: {
        operationId: 'cleanUp',
        summary: 'Remove sessions without activity',
        description:
          'In small steps, at most 1,000 sessions a call. Never one that runs, waits for a tool or a person, or has inputs in line. Removed sessions are deleted, their rows go later.',
        hide: true,
        body: CleanupRequest,
        response: { 200: CleanupReport, 403: ErrorBody, ...failuresOfBody },
      },
    },
    async (request) => {
      const { dry_run: dryRun, older_than: olderThan } = request.body
      const command = { dryRun, ...(olderThan === undefined ? {} : { olderThanMs: ageOf(olderThan) }) }
      return cleanupReport(await maintenance.cleanUp(command, new AbortController().signal), dryRun)
    },
  )

  app.post(
    '/maintenance/pause',
    {
      onRequest: operatorsOnly,
      schema: {
        operationId: 'pause',
        summary: 'Take no new turns, or take them again',
        description:
          'New turns are refused with `overloaded`; a run ends after the step that it is in, with `interrupted`, and its turn can be taken up again. Stored: a restart stays paused.',
        hide: true,
        body: PauseRequest,
        response: { 200: PauseState, 403: ErrorBody, ...failuresOfBody },
      },
    },
    async (request) => {
      await maintenance.setPaused(request.body.paused)
      return { paused: application.paused, running: application.busy }
    },
  )

  app.post(
    '/maintenance/backup',
    {
      onRequest: operatorsOnly,
      schema: {
        operationId: 'backUp',
        summary: 'Copy the database while it is in use',
        description: 'Into the folder of the backups beside the database, at most 20 files. One at a time.',
        hide: true,
        body: z.looseObject({}).nullish(),
        response: { 200: BackupFile, 403: ErrorBody, ...failuresOfBody },
      },
    },
    async () => await maintenance.backUp(),
  )
}

function addTimelineRoute(app: Api, { application }: Pick<RouteDeps, 'application'>): void {
  app.get(
    '/sessions/:session_id/timeline',
    {
      schema: {
        operationId: 'getSessionTimeline',
        summary: 'What happened in a session',
        description:
          'The newest events of its log, oldest first, without message texts. With `details` what a waterfall of it needs.',
        tags: ['sessions'],
        params: SessionPath,
        querystring: z.object({
          details: booleanParameter(
            false,
            'Also the calls of models, what each call was about and what began each turn.',
          ),
          limit: integerParameter({
            missing: 1_000,
            minimum: 1,
            maximum: 5_000,
            description: 'How many to return.',
            refuseOutside: true,
          }),
        }),
        response: { 200: SessionTimeline, ...failuresWith404 },
      },
    },
    async (request) => {
      const ref = { ...ownerOf(request), sessionId: request.params.session_id }
      return sessionTimeline(await application.timeline(ref, request.query.limit, request.query.details))
    },
  )
}

function ageOf(text: string): number {
  const ms = parseDuration(text)
  if (ms !== undefined && ms >= leastAgeMs) return ms
  const loc = ['body', 'older_than']
  throw new ValidationError([
    { type: 'value_error', loc, msg: 'Use a time of at least 1s, such as 12h or 30d', input: text },
  ])
}
