import { ErrorBody, SessionPath } from '@codelab/protocol'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { ownerOf } from '../http/identity.ts'
import { answerEvents } from '../stream/events.ts'
import { framePosition, readPosition } from '../stream/reader-position.ts'
import { failures } from './failures.ts'
import type { Api, RouteDeps } from './route-deps.ts'

/** One event of the stream, as the document describes it. */
const SessionEventFrame = z
  .object({
    id: z
      .string()
      .optional()
      .describe('`SEQ` of an event, `SEQ:MESSAGE:OFFSET` of a delta: give it back to go on behind it.'),
    event: z.string().describe('hello, the type of an event, message.delta, message.reset or stream.closing.'),
    data: z.string().describe('JSON on one line.'),
  })
  .meta({ id: 'SessionEventFrame' })

const notAPosition = 'must be the id of a frame: a number, or number:message:offset'

export function addSessionEventsRoute(
  app: Api,
  { application, options, access, streams, admitStream }: RouteDeps,
): void {
  const { log, heartbeatMs, drainMs } = options
  const deps = { application, log, access, streams, heartbeatMs, drainMs }

  app.get(
    '/sessions/:session_id/events',
    {
      onRequest: async (request, reply) => {
        const refusal = admitStream(request, reply)
        if (refusal) throw refusal
      },
      schema: {
        operationId: 'followSession',
        summary: 'Follow a session live, or from any event on',
        description,
        tags: ['stream'],
        params: SessionPath,
        querystring: z.object({
          after: z
            .string()
            .regex(framePosition, notAPosition)
            .optional()
            .describe('Go on behind this frame id; beats `Last-Event-ID`. 0: from the beginning.'),
        }),
        headers: z.looseObject({
          'last-event-id': z
            .string()
            .regex(framePosition, notAPosition)
            .optional()
            .describe('The same, as browsers send it.'),
        }),
        response: {
          200: {
            description: 'Events until the reader leaves.',
            content: { 'text/event-stream': { schema: SessionEventFrame } },
          },
          ...failures,
          404: ErrorBody,
        },
      },
    },
    async (request, reply) => {
      const given = request.query.after ?? request.headers['last-event-id']
      const from = given === undefined ? undefined : readPosition(given)
      const ref = { ...ownerOf(request), sessionId: request.params.session_id }
      await answerEvents(deps, request as FastifyRequest, reply as FastifyReply, ref, from)
    },
  )
}

const description = `Server-sent events. The first frame is \`hello\` \`{last_seq, state, open_calls, pending_approvals}\`. Then every event of the session's log, \`event: TYPE\` with \`{v, seq, session_id, turn_id, run_id, at, …}\`; between them \`message.delta\` \`{message_id, offset, text}\` of an answer that is being written, which are previews and not events, and \`message.reset\` \`{message_id, text}\` when one is begun anew. \`stream.closing\` \`{reason}\` comes before the server ends the stream.

Any number of readers may follow. A reader goes on where it stopped, in the middle of an answer and across a restart, with \`after\` or \`Last-Event-ID\`; without either it gets what comes from now on. Leaving stops nothing.`
