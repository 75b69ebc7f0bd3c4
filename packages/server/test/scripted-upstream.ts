import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import {
  type Answer,
  type Attempts,
  answer,
  type ChatMessage,
  classify,
  isClassifierCall,
  type Reply,
} from './scripted-upstream-replies.ts'

/** An LLM Proxy whose model does what the user's text says (`#read_file`, `@architect` …), as it stood behind the recordings.
 *  Run it by hand: `node --conditions=codelab-source packages/server/test/scripted-upstream.ts --port 8002`. */
export interface ScriptedUpstream {
  readonly url: string
  /** What was asked so far, in order of arrival; the last 10,000. */
  readonly requests: UpstreamRequest[]
  close(): Promise<void>
}

export interface UpstreamRequest {
  readonly kind: 'classifier' | 'agent'
  /** Name of the header that carried a key; null without one. */
  readonly authHeader: string | null
  readonly body: ChatRequest
}

export interface ChatRequest {
  readonly model: string
  readonly messages: readonly ChatMessage[]
  readonly stream?: boolean
  readonly stream_options?: { readonly include_usage?: boolean }
  readonly tools?: readonly { readonly function: { readonly name: string } }[]
  readonly [field: string]: unknown
}

const maxRequests = 10_000
const models = [{ id: 'mock-llm', name: 'FakeLLM Echo', provider: 'Fake', context_length: 4096, is_available: true }]
const usage = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 }

export async function startScriptedUpstream(options: { port?: number } = {}): Promise<ScriptedUpstream> {
  const requests: UpstreamRequest[] = []
  const attempts: Attempts = new Map()
  const stopping = new AbortController()

  const server = createServer((request, response) => {
    handle(request, response).catch(() => response.destroy())
  })

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? '').split('?')[0]
    if (request.method === 'GET' && path === '/v1/llm/models') return json(response, 200, models)
    if (request.method === 'GET' && path === '/health') return json(response, 200, { status: 'healthy' })
    if (request.method !== 'POST' || path !== '/v1/chat/completions')
      return json(response, 404, { detail: 'Not Found' })
    const body = await readJson(request)
    if (body === undefined) return json(response, 400, { error: { message: 'not JSON', type: 'invalid_request' } })
    const kind = isClassifierCall(body) ? 'classifier' : 'agent'
    if (requests.length === maxRequests) requests.shift()
    const authHeader = ['x-internal-auth', 'authorization'].find((name) => request.headers[name] !== undefined) ?? null
    requests.push({ kind, authHeader, body })
    await reply(body, kind === 'classifier' ? classify(body.messages) : answer(body.messages, attempts), response)
  }

  async function reply(body: ChatRequest, reply: Reply, response: ServerResponse): Promise<void> {
    switch (reply.kind) {
      case 'drop':
        response.destroy()
        return
      case 'failure':
        return json(response, reply.status, { error: { message: reply.message, type: 'server_error' } })
      case 'raw':
        response.writeHead(200, { 'content-type': 'application/json' }).end(reply.body)
        return
      case 'no-choices':
        return json(response, 200, { ...envelope(body, 'chat.completion'), choices: [], usage })
      case 'answer':
        if (reply.delayMs !== undefined) await sleep(reply.delayMs, undefined, { signal: stopping.signal })
        if (body.stream === true) sendStream(body, reply, response)
        else json(response, 200, completion(body, reply))
    }
  }

  server.listen(options.port ?? 0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    async close() {
      stopping.abort()
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

function envelope(body: ChatRequest, object: string) {
  return { id: 'chatcmpl-fake', object, created: 1_700_000_000, model: body.model }
}

function finishReason(reply: Answer): string {
  if (reply.functionCall !== undefined) return 'function_call'
  return (reply.toolCalls?.length ?? 0) > 0 ? 'tool_calls' : 'stop'
}

function completion(body: ChatRequest, reply: Answer) {
  const message = {
    role: 'assistant',
    content: reply.content,
    ...((reply.toolCalls?.length ?? 0) > 0 && { tool_calls: reply.toolCalls }),
    ...(reply.functionCall && { function_call: reply.functionCall }),
  }
  const choices = [{ index: 0, message, finish_reason: finishReason(reply) }]
  return { ...envelope(body, 'chat.completion'), choices, ...(reply.usage !== false && { usage }) }
}

function sendStream(body: ChatRequest, reply: Answer, response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' })
  const send = (fields: object) => {
    response.write(`data: ${JSON.stringify({ ...envelope(body, 'chat.completion.chunk'), ...fields })}\n\n`)
  }
  const delta = (value: object, finish: string | null = null) => {
    send({ choices: [{ index: 0, delta: value, finish_reason: finish }] })
  }
  delta({ role: 'assistant', content: '' })
  if (typeof reply.content === 'string') for (const word of pieces(reply.content)) delta({ content: word })
  else if (reply.content !== null) delta({ content: reply.content })
  for (const [index, call] of (reply.toolCalls ?? []).entries()) {
    delta({ tool_calls: [{ index, ...call, function: { name: call.function.name, arguments: '' } }] })
    for (const part of call.function.arguments.match(/[\s\S]{1,8}/g) ?? []) {
      delta({ tool_calls: [{ index, function: { arguments: part } }] })
    }
  }
  if (reply.functionCall) delta({ function_call: reply.functionCall })
  delta({}, finishReason(reply))
  if (body.stream_options?.include_usage === true && reply.usage !== false) send({ choices: [], usage })
  response.end('data: [DONE]\n\n')
}

/** A text as one piece for each word, with its trailing blank. */
function pieces(text: string): string[] {
  return text.match(/[^ ]* |[^ ]+$/g) ?? []
}

async function readJson(request: IncomingMessage): Promise<ChatRequest | undefined> {
  let text = ''
  for await (const piece of request.setEncoding('utf8')) text += piece
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { port: { type: 'string', default: '8002' } } })
  const upstream = await startScriptedUpstream({ port: Number(values.port) })
  console.log(`scripted model at ${upstream.url}`)
}
