import type { FastifyReply, FastifyRequest } from 'fastify'
import { type Application, type Log, RuntimeError, type SubmitInput } from '../../application/index.ts'
import { isServerFault, streamRefusal, withoutStatus } from '../errors.ts'
import { principalOf } from '../http/identity.ts'
import type { OpenAccess } from '../http/open-access.ts'
import { RunChunks } from './chunks.ts'
import type { OpenStreams } from './open-streams.ts'
import { type LastFrames, SseWriter } from './sse-writer.ts'

export interface StreamDeps {
  readonly application: Application
  readonly log: Log
  readonly access: OpenAccess
  readonly streams: OpenStreams
  readonly heartbeatMs: number
  readonly drainMs: number
}

/** The answer of one `POST /agent/message/stream`: the head first, then whatever comes of the input, `done` last. From here on nothing is an
 *  HTTP error (PROTOCOL 0.5). The answer is a reader of the run: when it leaves, the run goes on. */
export async function answerStream(
  deps: StreamDeps,
  request: FastifyRequest,
  reply: FastifyReply,
  read: () => SubmitInput | Promise<SubmitInput>,
): Promise<void> {
  reply.hijack()
  const writer = new SseWriter(reply.raw, { ...deps, closes: closes(request) })
  deps.streams.add(writer, { last: () => lastFrames(shuttingDown(), request.id) })
  // What was let in with a token that runs out is told to its end; a key that was revoked is told nothing more.
  const unwatch = deps.access.watch(principalOf(request), (why) => {
    if (why === 'revoked') writer.finish(lastFrames(unauthorized(), request.id))
  })
  writer.left.addEventListener('abort', unwatch, { once: true })
  try {
    await follow(deps.application, await read(), writer, request.id)
  } catch (thrown) {
    const error = withoutStatus(thrown)
    if (isServerFault(error)) {
      deps.log.error('stream failed', { request_id: request.id, code: error.code, error: error.cause ?? error })
    }
    await writer.write('error', streamRefusal(error, request.id))
  }
  await writer.write('done', { status: 'completed' })
  writer.end()
}

/** The credential counts no more. What runs goes on; its answer is in the history. */
export function unauthorized(): RuntimeError {
  return new RuntimeError('unauthorized', 'unauthorized', {
    details: { hint: 'Your key or token counts no more: get a new one and connect again.' },
  })
}

async function follow(
  application: Application,
  input: SubmitInput,
  writer: SseWriter,
  requestId: string,
): Promise<void> {
  const chunks = new RunChunks(input.client?.features ?? [], requestId)
  for await (const frame of application.commands.streamInput(input, writer.left)) {
    for (const chunk of chunks.of(frame)) {
      const full = writer.write('message', chunk)
      if (full) await full
    }
    if (writer.left.aborted) return
  }
}

function closes(request: FastifyRequest): boolean {
  return /\bclose\b/i.test(request.headers.connection ?? '')
}

function shuttingDown(): RuntimeError {
  return new RuntimeError('shutting_down', 'The server is shutting down', { details: { retryAfterMs: 5_000 } })
}

function lastFrames(error: RuntimeError, requestId: string): LastFrames {
  return [
    ['error', streamRefusal(error, requestId)],
    ['done', { status: 'completed' }],
  ]
}
