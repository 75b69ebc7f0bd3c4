import type { PendingApprovals, SessionToolCalls } from '@codelab/protocol'
import { argumentsOf, type ToolCall } from '../../application/index.ts'
import { timestamp } from './time.ts'

/** All keys of both generations; the shipped IDE needs the last three and `created_at` to be set (PROTOCOL 2.6). */
export function pendingApproval(call: ToolCall): PendingApprovals['pending_approvals'][number] {
  const args = argumentsOf(call)
  return {
    request_id: call.callId,
    request_type: 'tool',
    subject: call.tool,
    details: { arguments: args },
    reason: call.approval?.reason ?? null,
    created_at: timestamp(call.createdAt),
    call_id: call.callId,
    tool_name: call.tool,
    arguments: args,
  }
}

export function sessionToolCall(call: ToolCall): SessionToolCalls['tool_calls'][number] {
  return {
    call_id: call.callId,
    tool_name: call.tool,
    arguments: argumentsOf(call),
    state: call.state,
    // A call that a person let pass may be run without asking again.
    requires_approval: call.approval !== null && call.state !== 'open',
    created_at: timestamp(call.createdAt),
  }
}
