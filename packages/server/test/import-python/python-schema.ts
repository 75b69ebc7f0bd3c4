/** The tables of the Python service (PROTOCOL 9.1), in words that SQLite and PostgreSQL both read. */
export const pythonSchema: readonly string[] = [
  `create table sessions (id varchar(36) primary key, title varchar(500), description text, created_at timestamp not null,
    last_activity timestamp not null, is_active boolean not null default true, deleted_at timestamp)`,
  `create table messages (id varchar(36) primary key, session_db_id varchar(36) not null references sessions(id) on delete cascade,
    role varchar(20) not null check (role in ('user', 'assistant', 'system', 'tool')), content text, timestamp timestamp not null,
    name varchar(255), tool_call_id varchar(255), tool_calls text, token_count integer, metadata_json text)`,
  `create table agent_contexts (id varchar(36) primary key, session_db_id varchar(36) not null unique references sessions(id),
    current_agent varchar(50) not null, created_at timestamp not null, updated_at timestamp not null, switch_count integer not null,
    metadata_json text)`,
  `create table agent_switches (id varchar(36) primary key, context_db_id varchar(36) not null references agent_contexts(id),
    from_agent varchar(50), to_agent varchar(50) not null, switched_at timestamp not null, reason text, metadata_json text)`,
  `create table pending_approvals (id varchar(36) primary key, call_id varchar(255) not null unique, session_id varchar(255) not null,
    tool_name varchar(255) not null, arguments json not null, reason text, created_at timestamp not null,
    status varchar(50) not null default 'pending')`,
]

type Value = string | number | null
export type Insert = (table: string, row: Readonly<Record<string, Value>>) => void

interface SessionRow {
  readonly id: string
  readonly title?: string
  readonly agent?: string
  readonly deleted?: boolean
}

interface MessageRow {
  readonly role: string
  readonly content?: string | null
  readonly name?: string
  readonly tool_call_id?: string
  readonly tool_calls?: string
}

/** Writes rows as the Python service would: ids of their own, times one second apart and without a zone. */
export class PythonRows {
  readonly #insert: Insert
  #seconds = 0
  #rows = 0

  constructor(insert: Insert) {
    this.#insert = insert
  }

  session({ id, title, agent = 'coder', deleted = false }: SessionRow, messages: readonly MessageRow[] = []): void {
    const at = this.#now()
    const deletedAt = deleted ? at : null
    // Booleans are numbers in SQLite; PostgreSQL takes them as texts.
    const isActive = deleted ? '0' : '1'
    const times = { created_at: at, last_activity: at, deleted_at: deletedAt }
    this.#insert('sessions', { id, title: title ?? null, is_active: isActive, ...times })
    const context = { id: `context-${id}`, session_db_id: id, current_agent: agent }
    this.#insert('agent_contexts', { ...context, created_at: at, updated_at: at, switch_count: 0 })
    for (const message of messages) this.message(id, message)
  }

  message(sessionId: string, message: MessageRow): void {
    const row = { id: this.#id(), session_db_id: sessionId, timestamp: this.#now() }
    this.#insert('messages', { ...row, content: null, ...message })
  }

  approval(sessionId: string, callId: string, tool: string, args: unknown, status = 'pending'): void {
    const facts = { arguments: JSON.stringify(args), reason: 'File modification requires user approval', status }
    const row = { id: this.#id(), call_id: callId, session_id: sessionId, tool_name: tool, created_at: this.#now() }
    this.#insert('pending_approvals', { ...row, ...facts })
  }

  agentSwitch(sessionId: string, from: string | null, to: string, reason: string, metadata?: unknown): void {
    const row = { id: this.#id(), context_db_id: `context-${sessionId}`, from_agent: from, to_agent: to, reason }
    const facts = metadata === undefined ? null : JSON.stringify(metadata)
    this.#insert('agent_switches', { ...row, switched_at: this.#now(), metadata_json: facts })
  }

  #id(): string {
    this.#rows += 1
    return `row-${this.#rows}`
  }

  #now(): string {
    this.#seconds += 1
    return new Date(Date.UTC(2026, 0, 18, 20) + this.#seconds * 1000)
      .toISOString()
      .replace('T', ' ')
      .replace('Z', '250')
  }
}

/** A call as the service stored it: the form of OpenAI. */
function storedCall(id: string, tool: string, args: unknown): string {
  const text = typeof args === 'string' ? args : JSON.stringify(args)
  return JSON.stringify([{ id, type: 'function', function: { name: tool, arguments: text } }])
}

/** Sessions with what the service is known to store, rightly and wrongly; the numbers of PROTOCOL 11 say what. */
export function fillWithDefects(rows: PythonRows): void {
  rows.session({ id: 'sound', title: 'write it' }, [
    { role: 'user', content: 'write it' },
    { role: 'assistant', content: '', tool_calls: storedCall('call_1', 'write_file', { path: 'a.py', content: 'x' }) },
    { role: 'tool', content: '{"success": true}', tool_call_id: 'call_1', name: 'write_file' },
    { role: 'assistant', content: 'Done' },
  ])
  rows.session({ id: 'd4-links-lost' }, [
    { role: 'user', content: 'read both' },
    { role: 'assistant', content: '' },
    { role: 'tool', content: 'text of a', name: 'read_file' },
    { role: 'assistant', content: '' },
    { role: 'tool', content: '{"status":"approved","tool_name":"write_file","arguments":{"path":"b"}}' },
    { role: 'assistant', content: 'Both read' },
  ])
  rows.session({ id: 'd6-switches' }, [{ role: 'user', content: 'who is there?' }])
  rows.agentSwitch('d6-switches', null, 'coder', 'because', { from: 'orchestrator', to: 'architect' })
  rows.agentSwitch('d6-switches', null, 'coder', 'User requested agent switch')
  rows.session({ id: 'd7-null' }, [
    { role: 'user', content: 'run it' },
    { role: 'assistant', content: '', tool_calls: storedCall('call_2', 'execute_command', { command: 'ls' }) },
    { role: 'tool', content: 'null', tool_call_id: 'call_2', name: 'execute_command' },
  ])
  rows.session({ id: 'd9-refused', agent: 'ask' }, [
    { role: 'user', content: 'delete it' },
    { role: 'assistant', content: '', tool_calls: storedCall('call_3', 'write_file', { path: 'a', content: 'x' }) },
  ])
  rows.approval('d9-refused', 'call_3', 'write_file', { path: 'a', content: 'x' })
  rows.session({ id: 'd10-unanswered' }, [
    { role: 'user', content: 'read it' },
    { role: 'assistant', content: '', tool_calls: storedCall('call_4', 'read_file', { path: 'a' }) },
    { role: 'user', content: 'never mind' },
    { role: 'assistant', content: 'Good' },
  ])
  rows.approval('d10-unanswered', 'call_4', 'write_file', { path: 'a', content: 'x' })
  rows.session({ id: 'd12-two-results' }, [
    { role: 'user', content: 'write' },
    { role: 'assistant', content: '', tool_calls: storedCall('call_5', 'write_file', { path: 'a', content: 'x' }) },
    { role: 'tool', content: '{"status":"approved","tool_name":"write_file","arguments":{}}', tool_call_id: 'call_5' },
    { role: 'tool', content: '{"success": true}', tool_call_id: 'call_5' },
  ])
  rows.session({ id: 'waits' }, [
    { role: 'user', content: 'write the file' },
    { role: 'assistant', content: '', tool_calls: storedCall('call_6', 'write_file', { path: 'b.py', content: 'y' }) },
  ])
  rows.approval('waits', 'call_6', 'write_file', { path: 'b.py', content: 'y' })
  rows.session({ id: 'waits-call-lost', agent: 'orchestrator' }, [
    { role: 'user', content: 'write another' },
    { role: 'assistant', content: '' },
  ])
  rows.approval('waits-call-lost', 'call_7', 'write_file', { path: 'c.py', content: 'z' })
  rows.session({ id: 'd23-fault' }, [
    { role: 'user', content: 'hello' },
    { role: 'assistant', content: '[Error] LiteLLM proxy returned 502' },
    { role: 'system', content: 'You are an agent' },
  ])
  rows.session({ id: 'empty' })
  rows.session({ id: 'gone', deleted: true }, [{ role: 'user', content: 'gone' }])
  rows.approval('gone', 'call_8', 'write_file', {})
}
