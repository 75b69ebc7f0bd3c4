import type { Readable } from 'node:stream'
import type { Dispatcher } from 'undici'
import type { LanguageModel, ModelEvent, ModelRequest } from '../../../application/ports/language-model.ts'
import { RuntimeError } from '../../../domain/errors.ts'
import type { CacheMode } from '../../../domain/model.ts'
import { request as send } from '../../undici.ts'
import { createUpstreamAgent } from '../upstream/agent.ts'
import { versionedUrl } from '../upstream/base-url.ts'
import { cancelled, failureOfStatus, failureOfTransport, type Progress, timedOut } from '../upstream/failure.ts'
import { TimeLimits, type UpstreamLimits } from '../upstream/limits.ts'
import { type Addressee, familyOf } from '../upstream/opaque.ts'
import { Answer } from './answer.ts'
import { BodyReader } from './body-reader.ts'
import { decoded } from './decoded.ts'
import { withoutProxyFailures } from './proxy-failures.ts'
import { ProxyShape } from './proxy-shape.ts'
import { type Caching, RequestWriter } from './request-body.ts'

export interface OpenAICompatibleOptions {
  /** `llm-proxy` is the CodeLab LLM Proxy or what stands in its place (PROTOCOL 7). */
  readonly provider: 'openai-compatible' | 'llm-proxy'
  /** With or without `/v1`. */
  readonly baseUrl: string
  readonly model: string
  /** `authorization`, or `x-internal-auth` for the proxy. They go to this URL only; redirects are not followed. */
  readonly headers: Readonly<Record<string, string>>
  readonly limits: UpstreamLimits
  /** `auto`: requests with tools are not streamed to a proxy that would lose the calls. `never`: requests with tools are not, anywhere. */
  readonly streaming: 'auto' | 'always' | 'never'
  /** `auto`: places to cache are marked for Claude. */
  readonly cache?: CacheMode
  /** Connections to use; without it the model has its own. The one who made it closes it. */
  readonly dispatcher?: Dispatcher
}

/** How long a stream that has finished may take to send its usage and to close. */
const closingMs = 2_000
const longestErrorBody = 4_096

/** A model behind `POST /chat/completions`: OpenAI, LiteLLM, vLLM, Ollama, the LLM Proxy. */
export function createOpenAICompatibleModel(options: OpenAICompatibleOptions): LanguageModel {
  const { provider, model, baseUrl, headers } = options
  const dispatcher = options.dispatcher ?? createUpstreamAgent(options.limits)
  const shape = new ProxyShape(baseUrl, headers, dispatcher)
  const url = versionedUrl(baseUrl, 'chat/completions')
  const to = { provider, family: familyOf(model) }
  const writer = new RequestWriter(model, to)
  const upstream = { ...options, ...to, dispatcher, url, writer, caching: cachingOf(options, url) }

  async function isStreamed(request: ModelRequest): Promise<boolean> {
    if (request.purpose === 'classify') return false
    if (options.streaming === 'never') return request.tools.length === 0
    if (provider !== 'llm-proxy' || options.streaming === 'always' || request.tools.length === 0) return true
    return !(await shape.losesToolCalls())
  }

  return {
    provider,
    model,
    stream(request, signal) {
      const events = ask(upstream, request, isStreamed, signal)
      return provider === 'llm-proxy' ? withoutProxyFailures(events) : events
    },
  }
}

type Upstream = Omit<OpenAICompatibleOptions, 'dispatcher'> &
  Addressee & {
    readonly url: URL
    readonly writer: RequestWriter
    readonly dispatcher: Dispatcher
    readonly caching: Caching
  }

function cachingOf({ provider, model, cache = 'auto' }: OpenAICompatibleOptions, { hostname }: URL): Caching {
  const takesKey = cache !== 'off' && hostname === 'api.openai.com'
  const isMarked = cache === 'marks' || (cache === 'auto' && provider !== 'llm-proxy' && /claude/i.test(model))
  if (!isMarked) return { takesKey }
  return { takesKey, marks: /(^|\.)openrouter\.ai$/.test(hostname) ? 'in-results' : 'beside-results' }
}

async function* ask(
  upstream: Upstream,
  request: ModelRequest,
  isStreamed: (request: ModelRequest) => Promise<boolean>,
  signal: AbortSignal,
): AsyncGenerator<ModelEvent> {
  if (signal.aborted) throw cancelled()
  const streamed = await isStreamed(request)
  const limits = new TimeLimits(signal)
  let progress: Progress = 'sent'
  let reading: Reading | undefined
  try {
    if (streamed) limits.arm('headers', upstream.limits.headersMs)
    else limits.arm('total', upstream.limits.totalMs)
    const response = await post(upstream, request, streamed, limits.signal)
    progress = 'answering'
    const { statusCode } = response
    if (statusCode < 200 || statusCode > 299) throw await readFailure(upstream.provider, response)
    if (streamed) limits.arm('first-data', upstream.limits.firstDataMs)
    reading = new Reading(upstream, decoded(response), limits, streamed)
    for (;;) {
      const events = await reading.next()
      if (!events) return
      for (const event of events) yield event
    }
  } catch (thrown) {
    if (limits.cancelled) throw cancelled()
    if (thrown instanceof RuntimeError) throw thrown
    throw limits.passed ? timedOut(limits.passed) : failureOfTransport(upstream.provider, thrown, progress)
  } finally {
    limits.end()
    reading?.end()
  }
}

/** Redirects are not followed. */
function post(
  upstream: Upstream,
  request: ModelRequest,
  streamed: boolean,
  signal: AbortSignal,
): Promise<Dispatcher.ResponseData> {
  // A question that is asked once is not worth keeping.
  const caching = request.purpose === 'answer' ? upstream.caching : {}
  return send(upstream.url, {
    method: 'POST',
    headers: {
      accept: streamed ? 'text/event-stream, application/json' : 'application/json',
      'content-type': 'application/json',
      ...upstream.headers,
    },
    body: upstream.writer.write(request, streamed, caching),
    dispatcher: upstream.dispatcher,
    signal,
  })
}

async function readFailure(provider: string, response: Dispatcher.ResponseData): Promise<RuntimeError> {
  let text = ''
  try {
    // Leaving the loop early ends the body, and with it its connection.
    for await (const piece of decoded(response).setEncoding('utf8')) {
      text += piece
      if (text.length > longestErrorBody) break
    }
  } catch {
    // The status is known; its text is only for the log.
  }
  const { headers, statusCode } = response
  return failureOfStatus(provider, statusCode, {
    text,
    retryAfter: only(headers['retry-after']),
    date: only(headers['date']),
  })
}

function only(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header
}

/** The body of one answer while it is read, one piece of the network after the other. */
class Reading {
  readonly #limits: TimeLimits
  readonly #idleMs: number
  readonly #streamed: boolean
  readonly #answer: Answer
  readonly #body: BodyReader
  readonly #source: Readable
  readonly #pieces: AsyncIterator<string>
  #begun = false
  #closing = false
  #ended = false
  #closed = false

  constructor(upstream: Upstream, source: Readable, limits: TimeLimits, streamed: boolean) {
    const { idleMs, answerBytes } = upstream.limits
    this.#limits = limits
    this.#idleMs = idleMs
    this.#streamed = streamed
    this.#answer = new Answer(upstream, answerBytes)
    this.#body = new BodyReader(this.#answer, upstream.provider, answerBytes)
    this.#source = source.setEncoding('utf8')
    this.#pieces = source[Symbol.asyncIterator]()
    // What breaks after the last piece that anybody asked for is nobody's.
    source.on('error', () => {})
  }

  /** The events of the next piece, none where it has none; undefined: there are no more. Every event counts as progress for the limits. */
  async next(): Promise<readonly ModelEvent[] | undefined> {
    if (this.#closed) return undefined
    if (this.#ended || this.#body.done) {
      this.#closed = true
      return this.#answer.close()
    }
    const piece = await this.#pieces.next().catch((thrown: unknown) => {
      // A complete answer stays one when its connection breaks afterwards.
      if (this.#answer.finished && !this.#limits.cancelled) return { done: true as const, value: undefined }
      throw thrown
    })
    this.#ended = piece.done === true
    if (piece.done) this.#body.end()
    else this.#body.add(piece.value)
    const events = this.#answer.take()
    if (this.#streamed && !this.#closing) this.#noteProgress(events.length > 0)
    return events
  }

  #noteProgress(some: boolean): void {
    if (this.#answer.finished) {
      this.#closing = true
      this.#limits.arm('idle', Math.min(this.#idleMs, closingMs))
    } else if (some) {
      if (this.#begun) this.#limits.restart()
      else this.#limits.arm('idle', this.#idleMs)
      this.#begun = true
    }
  }

  /** Frees the connection. After a complete answer its last bytes are awaited for a moment, so that the connection can be used again. */
  end(): void {
    if (this.#ended) return
    if (!this.#body.done) {
      this.#source.destroy()
      return
    }
    const timer = setTimeout(() => this.#source.destroy(), closingMs).unref()
    const rest = async (): Promise<void> => {
      for (let pieces = 0; pieces < 16; pieces += 1) if ((await this.#pieces.next()).done) return
      this.#source.destroy()
    }
    rest()
      .catch(() => undefined)
      .finally(() => clearTimeout(timer))
  }
}
