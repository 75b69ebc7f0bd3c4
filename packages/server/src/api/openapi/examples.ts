import { type ErrorBody, type ErrorCode, encodeFrame } from '@codelab/protocol'

/** One example for each component that is the body of a request or an answer. A test holds them against the schemas. */

const sessionId = 'a7d00da1-60e4-4ef6-9140-e8ddc706b17b'
const requestId = '0197c9a4-6f1e-7c31-9d5e-2f6b7a1c0d42'
const created = '2026-01-18T20:59:00.000Z'
const switched = '2026-01-18T20:59:30.000Z'
const active = '2026-01-18T21:00:00.123Z'

const writeArguments = { path: 'src/hello.py', content: "print('hello')\n" }
const preview = {
  old_sha256: null,
  diff: "--- /dev/null\n+++ b/src/hello.py\n@@ -0,0 +1 @@\n+print('hello')\n",
  truncated: false,
}
const history = {
  from: 'orchestrator',
  to: 'coder',
  from_agent: 'orchestrator',
  to_agent: 'coder',
  reason: 'The task is to write code',
  timestamp: switched,
  confidence: 'high',
}
const context = {
  id: '0197c9a4-6f1e-7c31-9d5e-2f6b7a1c0d01',
  session_id: sessionId,
  current_agent: 'coder',
  switch_count: 1,
  switch_history: null,
  last_switch_at: switched,
  created_at: created,
}
const session = {
  id: sessionId,
  title: 'Add a greeting',
  description: null,
  message_count: 4,
  last_activity: active,
  is_active: true,
  created_at: created,
  duration_seconds: 60.123,
}
const switchedHistory = [
  {
    from_agent: 'orchestrator',
    to_agent: 'coder',
    reason: 'The task is to write code',
    switched_at: switched,
    confidence: 'high',
  },
]

const usageFigures = {
  turns: 12,
  calls: 31,
  input_tokens: 184_200,
  cached_tokens: 150_000,
  output_tokens: 9_300,
  reasoning_tokens: 1_200,
  cost: 0.2871,
}

const rule = { tool: 'execute_command', pattern: 'npm test *', effect: 'allow' }
const listedRule = {
  id: '0197c9a4-6f1e-7c31-9d5e-2f6b7a1c0d05',
  source: 'session',
  ...rule,
  session_id: sessionId,
  project: null,
  created_at: switched,
  created_by: 'codelab-terminal',
}
const deciding = { id: listedRule.id, source: 'session', text: 'allow execute_command "npm test *"' }
const used = {
  calls: 3,
  input_tokens: 12_400,
  cached_tokens: 8_000,
  output_tokens: 640,
  reasoning_tokens: 0,
  cost: 0.0252,
}

const recentFigures = {
  turns: 14,
  calls: 61,
  failed_calls: 1,
  input_tokens: 31_900,
  cached_tokens: 23_600,
  output_tokens: 500,
  cost: 0.112,
  priced_calls: 61,
  first_token_ms: { p50: 640, p95: 1_420, p99: 1_800 },
}

export const examples: Readonly<Record<string, unknown>> = {
  Health: { status: 'healthy', service: 'agent-runtime', version: '0.4.0', model: 'demo', uptime_seconds: 3600 },
  HealthCheck: { status: 'healthy' },
  Usage: {
    from: '2026-01-01',
    to: '2026-01-31',
    by: ['day', 'user'],
    user: null,
    total: usageFigures,
    rows: [{ day: '2026-01-18', user: 'alice', ...usageFigures }],
    more: false,
  },
  RecentUsage: {
    from: '2026-01-17T21:00:00.000Z',
    to: '2026-01-18T21:00:00.000Z',
    bucket_seconds: 3600,
    complete: true,
    user: null,
    total: {
      ...recentFigures,
      failed_turns: 1,
      decisions: { decided: 12, rejected: 1, wait_ms: { p50: 24_000, p95: 180_000, p99: 400_000 } },
    },
    buckets: [
      {
        at: '2026-01-18T20:00:00.000Z',
        ...recentFigures,
        models: [{ model: 'sonnet', cost: 0.112, tokens: 32_400 }],
        failures: [{ code: 'upstream_timeout', count: 1 }],
      },
    ],
    agents: [
      {
        agent: 'coder',
        ...recentFigures,
        turn_ms: { p50: 38_000, p95: 90_000, p99: 140_000 },
        asked: 12,
        rejected: 1,
      },
    ],
    models: [{ model: 'sonnet', ...recentFigures }],
    people: [{ user: 'alice', ...recentFigures }],
  },
  Overview: {
    version: '0.4.0',
    uptime_seconds: 11_520,
    memory_bytes: 123_731_968,
    status: 'healthy',
    details: { database: 'ok', engine: 'sqlite', runs_active: 2 },
    replicas: [{ id: '0197c9a4-6f1e-7c31-9d5e-2f6b7a1c0d50', beat_at: active }],
    handlers: [{ handler: 'metric_rollups', events_behind: 0 }],
    events: 1204,
    dead_letters: 0,
    tools: [{ name: 'write_file', class: 'write', asks: true, declared_only: false }],
    settings: [{ name: 'PORT', value: '8001', source: 'default', about: 'port to listen on' }],
  },
  TokenRequest: { grant_type: 'password', username: 'alice', password: 'secret', client_id: 'codelab-flutter-app' },
  TokenAnswer: {
    access_token: 'eyJhbGciOiJSUzI1NiJ9.e30.c2lnbmF0dXJl',
    refresh_token: 'b5f0c2',
    token_type: 'bearer',
    expires_in: 900,
  },
  TokenRefusal: { error: 'invalid_grant', error_description: 'Wrong user name or password' },
  KeySet: { keys: [{ kty: 'RSA', kid: '2026-01', alg: 'RS256', use: 'sig', n: 'xjlCRBqk', e: 'AQAB' }] },
  StreamRequest: {
    session_id: sessionId,
    message: { type: 'user_message', content: 'Add a greeting to src/hello.py' },
  },
  CreateSessionRequest: { session_id: sessionId },
  CreatedSession: {
    id: sessionId,
    session_id: sessionId,
    message_count: 0,
    created_at: created,
    is_active: true,
    current_agent: 'orchestrator',
  },
  SessionList: {
    sessions: [
      {
        id: sessionId,
        session_id: sessionId,
        title: 'Add a greeting',
        description: null,
        message_count: 4,
        last_activity: active,
        created_at: created,
        is_active: true,
        current_agent: 'coder',
        state: 'idle',
        last_turn: 'completed',
      },
    ],
    total: 1,
    limit: 100,
    offset: 0,
  },
  SessionDetail: {
    session: { ...session, messages: null },
    ...session,
    session_id: sessionId,
    current_agent: 'coder',
    state: 'idle',
  },
  ChangeSessionRequest: { title: 'A greeting for everybody' },
  DeletedSession: { id: sessionId, session_id: sessionId, deleted: true },
  ResumedTurn: { session_id: sessionId, resumed: true, turn_id: '0197c9a4-6f1e-7c31-9d5e-2f6b7a1c0d02' },
  CancelledTurn: { session_id: sessionId, cancelled: true, turn_id: '0197c9a4-6f1e-7c31-9d5e-2f6b7a1c0d02' },
  SessionHistory: {
    session_id: sessionId,
    messages: [
      { role: 'user', content: 'Add a greeting to src/hello.py' },
      {
        role: 'assistant',
        content: null,
        tool_calls: [
          {
            id: 'call_1',
            type: 'function',
            function: { name: 'write_file', arguments: JSON.stringify(writeArguments) },
          },
        ],
      },
      { role: 'tool', content: '{"success":true}', tool_call_id: 'call_1', name: 'write_file' },
      { role: 'assistant', content: 'Done.' },
    ],
    message_count: 4,
    last_activity: active,
    current_agent: 'coder',
    agent_history: [history],
  },
  PendingApprovals: {
    session_id: sessionId,
    pending_approvals: [
      {
        request_id: 'call_1',
        request_type: 'tool',
        subject: 'write_file',
        details: { arguments: writeArguments },
        reason: 'File modification requires user approval',
        created_at: active,
        call_id: 'call_1',
        tool_name: 'write_file',
        arguments: writeArguments,
        preview,
      },
    ],
    count: 1,
  },
  Inbox: {
    approvals: [
      {
        request_id: 'call_1',
        request_type: 'tool',
        subject: 'write_file',
        details: { arguments: writeArguments },
        reason: 'File modification requires user approval',
        created_at: active,
        call_id: 'call_1',
        tool_name: 'write_file',
        arguments: writeArguments,
        preview,
        session_id: sessionId,
        session_title: 'Add a greeting',
        agent: 'coder',
        words: 'I add the greeting.',
        call_hash: null,
        rule: { id: null, source: 'default', text: 'writing asks a person' },
        decision: null,
      },
    ],
    count: 1,
    waiting: 1,
  },
  SessionToolCalls: {
    session_id: sessionId,
    tool_calls: [
      {
        call_id: 'call_1',
        tool_name: 'write_file',
        arguments: writeArguments,
        state: 'awaiting_approval',
        requires_approval: true,
        created_at: active,
        preview: null,
      },
    ],
    count: 1,
  },
  CallPreview: preview,
  PreviewCallRequest: preview,
  StoredPreview: { session_id: sessionId, call_id: 'call_1', preview },
  RuleList: { rules: [listedRule], count: 1 },
  CreateRuleRequest: { scope: 'session', session_id: sessionId, ...rule },
  CreatedRule: { rule: listedRule, now_allowed: ['call_2'] },
  DeletedRule: { id: listedRule.id, deleted: true },
  ExplainRuleRequest: {
    session_id: sessionId,
    tool: 'execute_command',
    arguments: { command: 'npm test -- orders' },
  },
  ExplainedRule: {
    effect: 'allow',
    reason: null,
    rule: deciding,
    parts: [{ text: 'npm test -- orders', effect: 'allow', reason: null, rule: deciding }],
  },
  TryRuleRequest: { rule },
  TriedRule: {
    looked_at: 412,
    matched: 1,
    allowed: 1,
    asked: 0,
    denied: 0,
    decided: 57,
    decided_allowed: 1,
    decided_otherwise: 0,
    calls: [
      {
        session_id: sessionId,
        call_id: 'call_1',
        tool_name: 'execute_command',
        subject: 'npm test -- orders',
        effect: 'allow',
        asked: true,
        created_at: active,
      },
    ],
  },
  SessionContext: {
    session_id: sessionId,
    agent: 'coder',
    model: 'sonnet',
    context_tokens: 200_000,
    estimated_tokens: 7_400,
    share: 0.037,
    sections: [
      { name: 'prompt', tokens: 1_500, share: 0.0075, text: 'You are the Coder Agent …' },
      { name: 'instructions', tokens: 600, share: 0.003, text: '# Instructions of this project …' },
      { name: 'environment', tokens: 40, share: 0.0002, text: '# Environment …' },
      { name: 'tools', tokens: 1_260, share: 0.0063, text: 'read_file …' },
      { name: 'history', tokens: 4_000, share: 0.02, text: null },
    ],
    messages: { sent: 24, referenced: 0, dropped: 0 },
  },
  RuleSuggestions: {
    session_id: sessionId,
    call_id: 'call_1',
    suggestions: [
      { scope: 'session', ...rule, text: 'npm test *' },
      { scope: 'session', tool: 'execute_command', pattern: '*', effect: 'allow', text: 'any command' },
    ],
    count: 2,
  },
  ModelList: {
    models: [
      {
        alias: 'sonnet',
        provider: 'anthropic',
        id: 'claude-sonnet-4-5',
        default: true,
        context: 200000,
        max_output: 64000,
        images: true,
        cache: 'auto',
        streaming: 'auto',
        price: { input: 3, output: 15, cached: 0.3 },
        fallback: ['qwen'],
        upstream: { state: 'closed', retry_after_ms: 0 },
      },
      {
        alias: 'qwen',
        provider: 'openai-compatible',
        id: 'qwen3-coder',
        default: false,
        context: 32768,
        max_output: null,
        images: null,
        cache: 'auto',
        streaming: 'auto',
        price: null,
        fallback: [],
        upstream: { state: 'closed', retry_after_ms: 0 },
      },
    ],
    total: 2,
  },
  SessionUsage: {
    session_id: sessionId,
    total: used,
    models: [{ alias: 'sonnet', provider: 'anthropic', model: 'claude-sonnet-4-5', ...used }],
  },
  AgentList: {
    agents: [
      {
        type: 'architect',
        name: 'Architect Agent',
        description:
          'You are the Architect Agent - specialized in planning, designing, and creating technical specifications.',
        allowed_tools: ['read_file', 'write_file', 'list_files', 'search_in_code', 'switch_mode'],
        has_file_restrictions: true,
      },
    ],
    total: 1,
  },
  CurrentAgent: {
    context,
    session_id: sessionId,
    current_agent: 'coder',
    agent_history: [history],
    switch_count: 1,
  },
  SwitchAgentRequest: { target_agent: 'coder', reason: 'The plan is ready' },
  SwitchedAgent: { context: { ...context, switch_history: switchedHistory } },
  Metrics: {
    metrics: {
      agent_switches: { orchestrator_to_coder: 6 },
      agent_processing: { coder: { count: 5, total_duration_ms: 662.4, success_count: 5, failure_count: 0 } },
      tool_executions: { write_file: { requested: 1, completed: 1, failed: 0, requires_approval: 1 } },
      hitl_decisions: { write_file: { APPROVE: 1, EDIT: 0, REJECT: 0 } },
      errors: {},
    },
    computed: { coder_avg_duration_ms: 132.48, write_file_success_rate: 1 },
    timestamp: active,
  },
  SessionMetrics: {
    session_id: sessionId,
    total_requests: 1,
    successful_requests: 1,
    failed_requests: 0,
    total_duration_ms: 812,
    average_duration_ms: 812,
    total_prompt_tokens: 1200,
    total_completion_tokens: 80,
    total_tokens: 1280,
    average_tokens_per_request: 1280,
    requests_with_tools: 1,
    requests: [
      {
        timestamp: active,
        model: 'fake-llm',
        duration_ms: 812,
        prompt_tokens: 1200,
        completion_tokens: 80,
        total_tokens: 1280,
        has_tool_calls: true,
        success: true,
        error: null,
      },
    ],
  },
  SessionsWithMetrics: { sessions: [sessionId], count: 1 },
  AuditLog: {
    audit_log: [
      {
        timestamp: active,
        event_id: '5f2f1a0e-54ac-5d0b-9c0f-6a1f0d7a3f11',
        session_id: sessionId,
        correlation_id: '0197c9a4-6f1e-7c31-9d5e-2f6b7a1c0d03',
        event_type: 'hitl_decision_made',
        call_id: 'call_1',
        decision: 'approve',
        tool_name: 'write_file',
        original_args: writeArguments,
        modified_args: null,
        feedback: null,
        implicit: false,
        by: null,
      },
    ],
    count: 1,
    filters: { session_id: null, event_type: null, limit: 100 },
  },
  EventStats: {
    total_published: 27,
    successful_handlers: 12,
    failed_handlers: 0,
    last_event_time: active,
    success_rate: 1,
  },
  SignInRequest: { key: 'clk_1f0c…' },
  SignInState: {
    signed_in: true,
    sign_in: 'needed',
    kind: 'person',
    user: 'alice',
    expires_at: '2026-01-25T20:59:00.000Z',
    tokens: false,
  },
  SignedOut: { signed_in: false },
  DeadLetters: {
    dead_letters: [
      {
        id: 3,
        handler: 'metric_rollups',
        position: 1204,
        sid: '6d0a3b52-9f0e-4a7c-8f44-5f1f2d0f7a10',
        seq: 17,
        event_type: 'run.ended',
        code: 'internal',
        error: 'a figure is too large',
        at: active,
        attempts: 5,
      },
    ],
    count: 1,
    total: 1,
  },
  ReplayDeadLettersRequest: { id: 3 },
  ReplayedDeadLetters: { replayed: 1, failed: 0, remaining: 0 },
  SessionTimeline: {
    session_id: sessionId,
    title: 'Add a greeting',
    state: 'idle',
    events: [
      {
        seq: 4,
        at: active,
        type: 'run.started',
        turn_id: '0197c9a4-6f1e-7c31-9d5e-2f6b7a1c0d02',
        run_id: '0197c9a4-6f1e-7c31-9d5e-2f6b7a1c0d03',
        facts: { input: 'message', agent: 'coder' },
      },
    ],
    cut: true,
    model_calls: [
      {
        turn_id: '0197c9a4-6f1e-7c31-9d5e-2f6b7a1c0d02',
        run_id: '0197c9a4-6f1e-7c31-9d5e-2f6b7a1c0d03',
        at: active,
        purpose: 'answer',
        agent: 'coder',
        provider: 'anthropic',
        model: 'claude-sonnet-4-5',
        alias: 'sonnet',
        instead_of: null,
        duration_ms: 3412,
        first_token_ms: 620,
        input_tokens: 6120,
        cached_tokens: 0,
        output_tokens: 380,
        reasoning_tokens: 0,
        context_tokens: 200_000,
        cost: 0.021,
        finish: 'tool-calls',
        attempts: 1,
        error: null,
      },
    ],
    calls: [{ call_id: 'call_1', agent: 'coder', subject: 'src/main.ts', edited: false, feedback: null }],
    said: [{ turn_id: '0197c9a4-6f1e-7c31-9d5e-2f6b7a1c0d02', text: 'Add a greeting' }],
  },
  CleanupRequest: { dry_run: true, older_than: '30d' },
  CleanupReport: {
    dry_run: true,
    rule: { idle_seconds: 2_592_000, empty_only: false },
    sessions: [{ session_id: sessionId, title: 'Add a greeting', last_activity: active, message_count: 4, bytes: 412 }],
    count: 1,
    bytes: 412,
    more: false,
    purged: 0,
  },
  PauseRequest: { paused: true },
  PauseState: { paused: true, running: false },
  BackupFile: { name: 'agent_runtime-20260118T210000-123Z.db', bytes: 184_320 },
  ErrorBody: failure('not_found', `Session ${sessionId} not found`),
  ValidationErrorBody: {
    detail: [{ type: 'missing', loc: ['body', 'session_id'], msg: 'Field required', input: {} }],
    error: 'body.session_id: Field required',
    code: 'invalid_input',
    request_id: requestId,
  },
  UnauthorizedBody: { detail: 'unauthorized' },
  RateLimitBody: {
    ...failure('rate_limited', 'Too many requests', 'Try again in 12 s.'),
    limit: 60,
    window: '1 minute',
    retry_after: 12,
  },
}

export const streamExample = [
  encodeFrame('message', {
    type: 'assistant_message',
    content: 'Done.',
    token: 'Done.',
    is_final: true,
    requires_approval: false,
  }),
  encodeFrame('done', { status: 'completed' }),
].join('')

function failure(code: ErrorCode, text: string, hint?: string): ErrorBody {
  return { detail: text, error: text, code, ...(hint ? { hint } : {}), request_id: requestId }
}

export const failureExamples: Readonly<Record<string, unknown>> = {
  400: failure('invalid_input', 'Limit must be between 1 and 1000'),
  403: failure('forbidden', 'There are too many rules here already', 'Revoke those that are not needed any more.'),
  404: failure('not_found', `Session ${sessionId} not found`),
  409: failure('session_busy', 'The session is busy', 'Switch when the answer is complete, or cancel it.'),
  413: failure('message_too_long', 'The body is larger than 1 MiB'),
  500: failure('internal', 'Internal server error'),
  502: failure('upstream_bad_response', 'The auth service gave an answer that cannot be used'),
  503: failure('shutting_down', 'The server is shutting down', 'Try again in a few seconds.'),
  504: failure('upstream_timeout', 'The auth service did not answer in time', 'Try again in a few seconds.'),
}

/** One for each form of `message`. */
export const streamRequests = {
  user_message: {
    summary: 'A person says something',
    value: { session_id: sessionId, message: { type: 'user_message', content: 'Add a greeting to src/hello.py' } },
  },
  tool_result: {
    summary: 'A tool has run',
    value: {
      session_id: sessionId,
      message: { type: 'tool_result', call_id: 'call_1', result: { success: true, bytes_written: 15 } },
    },
  },
  hitl_decision: {
    summary: 'A person decided',
    value: { session_id: sessionId, message: { type: 'hitl_decision', call_id: 'call_1', decision: 'approve' } },
  },
  switch_agent: {
    summary: 'Another agent, without a message',
    value: { session_id: sessionId, message: { type: 'switch_agent', agent_type: 'architect' } },
  },
  with_client: {
    summary: 'From a client that says what it can do',
    value: {
      session_id: sessionId,
      message: { type: 'user_message', content: 'What is in this project?' },
      client: { id: 'laptop', name: 'my-client', features: ['deltas', 'usage'], tools: ['read_file', 'list_files'] },
    },
  },
}
