import type {
  SourceApproval,
  SourceCounts,
  SourceMessage,
  SourceSession,
  SourceSwitch,
} from '../../application/ports/session-source.ts'
import { flag, noRows, notOurs, type Row, RowsBySession, type TableReader, text } from './rows.ts'

/** Which of its tables and columns this database has: they changed between revisions. */
export interface Layout {
  readonly contexts: boolean
  readonly switches: boolean
  /** Undefined: no approvals are stored. `unified`: the later form, for more than tools. */
  readonly approvals: 'plain' | 'unified' | undefined
  readonly messageTime: string
}

export async function readLayout(reader: TableReader, shown: string): Promise<Layout> {
  const sessions = await reader.columns('sessions')
  const messages = await reader.columns('messages')
  if (sessions.has('sid')) throw notOurs(shown, 'it is one of this server')
  if (!sessions.has('id') || !messages.has('session_db_id'))
    throw notOurs(shown, 'its sessions and messages are not there')
  const contexts = (await reader.columns('agent_contexts')).has('session_db_id')
  const switches = contexts && (await reader.columns('agent_switches')).has('context_db_id')
  const approvals = await reader.columns('pending_approvals')
  const plain = approvals.has('call_id') ? 'plain' : undefined
  return {
    contexts,
    switches,
    approvals: approvals.has('request_id') ? 'unified' : plain,
    messageTime: messages.has('timestamp') ? 'timestamp' : 'created_at',
  }
}

export async function countRows(reader: TableReader, layout: Layout): Promise<SourceCounts> {
  const count = async (query: string): Promise<number> => {
    for await (const row of reader.rows(`select count(*) as n from ${query}`)) return Number(row['n'])
    return 0
  }
  const live = '(select id from sessions where deleted_at is null)'
  const ofLive = 'where c.session_db_id in'
  const pending = "pending_approvals where status = 'pending' and session_id"
  return {
    sessions: await count('sessions where deleted_at is null'),
    deletedSessions: await count('sessions where deleted_at is not null'),
    messages: await count(`messages where session_db_id in ${live}`),
    switches: layout.switches
      ? await count(`agent_switches s join agent_contexts c on c.id = s.context_db_id ${ofLive} ${live}`)
      : 0,
    pendingApprovals: layout.approvals ? await count(`${pending} in ${live}`) : 0,
    strayApprovals: layout.approvals ? await count(`${pending} not in ${live}`) : 0,
  }
}

/** Every table is read once, in order of sessions: none of them has the index that asking session by session would need. */
export async function* readSessions(reader: TableReader, layout: Layout): AsyncIterableIterator<SourceSession> {
  const { arrival, byBytes } = reader
  const ordered = (there: boolean, query: string, column: string, then: string) =>
    new RowsBySession(there ? reader.rows(`${query} order by ${byBytes(column)}, ${then}`) : noRows(), 'session_key')
  const from = (table: string, column: string) => `select t.*, t.${column} as session_key from ${table} t`
  const messages = ordered(
    true,
    from('messages', 'session_db_id'),
    't.session_db_id',
    `t.${layout.messageTime}, t.${arrival}`,
  )
  const contexts = ordered(layout.contexts, from('agent_contexts', 'session_db_id'), 't.session_db_id', `t.${arrival}`)
  const switches = ordered(
    layout.switches,
    'select t.*, c.session_db_id as session_key from agent_switches t join agent_contexts c on c.id = t.context_db_id',
    'c.session_db_id',
    `t.switched_at, t.${arrival}`,
  )
  const approvals = ordered(
    layout.approvals !== undefined,
    `${from('pending_approvals', 'session_id')} where t.status = 'pending'`,
    't.session_id',
    `t.created_at, t.${arrival}`,
  )
  const toApproval = layout.approvals === 'unified' ? toUnifiedApproval : toPlainApproval
  for await (const row of reader.rows(`select * from sessions where deleted_at is null order by ${byBytes('id')}`)) {
    const id = String(row['id'])
    const [context] = await contexts.take(id)
    yield {
      id,
      title: text(row['title']),
      createdAt: text(row['created_at']),
      lastActivity: text(row['last_activity']),
      isActive: flag(row['is_active']),
      currentAgent: text(context?.['current_agent']),
      messages: (await messages.take(id)).map((message) => toMessage(message, layout.messageTime)),
      switches: (await switches.take(id)).map(toSwitch),
      approvals: (await approvals.take(id)).map(toApproval),
    }
  }
}

function toMessage(row: Row, time: string): SourceMessage {
  return {
    role: text(row['role']) ?? '',
    content: text(row['content']),
    time: text(row[time]),
    name: text(row['name']),
    toolCallId: text(row['tool_call_id']),
    toolCalls: row['tool_calls'] ?? null,
  }
}

function toSwitch(row: Row): SourceSwitch {
  return {
    from: text(row['from_agent']),
    to: text(row['to_agent']),
    reason: text(row['reason']),
    time: text(row['switched_at']),
    metadata: row['metadata_json'] ?? null,
  }
}

function toPlainApproval(row: Row): SourceApproval {
  return {
    callId: text(row['call_id']) ?? '',
    kind: 'tool',
    tool: text(row['tool_name']) ?? '',
    arguments: row['arguments'] ?? null,
    reason: text(row['reason']),
    time: text(row['created_at']),
  }
}

/** PROTOCOL 10.4; the arguments are in the details. */
function toUnifiedApproval(row: Row): SourceApproval {
  return {
    callId: text(row['request_id']) ?? '',
    kind: text(row['request_type']) ?? 'tool',
    tool: text(row['subject']) ?? '',
    arguments: argumentsIn(row['details']),
    reason: text(row['reason']),
    time: text(row['created_at']),
  }
}

function argumentsIn(details: unknown): unknown {
  try {
    const value: unknown = typeof details === 'string' ? JSON.parse(details) : details
    return typeof value === 'object' && value !== null && 'arguments' in value ? value.arguments : null
  } catch {
    return null
  }
}
