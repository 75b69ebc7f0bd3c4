import type { IncomingMessage } from 'node:http'
import type { FastifyRequest } from 'fastify'
import { RuntimeError } from '../../application/index.ts'
import { HttpError, notAJsonType } from '../errors.ts'
import { parseJson } from './json-text.ts'

/** Bytes of bodies that are being received or worked on, over all requests of the process. */
const bytesInFlightLimit = 256 * 1024 * 1024

declare module 'fastify' {
  interface FastifyRequest {
    /** Bytes of the body that were received. */
    bodyBytes: number
  }
  interface FastifyContextConfig {
    /** The body is not read here: the handler gets its bytes, whatever their type is. */
    takesBytes?: true
  }
}

/** The one reader of request bodies: JSON, whatever the type is called, within the route's limit. An empty body counts as none.
 *  `release` is called once for every request, when it is over. */
export function createBodyReader(limitInFlight = bytesInFlightLimit) {
  let inFlight = 0

  return {
    async read(request: FastifyRequest, payload: IncomingMessage): Promise<unknown> {
      // Nothing reads the body of an unknown path.
      if (request.is404) return undefined
      const limit = request.routeOptions.bodyLimit ?? 0
      const bytes = await receive(payload, declaredLength(request), limit, (more) => {
        if (inFlight + more > limitInFlight) throw overloaded()
        inFlight += more
        request.bodyBytes += more
      })
      if (bytes.length === 0) return undefined
      if (request.routeOptions.config.takesBytes) return bytes
      if (!isJsonType(request.headers['content-type'])) throw notAJsonType()
      return parseJson(bytes)
    },

    release(request: FastifyRequest): void {
      inFlight -= request.bodyBytes
    },
  }
}

function declaredLength(request: FastifyRequest): number {
  const declared = Number(request.headers['content-length'])
  return Number.isNaN(declared) ? 0 : declared
}

/** All bytes of a body. Rejects as soon as they are too many; what comes after that is not kept. */
function receive(
  payload: IncomingMessage,
  declared: number,
  limit: number,
  take: (bytes: number) => void,
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    const stop = (error: Error) => {
      payload.off('data', add).off('end', end).off('close', gone)
      reject(error)
    }
    const add = (chunk: Buffer) => {
      size += chunk.length
      if (size > limit) return stop(tooLarge(limit))
      try {
        take(chunk.length)
        chunks.push(chunk)
      } catch (error) {
        stop(RuntimeError.from(error))
      }
    }
    const end = () => {
      payload.off('close', gone)
      resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks, size))
    }
    const gone = () => stop(new HttpError(400, 'invalid_input', 'The request ended early'))
    if (declared > limit) return reject(tooLarge(limit))
    payload.on('error', gone).on('data', add).once('end', end).once('close', gone)
  })
}

function tooLarge(limit: number): HttpError {
  return new HttpError(413, 'message_too_long', `The body is larger than ${Math.floor(limit / 1024 / 1024)} MiB`)
}

function overloaded(): RuntimeError {
  return new RuntimeError('overloaded', 'The server is busy with other large requests', {
    details: { hint: 'Try again in a few seconds.', retryAfterMs: 5_000 },
  })
}

/** `application/json`, `application/problem+json`, and no type at all. */
function isJsonType(header: string | undefined): boolean {
  if (header === undefined) return true
  const [essence = ''] = header.split(';')
  return /^application\/(?:[\w.+-]+\+)?json$/i.test(essence.trim())
}
