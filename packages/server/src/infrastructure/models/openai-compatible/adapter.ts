import { type Dispatcher, fetch, type Response } from 'undici'
import type { LanguageModel, ModelEvent, ModelRequest } from '../../../application/ports/language-model.ts'
import { RuntimeError } from '../../../domain/errors.ts'
import type { CacheMode } from '../../../domain/model.ts'
import { createUpstreamAgent } from '../upstream/agent.ts'
import { versionedUrl } from '../upstream/base-url.ts'
import {
  badResponse,
  cancelled,
  failureOfStatus,
  failureOfTransport,
  type Progress,
  timedOut,
} from '../upstream/failure.ts'
import { TimeLimits, type UpstreamLimits } from '../upstream/limits.ts'
import { type Addressee, familyOf } from '../upstream/opaque.ts'
import { Answer } from './answer.ts'
import { BodyReader } from './body-reader.ts'
import { withoutProxyFailures } from './proxy-failures.ts'
import { ProxyShape } from './proxy-shape.ts'
import { type Caching, toRequestBody } from './request-body.ts'

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
  const upstream = { ...options, dispatcher, url, family: familyOf(model), caching: cachingOf(options, url) }

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
  Addressee & { readonly url: URL; readonly dispatcher: Dispatcher; readonly caching: Caching }

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
  try {
    if (streamed) limits.arm('headers', upstream.limits.headersMs)
    else limits.arm('total', upstream.limits.totalMs)
    const response = await send(upstream, request, streamed, limits.signal)
    progress = 'answering'
    if (!response.ok) throw await readFailure(upstream.provider, response)
    if (streamed) limits.arm('first-data', upstream.limits.firstDataMs)
    yield* read(upstream, response, limits, streamed)
  } catch (thrown) {
    if (limits.cancelled) throw cancelled()
    if (thrown instanceof RuntimeError) throw thrown
    throw limits.passed ? timedOut(limits.passed) : failureOfTransport(upstream.provider, thrown, progress)
  } finally {
    limits.end()
  }
}

function send(upstream: Upstream, request: ModelRequest, streamed: boolean, signal: AbortSignal): Promise<Response> {
  // A question that is asked once is not worth keeping.
  const caching = request.purpose === 'answer' ? upstream.caching : {}
  return fetch(upstream.url, {
    method: 'POST',
    headers: {
      accept: streamed ? 'text/event-stream, application/json' : 'application/json',
      'content-type': 'application/json',
      ...upstream.headers,
    },
    body: JSON.stringify(toRequestBody(upstream.model, request, streamed, upstream, caching)),
    redirect: 'manual',
    dispatcher: upstream.dispatcher,
    signal,
  })
}

async function readFailure(provider: string, response: Response): Promise<RuntimeError> {
  let text = ''
  const decoder = new TextDecoder()
  try {
    // Leaving the loop early cancels the body, and with it its connection.
    for await (const piece of response.body ?? []) {
      text += decoder.decode(piece, { stream: true })
      if (text.length > longestErrorBody) break
    }
  } catch {
    // The status is known; its text is only for the log.
  }
  const { headers } = response
  return failureOfStatus(provider, response.status, {
    text,
    retryAfter: headers.get('retry-after'),
    date: headers.get('date'),
  })
}

/** The loop that runs once per piece of the network. Every event that it passes on counts as progress for the time limits. */
async function* read(
  upstream: Upstream,
  response: Response,
  limits: TimeLimits,
  streamed: boolean,
): AsyncGenerator<ModelEvent> {
  if (response.body === null) throw badResponse('upstream sent an empty or unreadable answer')
  const { idleMs, answerBytes } = upstream.limits
  const answer = new Answer(upstream, answerBytes)
  const body = new BodyReader(answer, upstream.provider, answerBytes)
  const source = response.body.getReader()
  const decoder = new TextDecoder()
  let begun = false
  let closing = false
  let ended = false
  try {
    while (!ended && !body.done) {
      const piece = await source.read().catch((thrown: unknown) => {
        // A complete answer stays one when its connection breaks afterwards.
        if (answer.finished && !limits.cancelled) return { done: true as const, value: undefined }
        throw thrown
      })
      ended = piece.done
      if (piece.value === undefined) body.end()
      else body.add(decoder.decode(piece.value, { stream: true }))
      const events = answer.take()
      for (const event of events) yield event
      if (!streamed || closing) continue
      if (answer.finished) {
        closing = true
        limits.arm('idle', Math.min(idleMs, closingMs))
      } else if (events.length > 0) {
        if (begun) limits.restart()
        else limits.arm('idle', idleMs)
        begun = true
      }
    }
    for (const event of answer.close()) yield event
  } finally {
    if (!ended) letGo(source, body.done)
  }
}

/** Frees the connection. After a complete answer its last bytes are awaited for a moment, so that the connection can be used again. */
function letGo(source: ReadableStreamDefaultReader<Uint8Array>, complete: boolean): void {
  const cancel = (): void => {
    source.cancel().catch(() => undefined)
  }
  if (!complete) {
    cancel()
    return
  }
  const timer = setTimeout(cancel, closingMs).unref()
  const rest = async (): Promise<void> => {
    for (let pieces = 0; pieces < 16; pieces += 1) if ((await source.read()).done) return
    cancel()
  }
  rest()
    .catch(() => undefined)
    .finally(() => clearTimeout(timer))
}
