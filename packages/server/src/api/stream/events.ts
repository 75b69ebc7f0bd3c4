import type { FastifyReply, FastifyRequest } from 'fastify'
import { type Application, type Log, type Owner, RuntimeError, type SessionEvent } from '../../application/index.ts'
import { principalOf } from '../http/identity.ts'
import { historyMessage } from '../shapes/message.ts'
import { timestamp } from '../shapes/time.ts'
import { callOfEvent, pendingApproval, sessionToolCall } from '../shapes/tool-call.ts'
import type { StreamDeps } from './answer.ts'
import { SseWriter } from './sse-writer.ts'

type Follow = Awaited<ReturnType<Application['followEvents']>>
type Frame = Follow['frames'] extends AsyncGenerator<infer F> ? F : never

/** The answer of `GET /sessions/{id}/events` (DESIGN 5). Refusals come before the head, as plain HTTP. */
export async function answerEvents(
  deps: StreamDeps,
  request: FastifyRequest,
  reply: FastifyReply,
  ref: Owner & { readonly sessionId: string },
  from: { readonly seq: number } | undefined,
): Promise<void> {
  const left = new AbortController()
  const closing = new AbortController()
  const { now, frames } = await deps.application.followEvents(ref, from, {
    left: left.signal,
    closing: closing.signal,
  })
  reply.hijack()
  const writer = new SseWriter(reply.raw, { ...deps, closes: false })
  writer.left.addEventListener('abort', () => left.abort(), { once: true })
  if (writer.left.aborted) left.abort()
  deps.streams.add(writer, {
    last: () => [['stream.closing', { reason: 'shutting_down' }]],
    close: () => closing.abort(),
  })
  const unwatch = deps.access.watch(principalOf(request), () => {
    writer.finish([['stream.closing', { reason: 'unauthorized' }]])
  })
  writer.left.addEventListener('abort', unwatch, { once: true })
  const calls = now.calls
  await writer.write('hello', {
    last_seq: now.lastSeq,
    state: now.state,
    open_calls: calls.filter(({ call }) => call.state === 'open').map(sessionToolCall),
    pending_approvals: calls.filter(({ call }) => call.state === 'awaiting_approval').map(pendingApproval),
  })
  let reason = 'session_deleted'
  try {
    for await (const frame of frames) await writeFrame(writer, ref.sessionId, frame)
    if (closing.signal.aborted) reason = 'shutting_down'
  } catch (thrown) {
    const { code } = RuntimeError.from(thrown)
    logFailure(deps.log, request.id, code, thrown)
    reason = code
  }
  await writer.write('stream.closing', { reason })
  writer.end()
}

async function writeFrame(writer: SseWriter, sessionId: string, frame: Frame): Promise<void> {
  if (frame.kind === 'event') {
    await writer.write(frame.event.type, eventData(sessionId, frame.event), String(frame.event.seq))
    return
  }
  const { seq, messageId, text } = frame
  const offset = frame.kind === 'delta' ? frame.offset : 0
  const id = `${seq}:${messageId}:${offset + text.length}`
  if (frame.kind === 'delta') await writer.write('message.delta', { message_id: messageId, offset, text }, id)
  else await writer.write('message.reset', { message_id: messageId, text }, id)
}

function eventData(sessionId: string, event: SessionEvent): Record<string, unknown> {
  return {
    v: 1,
    seq: event.seq,
    session_id: sessionId,
    turn_id: event.turnId ?? null,
    run_id: event.runId ?? null,
    at: timestamp(event.at),
    ...snakeCase(event.facts),
    ...(event.message ? { status: event.message.status, message: historyMessage(event.message) } : {}),
    ...(event.call ? { call: callOfEvent(event.call) } : {}),
  }
}

function snakeCase(facts: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(facts).map(([name, value]) => [
      name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      value,
    ]),
  )
}

function logFailure(log: Log, requestId: string, code: string, error: unknown): void {
  if (code === 'internal') log.error('a reader was ended', { request_id: requestId, code, error })
  else log.warn('a reader was ended', { request_id: requestId, code })
}
