import type { Generated, Kysely, Selectable } from 'kysely'
import type { EventType } from '../../../domain/event.ts'
import type { RuleEffect } from '../../../domain/rules.ts'
import type { InputKind, RunOutcome, Session, SessionState, StoredMessage, TurnState } from '../../../domain/session.ts'
import type { Approval, SyntheticReason, ToolCall } from '../../../domain/tool-call.ts'

/** The tables as the last migration leaves them. Times are epoch milliseconds, truth values 0 or 1, JSON is text. */
export interface Schema {
  sessions: SessionTable
  messages: MessageTable
  tool_calls: ToolCallTable
  tool_previews: ToolPreviewTable
  tool_artifacts: ToolArtifactTable
  turns: TurnTable
  runs: RunTable
  model_calls: ModelCallTable
  agent_switches: AgentSwitchTable
  inputs: InputTable
  drafts: DraftTable
  grants: GrantTable
  session_contexts: SessionContextTable
  agent_files: AgentFileTable
  events: EventTable
  operator_switches: OperatorSwitchTable
  cursors: CursorTable
  dead_letters: DeadLetterTable
  metric_rollups: RollupTable
  replicas: ReplicaTable
  followers: FollowerTable
  usage_days: UsageDayTable
  api_keys: ApiKeyTable
  session_totals: SessionTotalTable
  rate_windows: RateWindowTable
}

/** Where statements go: the one connection of a unit of work. */
export type Queries = Kysely<Schema>

export interface SessionTable {
  sid: string
  owner_id: string
  external_id: string
  title: string | null
  description: string | null
  created_at: number
  last_activity: number
  is_active: number
  deleted_at: number | null
  current_agent: string
  agent_chosen: number
  model: string | null
  switch_count: number
  last_switch_at: number | null
  message_count: number
  last_seq: number
  state: SessionState
  turn_id: string | null
  created_key: string | null
  owner: string | null
  fence: Generated<number>
  stop: Session['stop']
}

export interface MessageTable {
  sid: string
  position: number
  id: string
  turn_id: string | null
  created_at: number
  agent: string | null
  status: StoredMessage['status']
  role: StoredMessage['role']
  parts: string
}

export interface ToolCallTable {
  /** Order of arrival. */
  position: Generated<number>
  sid: string
  call_id: string
  turn_id: string
  message_id: string
  call_index: number
  tool: string
  agent: string
  arguments_json: string
  edited_json: string | null
  state: ToolCall['state']
  approval_status: Approval['status'] | null
  approval_reason: string | null
  approval_decision: Approval['decision']
  approval_implicit: number
  approval_feedback: string | null
  approval_decided_by: string | null
  approval_decided_at: number | null
  created_at: number
  dispatched_at: number | null
  answered_at: number | null
  failed: number | null
  synthetic_reason: SyntheticReason | null
  result_message_id: string | null
  ruling: string | null
  shown_hash: string | null
  lowered: number
  parent_call_id: string | null
  dispatched_by: string | null
  held_by: string | null
}

export interface ToolPreviewTable {
  sid: string
  call_id: string
  old_sha256: string | null
  diff: string
  truncated: number
}

export interface ToolArtifactTable {
  sid: string
  call_id: string
  text: string
}

export interface TurnTable {
  position: Generated<number>
  turn_id: string
  sid: string
  state: TurnState
  started_at: number
  ended_at: number | null
  steps: number
  client: string | null
  tokens: Generated<number>
}

export interface RunTable {
  run_id: string
  sid: string
  turn_id: string
  agent: string
  input_kind: InputKind
  started_at: number
  ended_at: number | null
  outcome: RunOutcome | null
  error_code: string | null
  error_text: string | null
  handed_over: Generated<number>
}

export interface ModelCallTable {
  position: Generated<number>
  id: string
  sid: string
  turn_id: string
  run_id: string
  purpose: 'answer' | 'classify'
  agent: string
  provider: string
  model: string
  alias: string | null
  instead_of: string | null
  answered_by: string | null
  at: number
  input_tokens: number
  cached_tokens: number
  output_tokens: number
  reasoning_tokens: number
  cost: number | null
  first_token_ms: number | null
  duration_ms: number
  finish: string | null
  attempts: number
  tool_calls: number
  calls_in_text: Generated<number>
  error_code: string | null
  error_text: string | null
  prefix_hash: string | null
  estimated_tokens: number | null
  context_tokens: number | null
}

export interface UsageDayTable {
  owner_id: string
  /** Days since 1970. */
  day: number
  provider: string
  model: string
  /** One of those that are added up. */
  part: number
  turns: number
  calls: number
  /** Those whose cost is known. */
  priced_calls: number
  cost: number
  input_tokens: number
  cached_tokens: number
  output_tokens: number
  reasoning_tokens: number
}

export interface SessionTotalTable {
  owner_id: string
  /** One of those that are added up. */
  part: number
  /** Sessions that are not deleted. */
  live: number
}

export interface SessionContextTable {
  sid: string
  frozen: string | null
  told: string | null
  referenced_before: number
  dropped_before: number
}

export interface AgentSwitchTable {
  position: Generated<number>
  sid: string
  from_agent: string
  to_agent: string
  reason: string
  confidence: string | null
  at: number
}

export interface InputTable {
  position: Generated<number>
  id: string
  sid: string
  kind: InputKind
  state: 'waiting' | 'taken' | 'dropped'
  body_json: string
  created_at: number
  repeat_key: string | null
  body_hash: string | null
  run_id: string | null
  after_seq: number | null
  replica: string | null
}

export interface DraftTable {
  message_id: string
  /** Where in the text the piece begins. */
  at: number
  sid: string
  run_id: string
  agent: string
  text: string
}

export interface GrantTable {
  position: Generated<number>
  id: string
  owner_id: string
  sid: string | null
  project_id: string | null
  project_name: string | null
  made_in: string
  tool: string
  pattern: string
  effect: RuleEffect
  created_at: number
  created_by: string | null
}

export interface AgentFileTable {
  sid: string
  files: string
}

export interface EventTable {
  /** Order in the whole database: what handlers follow. Never given twice. */
  position: Generated<number>
  sid: string
  seq: number
  type: EventType
  at: number
  turn_id: string | null
  run_id: string | null
  facts: string
  audited: number
}

export interface CursorTable {
  handler: string
  position: number
  handled: number
  failed: number
}

export interface DeadLetterTable {
  id: Generated<number>
  handler: string
  position: number
  sid: string
  seq: number
  type: EventType
  code: string
  text: string
  at: number
  attempts: number
}

export interface RollupTable {
  owner_id: string
  name: string
  label_a: string
  label_b: string
  count: number
  sum: number
}

/** Processes that share the database. `listener` is where one hears of the others; it stays when the id changes. */
export interface ReplicaTable {
  id: string
  listener: string
  beat_at: number
}

/** Who has readers of a session. */
export interface FollowerTable {
  sid: string
  listener: string
}

export interface OperatorSwitchTable {
  name: 'paused'
  is_on: number
  at: number
}

export interface ApiKeyTable {
  id: string
  owner_id: string
  hash: string
  hint: string
  rate_max: number | null
  rate_window_ms: number | null
  created_at: number
  expires_at: number | null
  revoked_at: number | null
  last_used_at: number | null
}

/** Only PostgreSQL counts here. */
export interface RateWindowTable {
  key: string
  count: number
  ends_at: number
}

export type SessionRow = Selectable<SessionTable>
export type MessageRow = Selectable<MessageTable>
export type ToolCallRow = Selectable<ToolCallTable>
export type ToolPreviewRow = Selectable<ToolPreviewTable>
export type TurnRow = Selectable<TurnTable>
export type EventRow = Selectable<EventTable>
