import { CreatedSession, CreateSessionRequest, ErrorBody, SessionList } from '@codelab/protocol'
import { z } from 'zod'
import { RuntimeError } from '../../application/index.ts'
import { HttpError } from '../errors.ts'
import { isGatewaySurface } from '../http/gateway-surface.ts'
import { idempotencyKey, repeatKeyOf } from '../http/idempotency.ts'
import { ownerOf } from '../http/identity.ts'
import { booleanParameter, choiceParameter, textParameter } from '../http/query.ts'
import { createdSession, sessionItem } from '../shapes/session.ts'
import { failures, failuresOfBody } from './failures.ts'
import { checkPage, pageParameters } from './page.ts'
import type { Api, RouteDeps } from './route-deps.ts'

const tags = ['sessions']
const longestSearch = 200

export function addSessionListRoutes(app: Api, { application }: RouteDeps): void {
  const { commands, sessions } = application

  app.post(
    '/sessions',
    {
      schema: {
        operationId: 'createSession',
        summary: 'Start a session',
        description:
          'Without a body, or without an id, the server makes a UUID. A stream to an unknown id starts one too, so this is not needed before it.',
        tags,
        headers: z.looseObject({ 'idempotency-key': idempotencyKey }),
        body: CreateSessionRequest.nullish(),
        response: { 201: CreatedSession, ...failuresOfBody, 409: ErrorBody },
      },
    },
    async (request, reply) => {
      const sessionId = request.body?.session_id || undefined
      const session = await commands
        .createSession({
          ...ownerOf(request),
          ...(sessionId === undefined ? {} : { sessionId }),
          ...repeatKeyOf(request.headers['idempotency-key']),
        })
        .catch((error) => {
          throw inContractWords(error, sessionId)
        })
      return reply.code(isGatewaySurface(request) ? 200 : 201).send(createdSession(session))
    },
  )

  app.get(
    '/sessions',
    {
      schema: {
        operationId: 'listSessions',
        summary: 'List sessions',
        description:
          'Newest activity first, without messages. `total` counts all that match. Deleted sessions never appear. `q`, `agent` and `status` narrow it down together.',
        tags,
        querystring: z.object({
          ...pageParameters,
          active_only: booleanParameter(true, 'Leave out sessions that were deactivated.'),
          q: textParameter('Only those with this in their title or id, whatever the case.'),
          agent: textParameter('Only those that this agent has.'),
          status: choiceParameter(
            ['waiting', 'running', 'failed'],
            '`waiting`: for a person. `running`: a run or a tool works. `failed`: the last turn failed.',
          ),
        }),
        response: { 200: SessionList, 400: ErrorBody, ...failures },
      },
    },
    async (request) => {
      const { limit, offset, active_only: activeOnly, q: text, agent, status } = request.query
      checkPage({ limit, offset })
      const filter = {
        ...(text !== undefined && { text: text.slice(0, longestSearch) }),
        ...(agent !== undefined && { agent }),
        ...(status !== undefined && { status }),
      }
      const page = await sessions.list({ ...ownerOf(request), limit, offset, activeOnly, ...filter })
      return { sessions: page.sessions.map(sessionItem), total: page.total, limit, offset }
    },
  )
}

/** The text that shipped clients know (PROTOCOL 2.2). */
function inContractWords(error: unknown, sessionId: string | undefined): unknown {
  if (!(error instanceof RuntimeError) || error.code !== 'session_exists') return error
  return new HttpError(409, 'session_exists', `Сессия '${sessionId}' уже существует`)
}
