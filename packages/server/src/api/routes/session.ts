import {
  CancelledTurn,
  ChangeSessionRequest,
  DeletedSession,
  ErrorBody,
  ResumedTurn,
  SessionDetail,
  SessionPath,
} from '@codelab/protocol'
import { z } from 'zod'
import { ownerOf } from '../http/identity.ts'
import { booleanParameter } from '../http/query.ts'
import { sessionDetail } from '../shapes/session.ts'
import { failuresOfBody, failuresWith404 } from './failures.ts'
import type { Api, RouteDeps } from './route-deps.ts'

const tags = ['sessions']

/** Reading and changing one session. */
export function addSessionRoutes(app: Api, { application }: RouteDeps): void {
  const { commands, sessions } = application

  app.get(
    '/sessions/:session_id',
    {
      schema: {
        operationId: 'getSession',
        summary: 'Read a session',
        description: 'The session, nested and at top level. Messages only when asked for.',
        tags,
        params: SessionPath,
        querystring: z.object({ include_messages: booleanParameter(false, 'Include the messages.') }),
        response: { 200: SessionDetail, ...failuresWith404 },
      },
    },
    async (request) => {
      const ref = { ...ownerOf(request), sessionId: request.params.session_id }
      if (!request.query.include_messages) return sessionDetail(await sessions.get(ref), null)
      const { session, messages } = await sessions.history(ref)
      return sessionDetail(session, messages)
    },
  )

  app.patch(
    '/sessions/:session_id',
    {
      schema: {
        operationId: 'changeSession',
        summary: 'Rename a session, or choose its model',
        description:
          'Sets the title (not blank, at most 500 characters), the model (an alias of `GET /models`, or null for none), or both. 404 names the aliases that there are.',
        tags,
        params: SessionPath,
        body: ChangeSessionRequest,
        response: { 200: SessionDetail, ...failuresOfBody, 404: ErrorBody },
      },
    },
    async (request) => {
      const ref = { ...ownerOf(request), sessionId: request.params.session_id }
      const { title, model } = request.body
      if (model !== undefined) await commands.chooseModel({ ...ref, model })
      if (title !== undefined) await commands.renameSession({ ...ref, title })
      return sessionDetail(await sessions.get(ref), null)
    },
  )
}

/** Deleting one session, and stopping what it does. */
export function addSessionEndRoutes(app: Api, { application }: RouteDeps): void {
  const { commands } = application

  app.delete(
    '/sessions/:session_id',
    {
      schema: {
        operationId: 'deleteSession',
        summary: 'Delete a session',
        description: 'Work on it ends with `session_deleted`. The id may be used again, for a new session.',
        tags,
        params: SessionPath,
        response: { 200: DeletedSession, ...failuresWith404 },
      },
    },
    async (request) => {
      const { session_id: sessionId } = request.params
      await commands.deleteSession({ ...ownerOf(request), sessionId })
      return { id: sessionId, session_id: sessionId, deleted: true as const }
    },
  )

  app.post(
    '/sessions/:session_id/cancel',
    {
      schema: {
        operationId: 'cancelTurn',
        summary: 'Stop what runs or waits',
        description:
          'Aborts the model, gives open tool calls the result `cancelled` and ends the turn. Stored before it acts. Leaving a stream does not do this.',
        tags,
        params: SessionPath,
        body: z.looseObject({}).nullish(),
        response: { 200: CancelledTurn, ...failuresOfBody, 404: ErrorBody },
      },
    },
    async (request) => {
      const { session_id: sessionId } = request.params
      const { cancelled, turnId } = await commands.cancelTurn({ ...ownerOf(request), sessionId })
      return { session_id: sessionId, cancelled, turn_id: turnId }
    },
  )

  app.post(
    '/sessions/:session_id/resume',
    {
      schema: {
        operationId: 'resumeTurn',
        summary: 'Go on with a turn that a crash cut',
        description:
          'Nothing that a crash cut is run again unless asked: this asks. The step that was cut runs again under the same turn. The same Idempotency-Key, tool result or decision on the stream asks too.',
        tags,
        params: SessionPath,
        body: z.looseObject({}).nullish(),
        response: { 200: ResumedTurn, ...failuresOfBody, 404: ErrorBody },
      },
    },
    async (request) => {
      const { session_id: sessionId } = request.params
      const { resumed, turnId } = await commands.resumeTurn({ ...ownerOf(request), sessionId })
      return { session_id: sessionId, resumed, turn_id: turnId }
    },
  )
}
