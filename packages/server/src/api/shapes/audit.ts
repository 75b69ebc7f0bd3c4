import type { AuditEntryType, AuditLog } from '@codelab/protocol'
import { v5 as uuidFrom } from 'uuid'
import type { AuditRow, EventType } from '../../application/index.ts'
import { jsonObject } from './json-object.ts'
import { decidingRule } from './rules.ts'
import { timestamp } from './time.ts'

type Entry = AuditLog['audit_log'][number]

/** The names of PROTOCOL 8 are a mapping at the edge: each entry type is one type of our log. */
const eventTypes = {
  agent_switched: 'agent.switched',
  hitl_decision_made: 'approval.decided',
  agent_error: 'run.ended',
  tool_execution_failed: 'tool_result.created',
  tool_approval_required: 'approval.requested',
} as const satisfies Record<AuditEntryType, EventType>

/** The types to look for; none when the contract has no such entry. */
export function eventTypesOf(entryType: string): EventType[] {
  return Object.entries(eventTypes).flatMap(([name, type]) => (name === entryType ? [type] : []))
}

export function auditEntries(rows: readonly AuditRow[]): Entry[] {
  return rows.flatMap((row) => auditEntry(row) ?? [])
}

function auditEntry({ event, externalId, agent }: AuditRow): Entry | undefined {
  const shared = {
    timestamp: timestamp(event.at),
    // An event has no id of its own; its place in the log makes one that never changes.
    event_id: uuidFrom(String(event.seq), event.sid),
    session_id: externalId,
    correlation_id: event.runId ?? null,
  }
  switch (event.type) {
    case 'agent.switched': {
      const { from, to, reason, confidence } = event.facts
      return { ...shared, event_type: 'agent_switched', from_agent: from, to_agent: to, reason, confidence }
    }
    case 'approval.requested': {
      const { callId, tool, reason } = event.facts
      const args = jsonObject(event.call?.argumentsJson ?? '{}')
      const ruling = event.call?.ruling
      const rule = ruling ? { rule: decidingRule(ruling) } : {}
      const named = { tool_name: tool, call_id: callId, reason, ...rule, arguments: args }
      return { ...shared, event_type: 'tool_approval_required', ...named }
    }
    case 'approval.decided': {
      const { callId, tool, decision, implicit, by } = event.facts
      const { call } = event
      return {
        ...shared,
        event_type: 'hitl_decision_made',
        call_id: callId,
        decision,
        tool_name: tool,
        original_args: jsonObject(call?.argumentsJson ?? '{}'),
        modified_args: call?.editedJson ? jsonObject(call.editedJson) : null,
        feedback: call?.approval?.feedback ?? null,
        implicit,
        by,
        ...(call?.ruling && call.shownHash ? { call_hash: call.shownHash } : {}),
      }
    }
    case 'run.ended': {
      const { error } = event.facts
      if (!error) return undefined
      const text = error.code === 'internal' ? 'Internal server error' : error.text
      const failure = { error_message: text, error_type: error.code }
      return { ...shared, event_type: 'agent_error', agent: agent ?? 'unknown', ...failure }
    }
    case 'tool_result.created': {
      const { callId, tool, failed, error } = event.facts
      if (!failed) return undefined
      const failure = { error_message: error ?? '', error_type: 'tool_error' }
      return { ...shared, event_type: 'tool_execution_failed', tool_name: tool, call_id: callId, ...failure }
    }
    default:
      return undefined
  }
}
