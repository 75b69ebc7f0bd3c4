import type { AgentList, CurrentAgent } from './agents.ts'
import type { StreamFrame } from './chunks.ts'
import type { SessionContext } from './context.ts'
import type { ErrorCode } from './errors.ts'
import type { SessionTimeline } from './maintenance.ts'
import type { ClientProfile } from './messages.ts'
import type { Health } from './metrics.ts'
import type { ModelList, SessionUsage } from './models.ts'
import type { CallPreview, StoredPreview } from './previews.ts'
import type {
  CreatedRule,
  CreateRuleRequest,
  DeletedRule,
  ExplainedRule,
  ExplainRuleRequest,
  RuleList,
  RuleSuggestions,
  TriedRule,
  TryRuleRequest,
} from './rules.ts'
import type {
  CancelledTurn,
  CreatedSession,
  DeletedSession,
  PendingApprovals,
  SessionDetail,
  SessionHistory,
  SessionList,
  SessionToolCalls,
} from './sessions.ts'
import { readSse } from './sse.ts'

/** A request that was answered with something other than success. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly status: number
  readonly code: ErrorCode
  readonly requestId: string | undefined

  constructor(status: number, code: ErrorCode, message: string, requestId?: string) {
    super(message)
    this.status = status
    this.code = code
    this.requestId = requestId
  }

  /** What a response that is no success says. */
  static async of(response: Response): Promise<ApiError> {
    const body: unknown = await response.json().catch(() => ({}))
    const fields = typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {}
    const text = typeof fields['error'] === 'string' ? fields['error'] : fields['detail']
    const code = response.status === 401 ? 'unauthorized' : ((fields['code'] as ErrorCode | undefined) ?? 'internal')
    const requestId = typeof fields['request_id'] === 'string' ? fields['request_id'] : undefined
    return new ApiError(response.status, code, typeof text === 'string' ? text : `HTTP ${response.status}`, requestId)
  }
}

export interface ClientOptions {
  /** For example `http://127.0.0.1:8001`. */
  readonly baseUrl: string
  /** Value of `x-internal-auth`; left out in a page that has a cookie. */
  readonly key?: string
  readonly fetch?: typeof fetch
  readonly client?: ClientProfile
}

export interface StreamOptions {
  /** Leaves the stream; the turn goes on in the server. To stop the turn, `cancel` it. */
  readonly signal?: AbortSignal
  /** What to do when the session works already; the server's own choice is to wait in line. */
  readonly onBusy?: 'queue' | 'reject' | 'interrupt' | 'steer'
}

/** A frame of `GET /sessions/{id}/events`. */
export interface SessionFrame {
  readonly event: string
  readonly data: Readonly<Record<string, unknown>>
}

export type Client = ReturnType<typeof createClient>

/** A typed client of the runtime. Every method throws ApiError for an answer that is not a success, and what `fetch` throws for none. */
export function createClient(options: ClientOptions) {
  const send = options.fetch ?? fetch
  const headers: Record<string, string> = options.key === undefined ? {} : { 'x-internal-auth': options.key }

  async function request(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<Response> {
    const response = await send(new URL(path, options.baseUrl), {
      method,
      redirect: 'error',
      headers: body === undefined ? headers : { ...headers, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal ? { signal } : {}),
    })
    if (!response.ok) throw await ApiError.of(response)
    return response
  }

  async function json<T>(method: string, path: string, body?: unknown): Promise<T> {
    return (await (await request(method, path, body)).json()) as T
  }

  const session = (id: string) => `/sessions/${encodeURIComponent(id)}`

  return {
    health: () => json<Health>('GET', '/health'),
    /** With a session, those of its workspace too. */
    agents: (id?: string) =>
      json<AgentList>('GET', id === undefined ? '/agents' : `/agents?session_id=${encodeURIComponent(id)}`),
    currentAgent: (id: string) => json<CurrentAgent>('GET', `/agents/${encodeURIComponent(id)}/current`),
    createSession: (id?: string) =>
      json<CreatedSession>('POST', '/sessions', id === undefined ? {} : { session_id: id }),
    listSessions: (query: { limit?: number; offset?: number } = {}) =>
      json<SessionList>('GET', `/sessions?limit=${query.limit ?? 100}&offset=${query.offset ?? 0}`),
    getSession: (id: string) => json<SessionDetail>('GET', session(id)),
    history: (id: string) => json<SessionHistory>('GET', `${session(id)}/history`),
    pendingApprovals: (id: string) => json<PendingApprovals>('GET', `${session(id)}/pending-approvals`),
    openToolCalls: (id: string) => json<SessionToolCalls>('GET', `${session(id)}/tool-calls?state=open`),
    /** What a call that waits for a person would do; the same one again changes nothing. */
    previewCall: (id: string, callId: string, preview: CallPreview) =>
      json<StoredPreview>('POST', `${session(id)}/tool-calls/${encodeURIComponent(callId)}/preview`, preview),
    renameSession: (id: string, title: string) => json<SessionDetail>('PATCH', session(id), { title }),
    models: () => json<ModelList>('GET', '/models'),
    /** From the next step on; null: the agent's model, or the default. Throws ApiError 404 with the aliases for one that is none. */
    chooseModel: (id: string, model: string | null) => json<SessionDetail>('PATCH', session(id), { model }),
    usage: (id: string) => json<SessionUsage>('GET', `${session(id)}/usage`),
    /** With the model calls, and what the calls and turns are about. */
    timeline: (id: string, limit: number) =>
      json<SessionTimeline>('GET', `${session(id)}/timeline?details=true&limit=${limit}`),
    context: (id: string) => json<SessionContext>('GET', `${session(id)}/context`),
    deleteSession: (id: string) => json<DeletedSession>('DELETE', session(id)),
    cancel: (id: string) => json<CancelledTurn>('POST', `${session(id)}/cancel`, {}),
    /** With a session: those that hold in it. Without: all there are. */
    rules: (sessionId?: string) =>
      json<RuleList>('GET', sessionId === undefined ? '/rules' : `/rules?session_id=${encodeURIComponent(sessionId)}`),
    createRule: (rule: CreateRuleRequest) => json<CreatedRule>('POST', '/rules', rule),
    deleteRule: (id: string) => json<DeletedRule>('DELETE', `/rules/${encodeURIComponent(id)}`),
    explainRule: (call: ExplainRuleRequest) => json<ExplainedRule>('POST', '/rules/explain', call),
    tryRule: (rule: TryRuleRequest) => json<TriedRule>('POST', '/rules/try', rule),
    /** Rules that would have let an open approval pass, narrowest first. */
    ruleSuggestions: (id: string, callId: string) =>
      json<RuleSuggestions>('GET', `${session(id)}/pending-approvals/${encodeURIComponent(callId)}/rules`),

    /** What happens in a session from now on, whoever does it: `hello`, then its events, until the signal. */
    async *follow(id: string, signal: AbortSignal): AsyncGenerator<SessionFrame> {
      const response = await request('GET', `${session(id)}/events`, undefined, signal)
      if (!response.body) return
      for await (const { event, data } of readSse(response.body)) yield { event, data: JSON.parse(data) }
    },

    /** Sends one message and yields the frames of its answer; the last one is `done`. */
    async *stream(sessionId: string, message: object, stream: StreamOptions = {}): AsyncGenerator<StreamFrame> {
      const body = {
        session_id: sessionId,
        message,
        ...(options.client ? { client: options.client } : {}),
        ...(stream.onBusy ? { on_busy: stream.onBusy } : {}),
      }
      const response = await request('POST', '/agent/message/stream', body, stream.signal)
      if (!response.body) throw new ApiError(response.status, 'internal', 'The server sent no stream')
      for await (const event of readSse(response.body)) {
        if (event.event !== 'message' && event.event !== 'error' && event.event !== 'done') continue
        yield { event: event.event, data: JSON.parse(event.data) } as StreamFrame
      }
    },
  }
}
