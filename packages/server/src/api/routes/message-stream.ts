import { ErrorBody, StreamRequest, UnauthorizedBody, ValidationErrorBody } from '@codelab/protocol'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { SubmitInput } from '../../application/index.ts'
import { failureAnswer } from '../errors.ts'
import { idempotencyKey, repeatKeyOf } from '../http/idempotency.ts'
import { ownerOf } from '../http/identity.ts'
import { createErrorHandler } from '../http/refuse.ts'
import { overloaded } from '../http/request-rules.ts'
import { answerStream } from '../stream/answer.ts'
import { readClientProfile } from '../stream/client-profile.ts'
import { readMessage } from '../stream/read-message.ts'
import type { Api, RouteDeps } from './route-deps.ts'

/** The Gateway's own frame is 16 MiB (DESIGN 8). */
const bodyLimit = 17 * 1024 * 1024
/** All that is HTTP on this endpoint (PROTOCOL 0.5). */
const httpRefusals = [401, 413, 422]

/** One event of the stream, as the document describes it. */
const StreamEvent = z
  .object({
    event: z.enum(['message', 'error', 'done']),
    data: z.string().describe('JSON on one line: a StreamChunk, a StreamRefusal, or the status of `done`.'),
  })
  .meta({ id: 'StreamEvent' })

export function addMessageStreamRoute(
  app: Api,
  { application, options, access, streams, admitStream, limits }: RouteDeps,
): void {
  const { log, heartbeatMs, drainMs, protection } = options
  const deps = { application, log, access, streams, heartbeatMs, drainMs }
  const agents = application.agents.map((agent) => agent.name)
  const refuse = createErrorHandler(log)

  app.post(
    '/agent/message/stream',
    {
      bodyLimit,
      // Before the body is read: an answer that is open costs more than a refusal.
      onRequest: async (request, reply) => {
        const refusal = admitStream(request, reply)
        if (!refusal) return
        await answerStream(deps, request, reply, () => {
          throw refusal
        })
        return reply
      },
      errorHandler: (error, request, reply) => {
        const { status } = failureAnswer(error, request.id)
        if (httpRefusals.includes(status)) return refuse(error, request, reply)
        const thrown = () => {
          throw error
        }
        return answerStream(deps, request, reply, thrown)
      },
      schema: {
        operationId: 'streamMessage',
        summary: 'Send a message, a tool result or a decision; follow the answer',
        description,
        tags: ['stream'],
        querystring: z.object({
          features: z
            .union([z.string(), z.array(z.string())])
            .optional()
            .meta({ override: { type: 'string' }, description: 'What the client can read, separated by commas.' }),
        }),
        headers: z.looseObject({
          'idempotency-key': idempotencyKey,
          'x-codelab-features': z.string().optional().describe('The same as the query parameter `features`.'),
        }),
        body: StreamRequest,
        response: {
          200: { description: streamDescription, content: { 'text/event-stream': { schema: StreamEvent } } },
          401: UnauthorizedBody,
          413: ErrorBody,
          422: ValidationErrorBody,
        },
      },
    },
    async (request, reply) => {
      const { session_id: sessionId, message, client, on_busy: onBusy } = request.body
      await answerStream(deps, request as FastifyRequest, reply as FastifyReply, async () => {
        const refusal = await limits.ofSession(request as FastifyRequest)
        if (refusal) throw refusal
        const input: SubmitInput = {
          ...ownerOf(request),
          sessionId,
          client: readClientProfile({
            client,
            featureLists: [request.headers['x-codelab-features'], request.query.features],
          }),
          body: readMessage(message, agents),
          ...(onBusy ? { onBusy } : {}),
          ...repeatKeyOf(request.headers['idempotency-key'], message),
        }
        if (beginsTurn(input) && protection.overloaded()) throw overloaded()
        return input
      })
    },
  )
}

/** What a turn waits for is taken also under load: its client may not ask twice. */
function beginsTurn({ body }: SubmitInput): boolean {
  return body.kind === 'message' || body.kind === 'switch'
}

const description = `Takes one input of a session and answers with server-sent events until there is an answer, or something for the client to do.

\`message.type\` is one of
- \`user_message\` \`{content, agent_type?}\`: what a person says,
- \`tool_result\` \`{call_id, result?, error?}\`: what a tool gave, in a new request,
- \`hitl_decision\` \`{call_id, decision, modified_arguments?, feedback?}\`: whether a call may run,
- \`switch_agent\` \`{agent_type, content?}\`: who answers from now on.

A key that is null counts as absent. Only a missing key (401), a body that is too large (413) and one that is no object with \`session_id\` and \`message\` (422) are HTTP errors; everything else is refused inside the stream. An unknown \`session_id\` starts a session. Leaving the stream does not stop the work.`

const streamDescription = `Frames, each \`event: NAME\`, \`data: JSON\` and an empty line, with CRLF and ASCII only; \`: ping\` comments while nothing else is sent.
- \`event: message\`: a StreamChunk. Without features: any number of \`agent_switched\`, then one of \`assistant_message\`, \`tool_call\`, \`error\`.
- \`event: error\`: a StreamRefusal; nothing was stored.
- \`event: done\`: a StreamDone, the last one.`
