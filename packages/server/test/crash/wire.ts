import { request as httpRequest } from 'node:http'
import { SseDecoder } from '@codelab/protocol'
import { internalKey } from '../server-process.ts'

/** A data event of a stream. */
export interface Frame {
  readonly event: string
  readonly data: Readonly<Record<string, unknown>>
}

export interface SendOptions {
  readonly features?: string
  readonly client?: object
  readonly headers?: Readonly<Record<string, string>>
  /** The request has left this process. */
  onSent?(): void
  onFrame?(frame: Frame): void
  /** Leaves the stream. */
  readonly signal?: AbortSignal
}

export interface Streamed {
  readonly frames: readonly Frame[]
  /** `done`: the stream's last frame came. `left`: we went. `cut`: the connection broke, as when the server is killed. */
  readonly end: 'done' | 'left' | 'cut'
}

/** Sends one input and reads its stream to the end, whatever the end is. Throws for an answer that is no stream. */
export function sendInput(
  base: string,
  sessionId: string,
  message: object,
  options: SendOptions = {},
): Promise<Streamed> {
  const { features, client, headers, signal } = options
  const frames: Frame[] = []
  const decoder = new SseDecoder()
  const body = JSON.stringify({ session_id: sessionId, message, ...(client ? { client } : {}) })
  const { promise, resolve, reject } = Promise.withResolvers<Streamed>()
  const over = () => {
    const done = frames.at(-1)?.event === 'done'
    resolve({ frames, end: done ? 'done' : signal?.aborted ? 'left' : 'cut' })
  }
  const sent = httpRequest(
    new URL('/agent/message/stream', base),
    {
      method: 'POST',
      agent: false,
      headers: {
        'x-internal-auth': internalKey,
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
        ...(features ? { 'x-codelab-features': features } : {}),
        ...headers,
      },
      ...(signal ? { signal } : {}),
    },
    (response) => {
      if (response.statusCode !== 200) {
        response.resume()
        if (response.statusCode === badGateway) over()
        else reject(new Error(`the stream was answered with ${response.statusCode}`))
        return
      }
      response.setEncoding('utf8')
      response.on('data', (text: string) => {
        for (const { event, data } of decoder.push(text)) {
          const frame: Frame = { event, data: JSON.parse(data) }
          frames.push(frame)
          options.onFrame?.(frame)
        }
      })
      response.on('error', over)
      response.on('close', over)
    },
  )
  sent.on('error', over)
  sent.end(body, () => options.onSent?.())
  return promise
}

/** What a load balancer says when the connection to the server behind it broke. */
export const badGateway = 502

export interface Answer<T> {
  readonly status: number
  readonly body: T
}

/** One REST call. Throws when no answer comes. */
export async function call<T>(base: string, method: string, path: string, body?: object): Promise<Answer<T>> {
  try {
    return await callOnce(base, method, path, body)
  } catch (error) {
    // The connection was kept from before a kill: who only reads asks again, as a browser does.
    if (method !== 'GET') throw error
    return await callOnce(base, method, path, body)
  }
}

async function callOnce<T>(base: string, method: string, path: string, body?: object): Promise<Answer<T>> {
  const response = await fetch(new URL(path, base), {
    method,
    headers: { 'x-internal-auth': internalKey, ...(body ? { 'content-type': 'application/json' } : {}) },
    ...(body ? { body: JSON.stringify(body) } : {}),
    signal: AbortSignal.timeout(10_000),
  })
  return { status: response.status, body: (await response.json()) as T }
}

/** The failure that a stream tells, with its code; undefined for none. */
export function failureOf(streamed: Pick<Streamed, 'frames'>): string | undefined {
  const failed = streamed.frames.find((frame) => frame.data['type'] === 'error')
  return failed && String(failed.data['code'])
}

/** The whole answer that a stream ended with. */
export function finalTextOf(streamed: Streamed): string | undefined {
  const chunk = streamed.frames.find((frame) => frame.data['type'] === 'assistant_message' && frame.data['is_final'])
  return chunk && String(chunk.data['content'])
}
