import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { type Log, RuntimeError } from '../../application/index.ts'
import { failureAnswer, HttpError, isServerFault, ValidationError } from '../errors.ts'
import type { Identify } from './identity.ts'
import { refuseUnauthorized, securityHeaders } from './request-rules.ts'

/** Answers whatever was thrown, in the form of DESIGN 8. */
export function createErrorHandler(log: Log) {
  return (thrown: FastifyError | Error, request: FastifyRequest, reply: FastifyReply): void => {
    if (isServerFault(thrown)) {
      const { code, cause } = RuntimeError.from(thrown)
      const route = request.routeOptions.url
      log.error('request failed', { request_id: request.id, route, code, error: cause ?? thrown })
    }
    const { status, headers, body } = failureAnswer(thrown, request.id)
    if (status === 413) {
      refuseLarge(request, reply, JSON.stringify(body))
      return
    }
    // The framework closes the connection after every fault of a body; where the body has been read that is not needed.
    if (thrown instanceof ValidationError && request.bodyBytes > 0) reply.removeHeader('connection')
    reply.code(status).headers(headers).send(body)
  }
}

/** What a client sends on after its refusal is thrown away, up to this much and this long. */
const lingerBytes = 128 * 1024 * 1024
const lingerMs = 5_000

/** Closing at once would reset the connection under a client that still sends, and it would never read why. */
function refuseLarge(request: FastifyRequest, reply: FastifyReply, body: string): void {
  reply.hijack()
  const { raw } = reply
  raw.writeHead(413, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    connection: 'close',
    'x-request-id': request.id,
    ...securityHeaders,
  })
  raw.write(body)
  linger(request, raw)
}

function linger(request: FastifyRequest, raw: ServerResponse): void {
  let dropped = 0
  const end = () => {
    clearTimeout(timer)
    request.raw.off('data', drop).off('end', end)
    raw.end()
  }
  const drop = (chunk: Buffer) => {
    dropped += chunk.length
    if (dropped > lingerBytes) end()
  }
  const timer = setTimeout(end, lingerMs)
  timer.unref()
  request.raw.on('data', drop).once('end', end).once('close', end)
}

/** A path that is no path: refused before any hook has run, so the key is asked for here too. */
export function createFrameworkErrorHandler(identify: Identify) {
  const refusal = async (request: FastifyRequest): Promise<unknown> => {
    if (!(await identify(request.raw))) return undefined
    return new HttpError(400, 'invalid_input', 'The path cannot be read')
  }
  return (_error: FastifyError, request: FastifyRequest, reply: FastifyReply): void => {
    reply.headers({ ...securityHeaders, 'x-request-id': request.id })
    refusal(request)
      .catch((thrown: unknown) => thrown)
      .then((refused) => {
        if (refused === undefined) return refuseUnauthorized(reply)
        const { status, body } = failureAnswer(refused, request.id)
        return reply.code(status).type('application/json').send(JSON.stringify(body))
      })
  }
}

/** What is not HTTP, or never ends, gets one answer and no second request on its connection. */
export function createClientErrorHandler(requestId: () => string) {
  return (error: Error & { readonly code?: string }, socket: Socket): void => {
    if (!socket.writable || error.code === 'ECONNRESET' || isAnswering(socket)) {
      socket.destroy()
      return
    }
    const refusal = clientRefusal(error.code)
    const body = JSON.stringify(failureAnswer(refusal, requestId()).body)
    const { status, message } = refusal
    socket.end(
      `HTTP/1.1 ${status} ${message}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
    )
  }
}

/** Whether an answer is being written: a second one in the middle of it would be read as part of it. Node's own handler looks there too. */
function isAnswering(socket: Socket): boolean {
  const response: unknown = Reflect.get(socket, '_httpMessage')
  return typeof response === 'object' && response !== null && 'headersSent' in response && response.headersSent === true
}

function clientRefusal(code: string | undefined): HttpError {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return new HttpError(408, 'invalid_input', 'Request Timeout')
  if (code === 'HPE_HEADER_OVERFLOW') return new HttpError(431, 'invalid_input', 'Request Header Fields Too Large')
  return new HttpError(400, 'invalid_input', 'Bad Request')
}
