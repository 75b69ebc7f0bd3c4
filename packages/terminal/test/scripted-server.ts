import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { encodeFrame } from '@codelab/protocol'

/** One thing that a stream does: a frame, a wait, or the end of the connection in mid-stream. */
export type Step = { readonly event: string; readonly data: unknown } | { readonly until: Promise<unknown> } | 'cut'

export interface StreamBody {
  readonly session_id: string
  readonly message: Readonly<Record<string, unknown>>
  readonly client?: Readonly<Record<string, unknown>>
  readonly on_busy?: string
}

export interface ScriptedServer {
  readonly url: string
  readonly key: string
  /** Bodies of the stream requests, in order. */
  readonly streams: StreamBody[]
  /** `METHOD /path` of every other request. */
  readonly requests: string[]
  /** What it was told that waiting calls would do. */
  readonly previews: { readonly callId: string; readonly body: unknown }[]
  /** What each further stream answers; after the last one the answer is an error frame. */
  script(...answers: readonly (readonly Step[])[]): void
  /** What the server says of the one session that it knows; null is 404. */
  session: {
    state: string
    agent: string
    messages: object[]
    calls: object[]
    approvals: object[]
    title: string
  } | null
  listed: object[]
  close(): Promise<void>
}

/** A server on 127.0.0.1 that speaks the real frames and says what a test wrote. */
export async function startScriptedServer(
  options: { key?: string; model?: string; port?: number } = {},
): Promise<ScriptedServer> {
  const key = options.key ?? 'change-me-internal-key'
  const answers: (readonly Step[])[] = []
  const server = createServer((request, response) => {
    handle(request, response).catch(() => response.destroy())
  })

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? '').split('?')[0] ?? ''
    if (path === '/health') {
      send(response, 200, {
        status: 'healthy',
        service: 'agent-runtime',
        version: '0.3.0',
        model: options.model ?? 'scripted',
      })
      return
    }
    if (request.headers['x-internal-auth'] !== key) return send(response, 401, { detail: 'unauthorized' })
    if (path === '/agent/message/stream') return stream(JSON.parse(await bodyOf(request)) as StreamBody, response)
    scripted.requests.push(`${request.method} ${path}`)
    const previewed = /\/tool-calls\/([^/]+)\/preview$/.exec(path)?.[1]
    if (previewed !== undefined) {
      scripted.previews.push({ callId: previewed, body: JSON.parse(await bodyOf(request)) })
    }
    const answer = rest(request.method ?? 'GET', path, scripted)
    send(
      response,
      answer === undefined ? 404 : 200,
      answer ?? { detail: 'Not Found', error: 'Not Found', code: 'not_found', request_id: 'r' },
    )
  }

  async function stream(body: StreamBody, response: ServerResponse): Promise<void> {
    scripted.streams.push(body)
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' })
    for (const step of answers.shift() ?? [errorFrame('internal', 'no more script'), done]) {
      if (step === 'cut') {
        response.destroy()
        return
      }
      if ('until' in step) await step.until
      else response.write(encodeFrame(step.event, step.data))
    }
    response.end()
  }

  await new Promise<void>((resolve) => server.listen(options.port ?? 0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const scripted: ScriptedServer = {
    url: `http://127.0.0.1:${port}`,
    key,
    streams: [],
    requests: [],
    previews: [],
    session: null,
    listed: [],
    script: (...more) => answers.push(...more),
    close: () => {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
  return scripted
}

function rest(method: string, path: string, { session, listed }: ScriptedServer): object | undefined {
  const [, area, id = '', part = ''] = path.split('/')
  if (area === 'agents') {
    const types = ['orchestrator', 'coder', 'architect', 'debug', 'ask']
    return { agents: types.map((type) => ({ type, name: type, description: `The ${type}.` })), total: types.length }
  }
  if (area !== 'sessions') return undefined
  if (id === '') return { sessions: listed, total: listed.length, limit: 1000, offset: 0 }
  if (part === 'cancel') return { session_id: id, cancelled: true, turn_id: 't' }
  if (!session) return undefined
  const { state, agent, messages, calls, approvals, title } = session
  if (part === 'history')
    return { session_id: id, messages, current_agent: agent, agent_history: [], message_count: messages.length }
  if (part === 'tool-calls') return { session_id: id, tool_calls: calls, count: calls.length }
  if (part === 'pending-approvals') return { session_id: id, pending_approvals: approvals, count: approvals.length }
  const at = '2026-01-18T21:00:00.000Z'
  if (method === 'DELETE') return { id, session_id: id, deleted: true }
  return {
    id,
    session_id: id,
    title,
    state,
    current_agent: agent,
    message_count: messages.length,
    last_activity: at,
    created_at: at,
  }
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(JSON.stringify(body))
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = []
  for await (const piece of request) pieces.push(piece as Buffer)
  return Buffer.concat(pieces).toString('utf8')
}

export const done: Step = { event: 'done', data: { status: 'completed' } }

export function message(data: object): Step {
  return { event: 'message', data: { is_final: false, requires_approval: false, ...data } }
}

export function delta(token: string): Step {
  return message({ type: 'assistant_message', token })
}

/** The end of a message, as a client that takes deltas gets it. */
export function answer(content: string): Step {
  return message({ type: 'assistant_message', content, token: '', is_final: true })
}

export function call(callId: string, tool: string, values: object, requiresApproval = false): Step {
  return message({
    type: 'tool_call',
    is_final: true,
    call_id: callId,
    tool_name: tool,
    arguments: values,
    requires_approval: requiresApproval,
  })
}

export function switched(from: string, to: string, reason: string, confidence = 'high'): Step {
  const metadata = { from_agent: from, to_agent: to, reason, confidence }
  return message({ type: 'agent_switched', content: `Switched to ${to} agent`, metadata })
}

export function usage(input: number, output: number): Step {
  return message({
    type: 'usage',
    model: 'scripted',
    input_tokens: input,
    cached_tokens: 0,
    output_tokens: output,
    reasoning_tokens: 0,
    steps: 1,
  })
}

export function errorFrame(code: string, error: string): Step {
  return {
    event: 'error',
    data: { type: 'error', error, content: error, is_final: true, code, retryable: false, request_id: 'req_1' },
  }
}
