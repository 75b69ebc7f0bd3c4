import { type Difference, gone } from './difference.ts'
import {
  append,
  called,
  created,
  cut,
  done,
  failed,
  failureBody,
  history,
  insert,
  invalid,
  type JsonObject,
  json,
  message,
  notFound,
  notStarted,
  of,
  type Row,
  refused,
  row,
  said,
  superseded,
  switched,
  toolMessage,
} from './difference-shapes.ts'
import type { Json } from './recording.ts'

const d8 = 'PROTOCOL D8'
const d10 = 'PROTOCOL D10, DESIGN §8 (a user message while a call is open)'
const d9 = 'PROTOCOL D9, 4.3: a refused call leaves no pending approval and no unanswered call'
const nothingStored = 'PROTOCOL D8, D16: what is refused stores nothing, so there is no session'
const list = 'PROTOCOL 2.7: the object, on all routes but /api/v1/agents'
const onlySwitch = 'PROTOCOL 3.5 G, DESIGN §8: switch_agent with empty content only switches'
const routed = switched('orchestrator', 'coder', 'scripted: coder', 'high')
const upstream500 = 'LLM request failed: upstream returned 500'
const stableText = 'PROTOCOL 7.3, D20, D24: stable texts without internals'

const agentError: Json = {
  timestamp: '<TS>',
  event_type: 'agent_error',
  event_id: '<UUID_9>',
  session_id: 'ev-b',
  correlation_id: '<UUID_6>',
  agent: '<TEXT>',
  error_message: upstream500,
  error_type: 'upstream_unavailable',
}

const asList = (recorded: Json): Json => ({ agents: recorded, total: (recorded as Json[]).length })

const oneProcess = 'CLIENTS 7: one process takes the place of the Gateway too, and says what it is'
const onlyOwn = 'DESIGN §5: counted from the log, which has no events of the health of the server'
const notFoundText = 'CLIENTS 4: the status is what the IDE reads; the text says what was not found'
const bothFields = 'CLIENTS 3.2: the text in content and in error; ours names the fault without a validator behind it'
const namedBecause = 'CLIENTS 3.1: the tool of a result is looked up by its call'
const frame = (data: Json): Json => ({ event: 'frame', data })
const refusedFrame = (text: string): Json => ({ type: 'error', content: text, error: text, is_final: true })
const saidFrame = (text: string): Json => ({
  type: 'assistant_message',
  content: text,
  token: text,
  is_final: true,
  requires_approval: false,
})
const namedResult = (recorded: Json): Json => ({ ...(recorded as JsonObject), name: 'read_file' })

/** Every deliberate difference to the recorded service. A difference that stands here and does not come true fails, as does one that does not stand here. */
export const differences: readonly Difference[] = [
  ...of('agents-current', created(1)),
  ...of('agents-list', row(0, 'body', asList, list)),
  ...of(
    'client-disconnect',
    history(
      2,
      4,
      append({ role: 'assistant', content: 'Slow answer.' }),
      'PROTOCOL D19: the answer already paid for is kept',
    ),
    row(3, 'events', [said('messages=6 roles=suauau'), done], 'PROTOCOL D19'),
    row(3, 'upstream.0.messages', insert(4, { role: 'assistant', content: 'Slow answer.' }), 'PROTOCOL D19'),
  ),
  ...of(
    'events-after-flow',
    row(2, 'events.1', failed(upstream500, 'upstream_unavailable'), stableText),
    row(4, 'body.metrics.tool_executions.write_file.requires_approval', 1, 'PROTOCOL 8.2, D25: counted'),
    row(4, 'body.metrics.hitl_decisions.write_file.APPROVE', 1, 'PROTOCOL 8.2, D25: counted'),
    row(
      4,
      'body.metrics.agent_processing.orchestrator.success_count',
      1,
      'PROTOCOL 8.2, D25: a failed run is a failure',
    ),
    row(
      4,
      'body.metrics.agent_processing.orchestrator.failure_count',
      1,
      'PROTOCOL 8.2, D25: a failed run is a failure',
    ),
    row(4, 'body.metrics.errors', { orchestrator: { upstream_unavailable: 1 } }, 'PROTOCOL 8.2, D25: counted'),
    [5, 6].flatMap((step) => [
      row(step, 'body.audit_log.1.correlation_id', '<UUID_2>', 'PROTOCOL 8.1, D25: one correlation id for a stream'),
      row(step, 'body.audit_log.2.correlation_id', '<UUID_8>', 'PROTOCOL 8.1, D25: one correlation id for a stream'),
    ]),
    row(5, 'body.audit_log', append(agentError), 'PROTOCOL 8.5: agent_error, for a failed run too (D25)'),
    row(5, 'body.count', 5, 'PROTOCOL 8.5: agent_error, for a failed run too (D25)'),
    row(8, 'body.audit_log', [agentError], 'PROTOCOL 8.5: agent_error, for a failed run too (D25)'),
    row(
      9,
      'body',
      {
        total_published: '<INT>',
        successful_handlers: '<INT>',
        failed_handlers: 0,
        last_event_time: '<TS>',
        success_rate: 1,
      },
      'PROTOCOL 8.6: handlers are counted by the events they handled, and none failed',
    ),
    row(12, 'body.requests.0.error', upstream500, stableText),
  ),
  ...of(
    'events-bad-limit',
    [3, 4].flatMap((step) => [
      row(step, 'status', 422, 'PROTOCOL 8.5: 1..1000, else 422 or 400'),
      row(step, 'body', invalid('query', 'limit'), 'PROTOCOL 8.5: 1..1000, else 422 or 400'),
    ]),
  ),
  ...of('events-empty', {
    ...row(
      2,
      'body',
      {
        total_published: '<INT>',
        successful_handlers: '<INT>',
        failed_handlers: 0,
        last_event_time: '<ANY>',
        success_rate: 0,
      },
      'DESIGN §5: events belong to sessions; the start of the process is none',
    ),
  }),
  ...of(
    'health-ok',
    row(4, 'status', 200, 'PROTOCOL 1.3, DESIGN §8: HEAD is served where GET is'),
    row(4, 'headers.allow', gone, 'PROTOCOL 1.3, DESIGN §8: HEAD is served where GET is'),
  ),
  ...of(
    'hitl-approve-then-result',
    row(
      2,
      'events',
      [said('Done after 1 tool result(s). Last: {"success":true}'), done],
      'PROTOCOL 6.3, D12: the result replaces the acknowledgement',
    ),
    row(
      2,
      'upstream.0.messages',
      (recorded) => {
        const was = recorded as JsonObject[]
        return [...was.slice(0, 3), was[5] ?? null, was[4] ?? null]
      },
      'PROTOCOL 6.3, D12: the result replaces the acknowledgement',
    ),
    history(
      3,
      5,
      (recorded) => {
        const was = recorded as JsonObject[]
        const last = { role: 'assistant', content: 'Done after 1 tool result(s). Last: {"success":true}' }
        return [...was.slice(0, 2), was[4] ?? null, was[3] ?? null, last]
      },
      'PROTOCOL 6.3, D12: the result replaces the acknowledgement',
    ),
  ),
  ...of('hitl-multiple-pending', multiplePending()),
  ...of(
    'hitl-other-session',
    notStarted(
      3,
      'Unknown call_id: call_write_file_1_59cce7',
      'unknown_call',
      'PROTOCOL D8, D13: a call of another session',
    ),
  ),
  ...of(
    'hitl-result-user-rejected',
    row(
      1,
      'events.0.data',
      {
        type: 'assistant_message',
        text: 'Tool write_file was rejected by user.',
        content: 'Tool write_file was rejected by user.',
        token: 'Tool write_file was rejected by user.',
        is_final: true,
        requires_approval: false,
      },
      'PROTOCOL 3.4 (special chunk, superset): the text in `content` and `token` too',
    ),
    row(2, 'body.messages.2.content', 'Error: User rejected the operation', 'PROTOCOL D11, 3.5 C'),
    row(5, 'upstream.0.messages.3.content', 'Error: User rejected the operation', 'PROTOCOL D11, 3.5 C'),
  ),
  ...of(
    'hitl-unknown-call',
    row(3, 'events.0.data.error', 'hitl_decision must contain call_id', 'PROTOCOL 3.1: a missing call_id is said so'),
    notFound(4, 'Session hu-unknown not found', nothingStored),
  ),
  ...of('parallel-same-session', parallel()),
  ...of('restart-pending', restart()),
  ...of(
    'routing-errors',
    row(2, 'headers.allow', 'GET, HEAD, POST', 'PROTOCOL 2: the path has GET and POST'),
    row(4, 'body', failureBody('Session abc not found', 'not_found'), 'PROTOCOL 2.4: the endpoint exists'),
    row(5, 'body', failureBody('Session abc not found', 'not_found'), 'PROTOCOL 2.9: the endpoint exists'),
  ),
  ...of('s5-agents', stageFiveAgents()),
  ...of('s5-as-shipped-note', asShipped()),
  ...of(
    's5-sessions-create',
    row(4, 'status', 201, 'PROTOCOL 2.2: no body at all must work'),
    row(
      4,
      'body',
      {
        id: '<UUID_4>',
        session_id: '<UUID_4>',
        message_count: 0,
        created_at: '<TS>',
        is_active: true,
        current_agent: 'orchestrator',
      },
      'PROTOCOL 2.2: no body at all must work',
    ),
  ),
  ...of('s5-sessions-list', stageFiveList()),
  ...of('s5-stream', stageFiveStream()),
  ...of('sessions-create', createBodies()),
  ...of(
    'sessions-list-after-chat',
    row(1, 'body.sessions.0.message_count', 2, 'PROTOCOL D3: stored before it is shown'),
    row(1, 'body.sessions.0.title', 'please explain generators @ask #plain', 'PROTOCOL D3, 9.2'),
  ),
  ...of('sessions-list', created(1), created(3), row(5, 'body.sessions', cut(0, 1), 'PROTOCOL 2.3: limit and offset'), [
    row(6, 'status', 400, 'PROTOCOL 2.3: limit 1..1000'),
    row(6, 'body', failureBody('Limit must be between 1 and 1000', 'invalid_input'), 'PROTOCOL 2.3: limit 1..1000'),
    row(7, 'status', 422, 'PROTOCOL 2.3: not an integer'),
    row(7, 'body', invalid('query', 'limit'), 'PROTOCOL 2.3: not an integer'),
  ]),
  ...of('single-agent-mode', singleAgent()),
  ...of('stream-empty-values', emptyValues()),
  ...of(
    'stream-unknown-type',
    notStarted(0, 'Unsupported message type: banana', 'invalid_input', 'PROTOCOL 3.1: an unknown type'),
    notFound(3, 'Session ut-1 not found', nothingStored),
  ),
  ...of(
    'switch-invalid',
    notFound(3, 'Session si-1 not found', nothingStored),
    notFound(4, 'Session si-1 not found', nothingStored),
  ),
  ...of('switch-mode-tool-bad', badSwitch()),
  ...of(
    'switch-no-content',
    [[0, 'coder'] as const, [1, 'ask'] as const].flatMap(([step, agent]) => [
      row(
        step,
        'events',
        [message({ ...switched('orchestrator', agent, 'User requested'), is_final: true }), done],
        onlySwitch,
      ),
      row(step, 'upstream', [], onlySwitch),
    ]),
    history(2, 0, [], onlySwitch),
  ),
  ...of(
    'switch-to-orchestrator',
    row(
      3,
      'events',
      [message({ ...switched('debug', 'orchestrator', 'User requested'), is_final: true }), done],
      onlySwitch,
    ),
    row(3, 'upstream', [], onlySwitch),
    row(4, 'body.current_agent', 'orchestrator', onlySwitch),
    row(4, 'body.agent_history', cut(4, 1), onlySwitch),
    row(4, 'body.switch_count', 4, onlySwitch),
  ),
  ...of('tool-architect-files', architectFiles()),
  ...of(
    'tool-dialog-tools',
    row(
      0,
      'events',
      [message(routed), said('All done'), done],
      'PROTOCOL 5.1, DESIGN §8: attempt_completion ends the turn with its text',
    ),
  ),
  ...of('tool-interrupted', interrupted()),
  ...of('tool-malformed-args', malformed()),
  ...of(
    'tool-odd-calls',
    row(1, 'events.1.data.call_id', 'call_<UUID_1>', 'PROTOCOL 5.2 (4): a missing id becomes call_<uuid>'),
    row(2, 'events.1.data.call_id', 'call_<UUID_2>', 'PROTOCOL 5.2 (4): a missing id becomes call_<uuid>'),
  ),
  ...of('tool-read-error', readError()),
  ...of(
    'tool-result-invalid',
    notStarted(3, 'Unknown call_id: call_x', 'unknown_call', d8),
    history(4, 2, cut(2, 2), d8),
  ),
  ...of('tool-result-shape-1', noResult()),
  ...of(
    'tool-result-unknown',
    notStarted(1, 'Unknown call_id: call_nope', 'unknown_call', d8),
    notStarted(2, 'Unknown call_id: call_nope', 'unknown_call', d8),
    notFound(3, 'Session tu-unknown not found', nothingStored),
    history(4, 2, cut(2, 2), d8),
  ),
  ...of('tool-two-at-once', twoAtOnce()),
  ...of('tool-unknown', unknownTools()),
  ...of(
    'upstream-429-exhausted',
    row(0, 'events.1', failed('LLM request failed: upstream returned 429', 'upstream_rate_limited'), stableText),
  ),
  ...of('upstream-500', row(0, 'events.1', failed(upstream500, 'upstream_unavailable'), stableText)),
  ...of(
    'upstream-bad-body',
    row(0, 'events.1', failed('LLM request failed: <TEXT>', 'upstream_bad_response'), stableText),
    row(1, 'events.1', failed('LLM request failed: <TEXT>', 'upstream_bad_response'), stableText),
    row(2, 'events.1', failed('LLM request failed: <TEXT>', 'upstream_unavailable'), stableText),
    row(
      2,
      'upstream',
      (recorded) => {
        const agent = (recorded as Json[])[1] ?? null
        return append(agent, agent)(recorded)
      },
      'PROTOCOL 7.3, D24: connection resets are retried, 3 attempts at most',
    ),
  ),
  ...of('upstream-down', row(0, 'events.1', failed('LLM request failed: <TEXT>', 'upstream_unavailable'), stableText)),
  ...of('user-routing-universal', universal()),
]

function multiplePending(): Row[] {
  const call = toolMessage('call_write_file_1_e249f3', 'write_file', superseded)
  const late = 'PROTOCOL D10: Tool call <id> was superseded'
  return [
    row(1, 'upstream.0.messages', insert(3, call), d10),
    row(2, 'body.pending_approvals', cut(0, 1), d10),
    row(2, 'body.count', 1, d10),
    row(3, 'upstream.0.messages', insert(3, call), d10),
    row(4, 'body.pending_approvals', [], d10),
    row(4, 'body.count', 0, d10),
    ...notStarted(5, 'Tool call call_write_file_1_e249f3 was superseded', 'call_superseded', late),
    ...history(7, 7, (recorded) => insert(2, call)(cut(6, 2)(recorded)), d10),
  ]
}

function parallel(): Row[] {
  const d2 = 'PROTOCOL D2, DESIGN §2.2: one turn at a time, first in, first out'
  const slow = { role: 'assistant', content: 'Slow answer.' }
  return [
    row('1.1', 'events', [said('messages=6 roles=suauau'), done], d2),
    row(1, 'upstream.1.messages', insert(4, slow), d2),
    row(
      2,
      'body.messages',
      (recorded) => [
        ...(recorded as Json[]).slice(0, 3),
        slow,
        { role: 'user', content: 'fast one #count' },
        { role: 'assistant', content: 'messages=6 roles=suauau' },
      ],
      d2,
    ),
  ]
}

function restart(): Row[] {
  const d5 = 'PROTOCOL D4, D5: nothing is lost or changed by a restart'
  const args = '{"path":"src/hello.py","content":"print(\'hello\')\\n"}'
  const call = {
    role: 'assistant',
    content: null,
    tool_calls: [
      { id: 'call_write_file_1_92e19b', type: 'function', function: { name: 'write_file', arguments: args } },
    ],
  }
  const acknowledged = `{"status":"approved","tool_name":"write_file","arguments":${args}}`
  const result = toolMessage('call_write_file_1_92e19b', 'write_file', acknowledged)
  const answer = `Done after 1 tool result(s). Last: ${acknowledged}`
  const user = { role: 'user', content: 'please restart @coder #write_file' }
  const agents = [{ from_agent: 'orchestrator', to_agent: 'coder', reason: 'scripted: coder', timestamp: '<TS>' }]
  const pending = {
    call_id: 'call_write_file_1_92e19b',
    tool_name: 'write_file',
    arguments: { path: 'src/hello.py', content: "print('hello')\n" },
    reason: 'File modification requires user approval',
    created_at: '<TS>',
  }
  return [
    row(5, 'body.messages', [user, call], d5),
    row(5, 'body.current_agent', 'coder', d5),
    row(5, 'body.agent_history', agents, d5),
    row(6, 'body.pending_approvals', [pending], d5),
    row(6, 'body.count', 1, d5),
    row(7, 'body.current_agent', 'coder', d5),
    row(7, 'body.agent_history', agents, d5),
    row(7, 'body.switch_count', 1, d5),
    row(8, 'events', [said(answer), done], d5),
    row(
      8,
      'upstream',
      [
        {
          kind: 'agent',
          auth_header: 'x-internal-auth',
          model: 'fake-llm',
          stream: false,
          messages: [{ role: 'system', content: '<SYSTEM_PROMPT:coder>' }, user, call, result],
          tools: [
            'read_file',
            'write_file',
            'list_files',
            'create_directory',
            'execute_command',
            'search_in_code',
            'edit_file',
          ],
        },
      ],
      d5,
    ),
    ...history(9, 4, [user, call, result, { role: 'assistant', content: answer }], d5),
    row(9, 'body.current_agent', 'coder', d5),
    row(9, 'body.agent_history', agents, d5),
  ]
}

function stageFiveAgents(): Row[] {
  const defaults = 'PROTOCOL 2.8: a session without a message has the default context'
  const real = 'PROTOCOL 2.9: the default context first, then a normal switch'
  const record = {
    from_agent: 'orchestrator',
    to_agent: 'coder',
    reason: 'User requested',
    switched_at: '<TS>',
    confidence: 'high',
  }
  return [
    row(1, 'body', failureBody('Session not found', 'not_found'), 'PROTOCOL 2.8: the text of the wired endpoint'),
    row(3, 'status', 200, defaults),
    row(
      3,
      'body',
      {
        context: {
          id: '<UUID_1>',
          session_id: 's5-ag',
          current_agent: 'orchestrator',
          switch_count: 0,
          switch_history: null,
          last_switch_at: null,
          created_at: '<TS>',
        },
        session_id: 's5-ag',
        current_agent: 'orchestrator',
        agent_history: [],
        switch_count: 0,
      },
      defaults,
    ),
    ...[4, 5, 6].flatMap((step) => [
      row(step, 'body.context.switch_count', 1, real),
      row(step, 'body.context.last_switch_at', '<TS>', real),
    ]),
    ...[4, 6].map((step) => row(step, 'body.context.switch_history', [record], real)),
    ...notFound(10, 'Session s5-unknown not found', 'PROTOCOL 2.9, D28'),
  ]
}

function asShipped(): Row[] {
  const because = 'as shipped, without handlers: no contract; PROTOCOL 2 is'
  const rows: [step: number, status: number, body: Json][] = [
    [1, 201, '<ANY>'],
    [2, 200, '<ANY>'],
    [3, 404, failureBody('Session x not found', 'not_found')],
    [4, 404, failureBody('<TEXT>', 'not_found')],
    [5, 404, failureBody('Session x not found', 'not_found')],
  ]
  return rows.flatMap(([step, status, body]) => [
    row(step, 'status', status, because),
    row(step, 'headers.content-type', json, because),
    row(step, 'text', gone, because),
    row(step, 'body', body, because),
  ])
}

function stageFiveList(): Row[] {
  const agent = 'PROTOCOL 2.2: a session and its context are created together'
  const total = 'PROTOCOL 2.3, D27: the real count of what matches'
  return [
    ...[2, 6].flatMap((step) =>
      [0, 1].map((i) => row(step, `body.sessions.${i}.current_agent`, 'orchestrator', agent)),
    ),
    ...[3, 9].map((step) => row(step, 'body.sessions.0.current_agent', 'orchestrator', agent)),
    ...[3, 9, 11].map((step) => row(step, 'body.total', 2, total)),
  ]
}

function stageFiveStream(): Row[] {
  const because = 'PROTOCOL 2: the stage-5 route delegates to the wired stream'
  const request = { auth_header: 'x-internal-auth', model: 'fake-llm', stream: false }
  return [
    row(1, 'status', 200, because),
    row(1, 'headers.content-type', 'text/event-stream; charset=utf-8', because),
    row(1, 'text', gone, because),
    row(1, 'events', [message(routed), said('Hello from the scripted model.'), done], because),
    row(
      1,
      'upstream',
      [
        {
          kind: 'classifier',
          ...request,
          temperature: 0.3,
          messages: [
            { role: 'system', content: '<CLASSIFIER_SYSTEM>' },
            { role: 'user', content: '<CLASSIFIER_PROMPT for: hi @coder>' },
          ],
        },
        {
          kind: 'agent',
          ...request,
          messages: [
            { role: 'system', content: '<SYSTEM_PROMPT:coder>' },
            { role: 'user', content: 'hi @coder' },
          ],
          tools: [
            'read_file',
            'write_file',
            'list_files',
            'create_directory',
            'execute_command',
            'search_in_code',
            'edit_file',
          ],
        },
      ],
      because,
    ),
  ]
}

function createBodies(): Row[] {
  const read = 'PROTOCOL 2.2: the body is read'
  return [
    created(0),
    created(4),
    row(4, 'body.session_id', 'mine', read),
    row(5, 'status', 422, read),
    row(5, 'body', invalid('body', '<INT>'), read),
    row(6, 'status', 200, read),
    row(
      6,
      'body',
      {
        session_id: 'mine',
        messages: [],
        message_count: 0,
        last_activity: '<TS>',
        current_agent: 'orchestrator',
        agent_history: [],
      },
      read,
    ),
  ]
}

function singleAgent(): Row[] {
  const call = toolMessage('call_write_file_1_1674ec', 'write_file', superseded)
  const unregistered = 'PROTOCOL 4.5: refused before anything changes'
  const text = "Agent 'coder' not found. Available agents: orchestrator, universal"
  return [
    row(1, 'body', asList, list),
    row(3, 'events', [said('messages=5 roles=suatu'), done], d10),
    row(3, 'upstream.0.messages', insert(3, call), d10),
    row(4, 'events', refused(text, 'agent_unknown'), unregistered),
    row(5, 'body.current_agent', 'universal', unregistered),
    row(5, 'body.agent_history', cut(1, 1), unregistered),
    row(5, 'body.switch_count', 1, unregistered),
  ]
}

function emptyValues(): Row[] {
  const id = 'PROTOCOL 1.4: an empty session id is refused'
  const blank = 'PROTOCOL 3.1, D16: blank content is refused, nothing stored'
  return [
    row(0, 'status', 422, id),
    row(0, 'headers.content-type', json, id),
    row(0, 'headers.cache-control', gone, id),
    row(0, 'headers.x-accel-buffering', gone, id),
    row(0, 'events', gone, id),
    row(0, 'body', invalid('body', 'session_id'), id),
    row(0, 'upstream', [], id),
    ...notStarted(1, 'content must not be empty', 'invalid_input', blank),
    ...notStarted(2, 'content must not be empty', 'invalid_input', blank),
  ]
}

function badSwitch(): Row[] {
  const d14 = 'PROTOCOL D14: a tool message with the allowed values, the model goes on'
  const id = 'call_switch_mode_1_039534'
  const args = '{"mode":"wizard","reason":"no such mode"}'
  const call = {
    role: 'assistant',
    content: null,
    tool_calls: [{ id, type: 'function', function: { name: 'switch_mode', arguments: args } }],
  }
  const result = toolMessage(id, 'switch_mode', '<TEXT>coder<TEXT>')
  const answer = 'Done after 1 tool result(s). Last: <TEXT>'
  return [
    row(
      0,
      'events',
      [message(switched('orchestrator', 'architect', 'scripted: architect', 'high')), said(answer), done],
      d14,
    ),
    row(0, 'upstream', askedAgain(call, result), d14),
    ...history(
      2,
      4,
      (recorded) => [...(recorded as Json[]).slice(0, 2), result, { role: 'assistant', content: answer }],
      d14,
    ),
    ...history(5, 3, append(refusedByCoder('call_switch_mode_1_4749ef', 'switch_mode')), d9),
  ]
}

/** The agent's request once more, after its call and what was wrong with it. */
function askedAgain(call: Json, result: Json): (recorded: Json) => Json {
  return (recorded) => {
    const [classifier, agent] = recorded as JsonObject[]
    const messages = [...((agent?.['messages'] as Json[] | undefined) ?? []), call, result]
    return [classifier ?? null, agent ?? null, { ...agent, messages }]
  }
}

function refusedByCoder(id: string, tool: string): Json {
  return toolMessage(id, tool, `Error: Tool '${tool}' is not allowed for Coder agent`)
}

function architectFiles(): Row[] {
  const text =
    "Error: Architect agent can only create/edit markdown (.md) files. File 'src/hello.py' is not allowed. For code changes, please switch to Coder agent."
  const result = toolMessage('call_write_file_1_04c068', 'write_file', text)
  return [
    ...history(2, 3, append(result), d9),
    row(3, 'body.pending_approvals', [], d9),
    row(3, 'body.count', 0, d9),
    row(5, 'events', [said('messages=5 roles=suatu'), done], d9),
    row(5, 'upstream.0.messages', insert(3, result), d9),
  ]
}

function interrupted(): Row[] {
  const call = toolMessage('call_read_file_1_874de6', 'read_file', superseded)
  const late = 'PROTOCOL D10: Tool call <id> was superseded'
  return [
    row(1, 'events', [said('messages=5 roles=suatu'), done], d10),
    row(1, 'upstream.0.messages', insert(3, call), d10),
    ...notStarted(2, 'Tool call call_read_file_1_874de6 was superseded', 'call_superseded', late),
    ...history(
      3,
      5,
      (recorded) => [
        ...(recorded as Json[]).slice(0, 2),
        call,
        (recorded as Json[])[2] ?? null,
        { role: 'assistant', content: 'messages=5 roles=suatu' },
      ],
      d10,
    ),
  ]
}

function malformed(): Row[] {
  const d17 = 'PROTOCOL 5.2 (3), D17: wrong arguments are not sent on; the model is told and asked again'
  const answer = 'Done after 1 tool result(s). Last: <TEXT>'
  const rows: [step: number, id: string, tool: string, args: string][] = [
    [0, 'call_read_file_1_2f36f9', 'read_file', '{}'],
    [1, 'call_list_files_1_bd7a32', 'list_files', '{}'],
    [2, 'call_read_file_1_<TEXT>', 'read_file', '{}'],
  ]
  return [
    ...rows.flatMap(([step, id, tool, args]) => {
      const call = {
        role: 'assistant',
        content: null,
        tool_calls: [{ id, type: 'function', function: { name: tool, arguments: args } }],
      }
      return [
        row(step, 'events', [message(routed), said(answer), done], d17),
        row(step, 'upstream', askedAgain(call, toolMessage(id, tool, '<TEXT>')), d17),
      ]
    }),
    ...history(
      3,
      4,
      (recorded) => [
        (recorded as Json[])[0] ?? null,
        {
          role: 'assistant',
          content: null,
          tool_calls: [
            {
              id: 'call_read_file_1_2f36f9',
              type: 'function',
              function: { name: 'read_file', arguments: '{}' },
            },
          ],
        },
        toolMessage('call_read_file_1_2f36f9', 'read_file', '<TEXT>'),
        { role: 'assistant', content: answer },
      ],
      d17,
    ),
  ]
}

function readError(): Row[] {
  const d7 = 'PROTOCOL D7, 3.5 C: the model is told the error'
  const text = 'Error: File not found: README.md'
  const answer = `Done after 1 tool result(s). Last: ${text}`
  return [
    row(1, 'events', [said(answer), done], d7),
    row(1, 'upstream.0.messages.3.content', text, d7),
    row(2, 'body.messages.2.content', text, d7),
    row(2, 'body.messages.3.content', answer, d7),
  ]
}

function noResult(): Row[] {
  const because = 'PROTOCOL 3.5 C: neither result nor error'
  const text = 'Tool executed successfully'
  const answer = `Done after 1 tool result(s). Last: ${text}`
  return [
    row(1, 'events', [said(answer), done], because),
    row(1, 'upstream.0.messages.3.content', text, because),
    row(2, 'body.messages.2.content', text, because),
    row(2, 'body.messages.3.content', answer, because),
  ]
}

function twoAtOnce(): Row[] {
  const because = 'PROTOCOL 5.2 (5), DESIGN §8: all calls are kept, one at a time, without asking the model in between'
  const second = {
    id: 'call_list_files_2_78b681',
    type: 'function',
    function: { name: 'list_files', arguments: '{"path":"."}' },
  }
  return [
    row(1, 'body.messages.1.tool_calls', append(second), because),
    row(2, 'events', [called('call_list_files_2_78b681', 'list_files', { path: '.' }), done], because),
    row(2, 'upstream', [], because),
    row(3, 'body.messages.1.tool_calls', append(second), because),
    ...history(3, 3, cut(3, 1), because),
  ]
}

function unknownTools(): Row[] {
  const write =
    'Error: Ask agent cannot modify files. Ask agent can only read and explain. For code changes, please switch to Coder agent.'
  return [
    ...history(4, 3, append(toolMessage('call_write_file_1_5a7d99', 'write_file', write)), d9),
    row(5, 'body.pending_approvals', [], d9),
    row(5, 'body.count', 0, d9),
    ...history(7, 3, append(refusedByCoder('call_launch_rocket_1_104bff', 'launch_rocket')), d9),
  ]
}

function universal(): Row[] {
  const because = 'PROTOCOL 4.4: universal is not registered in this mode; it is read as coder'
  const chunk = switched('orchestrator', 'coder', 'scripted: universal', 'high')
  const agents = [{ from_agent: 'orchestrator', to_agent: 'coder', reason: 'scripted: universal', timestamp: '<TS>' }]
  return [
    row(0, 'events', [message(chunk), said('Hello from the scripted model.'), done], because),
    row(
      0,
      'upstream',
      append({
        kind: 'agent',
        auth_header: 'x-internal-auth',
        model: 'fake-llm',
        stream: false,
        messages: [
          { role: 'system', content: '<SYSTEM_PROMPT:coder>' },
          { role: 'user', content: 'hi @universal' },
        ],
        tools: [
          'read_file',
          'write_file',
          'list_files',
          'create_directory',
          'execute_command',
          'search_in_code',
          'edit_file',
        ],
      }),
      because,
    ),
    ...history(2, 2, append({ role: 'assistant', content: 'Hello from the scripted model.' }), because),
    row(2, 'body.current_agent', 'coder', because),
    row(2, 'body.agent_history', agents, because),
    row(4, 'body.current_agent', 'coder', because),
    row(4, 'body.agent_history', agents, because),
    ...of(
      'gw-health',
      ...[0, 1].flatMap((step) => [
        row(step, 'body.service', 'agent-runtime', oneProcess),
        row(step, 'body.version', '0.3.0', oneProcess),
      ]),
    ),
    ...of('gw-rest-good', row(7, 'body.total_published', '<INT>', onlyOwn)),
    ...of(
      'gw-rest-unknown',
      row(
        0,
        'body',
        { error: 'Session gu not found', detail: 'Session gu not found', code: 'not_found' },
        notFoundText,
      ),
      row(2, 'body', { error: 'Session not found', detail: 'Session not found', code: 'not_found' }, notFoundText),
    ),
    ...of(
      'ws-invalid',
      row(1, 'events.0.data', refusedFrame('<TEXT>'), bothFields),
      row(2, 'events.0.data', refusedFrame('Unknown message type: banana'), bothFields),
      row(
        3,
        'events',
        [frame(routed), frame(saidFrame('Hello from the scripted model.'))],
        'CLIENTS 3.1: be lenient, role is user',
      ),
      row(3, 'upstream', '<ANY>', 'CLIENTS 3.1: be lenient, role is user'),
      row(
        4,
        'events.0.data',
        refusedFrame("Invalid JSON message: decision should be 'approve', 'edit' or 'reject'"),
        bothFields,
      ),
      row(5, 'events.0.data', refusedFrame('Invalid JSON message: tool_result needs call_id, a string'), bothFields),
      row(
        6,
        'events',
        [],
        'CLIENTS 3.1: content is "" without one; the agent has the session already, so nothing is said',
      ),
      row(7, 'events.0.data', refusedFrame('Invalid JSON message: a frame is a JSON object'), bothFields),
      row(8, 'events.0.data', refusedFrame('Unknown message type: None'), bothFields),
    ),
    ...of('ws-root-path', row(0, 'body', 'accepted', 'CLIENTS 3: the alias that the command-line client uses')),
    ...of('ws-runtime-errors', row(3, 'events.1.data.error', upstream500, stableText)),
    ...of(
      'ws-tool',
      row(2, 'upstream.0.messages.3', namedResult, namedBecause),
      row(3, 'body.messages.2.name', 'read_file', namedBecause),
    ),
  ]
}
