/** An operation of the OpenAPI document. */
export interface Operation {
  readonly id: string
  readonly method: string
  readonly path: string
  readonly parameters: readonly { readonly name: string; readonly in: string }[]
  readonly hasBody: boolean
}

export interface ForeignCall {
  readonly method: string
  readonly path: string
  readonly body?: Readonly<Record<string, unknown>>
  /** What somebody else is answered. */
  readonly status: number
}

const namesSomebody = /(?:^|_)(?:id|user|owner)$/

/** Status left out: 404. */
type Body = Partial<Pick<ForeignCall, 'body' | 'status'>>

export interface ForeignIds {
  readonly sessionId: string
  readonly callId: string
  readonly ruleId: string
  readonly projectRuleId: string
}

// biome-ignore lint/suspicious/noExplicitAny: the document is walked as it is
export function operationsOf(document: any): readonly Operation[] {
  // biome-ignore lint/suspicious/noExplicitAny: the document is walked as it is
  return Object.entries<any>(document.paths).flatMap(([path, methods]) =>
    // biome-ignore lint/suspicious/noExplicitAny: the document is walked as it is
    Object.entries<any>(methods).map(([method, operation]) => ({
      id: operation.operationId,
      method: method.toUpperCase(),
      path,
      parameters: operation.parameters ?? [],
      hasBody: operation.requestBody !== undefined,
    })),
  )
}

/** For the internal key without a user. */
const operators = ['getEventStats', 'getOverview', 'getPrometheusMetrics', 'listDeadLetters', 'replayDeadLetters']

/** Without an id of a session these answer everybody, with what is theirs. */
const lists = [
  'getAuditLog',
  'getHealth',
  'getLiveness',
  'getMetrics',
  'getReadiness',
  'getReadinessShort',
  'getSignIn',
  'listAgents',
  'listModels',
  'listRules',
  'listSessions',
  'listSessionsWithMetrics',
  'getUsage',
  'getRecentUsage',
  'listApprovals',
]

/** Asked before there is a key, of the auth service or by a page that signs in. */
const before = ['getToken', 'getSigningKeys', 'signIn', 'signOut']

/** An unknown session has no entries, and no 404 (PROTOCOL 8). */
const emptyForUnknown = ['getAuditLog']

/** How each operation is called with the ids of another. An operation that is neither generated from its parameters nor named here is unknown. */
export class ForeignCalls {
  readonly ids: ForeignIds

  constructor(ids: ForeignIds = { sessionId: 's', callId: 'c', ruleId: 'r', projectRuleId: 'p' }) {
    this.ids = ids
  }

  knows(operation: Operation): boolean {
    try {
      this.of(operation)
      return true
    } catch {
      return false
    }
  }

  /** Throws for an operation that nobody has described here. */
  of(operation: Operation): readonly ForeignCall[] {
    const { id, method, path, parameters, hasBody } = operation
    if (operators.includes(id)) return [{ method, path, ...(hasBody && { body: {} }), status: 403 }]
    if (before.includes(id)) return []
    const bodies = hasBody ? this.#bodiesOf(id) : [{}]
    const inPath = parameters.filter((parameter) => parameter.in === 'path')
    const inQuery = parameters.filter((parameter) => parameter.in === 'query' && namesSomebody.test(parameter.name))
    if (inPath.length > 0)
      return this.#paths(operation).flatMap((full) =>
        bodies.map((body) => ({ method, path: full, status: 404, ...body })),
      )
    if (hasBody) return bodies.map((body) => ({ method, path, status: 404, ...body }))
    if (!lists.includes(id)) throw new Error(`${id} names nothing: say whether it is for operators or a list`)
    const query = inQuery.map(({ name }) => `${name}=${this.#idOf(name)}`)
    const asked = query.map((one) => ({
      method,
      path: `${path}?${one}`,
      status: emptyForUnknown.includes(id) ? 200 : 404,
    }))
    return [{ method, path, status: 200 }, ...asked]
  }

  #paths({ path }: Operation): readonly string[] {
    const filled = (rule: string) =>
      path.replaceAll(/\{(\w+)\}/g, (_, name: string) => (name === 'rule_id' ? rule : this.#idOf(name)))
    return [...new Set([filled(this.ids.ruleId), filled(this.ids.projectRuleId)])]
  }

  #idOf(name: string): string {
    const known: Readonly<Record<string, string>> = {
      user: 'alice',
      session_id: this.ids.sessionId,
      call_id: this.ids.callId,
      rule_id: this.ids.ruleId,
    }
    const id = known[name]
    if (id === undefined) throw new Error(`${name}: whose id is that?`)
    return id
  }

  #bodiesOf(id: string): readonly Body[] {
    const { sessionId: session_id, callId: call_id } = this.ids
    const rule = { tool: 'execute_command', pattern: 'npm test *', effect: 'allow' }
    const stream = (message: object) => ({ body: { session_id, message }, status: 200 })
    const known: Readonly<Record<string, readonly Body[]>> = {
      cancelTurn: [{ body: {} }],
      changeSession: [{ body: { title: 'mine' } }, { body: { model: null } }],
      // A person may have a session of any id.
      createSession: [{ body: { session_id }, status: 201 }],
      createRule: ['session', 'project'].map((scope) => ({ body: { scope, session_id, ...rule } })),
      explainRule: [{ body: { session_id, tool: 'execute_command', arguments: { command: 'ls' } } }],
      previewToolCall: [{ body: { old_sha256: null, diff: 'x', truncated: false } }],
      resumeTurn: [{ body: {} }],
      streamMessage: [
        stream({ type: 'tool_result', call_id, result: { done: true } }),
        stream({ type: 'hitl_decision', call_id, decision: 'approve' }),
        stream({ type: 'user_message', content: 'what is here?' }),
        stream({ type: 'switch_agent', agent_type: 'ask' }),
      ],
      switchAgent: [{ body: { target_agent: 'ask', reason: 'x' } }],
      tryRule: [{ body: { rule, session_id } }],
    }
    const bodies = known[id]
    if (!bodies) throw new Error(`${id} takes a body: say which`)
    return bodies
  }
}
