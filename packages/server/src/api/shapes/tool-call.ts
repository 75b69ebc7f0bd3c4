import type { PendingApprovals, CallPreview as PreviewShape, SessionToolCalls } from '@codelab/protocol'
import {
  argumentsOf,
  type CallPreview,
  planOf,
  type ShownCall,
  type ToolCall,
  titleOfPlan,
} from '../../application/index.ts'
import { timestamp } from './time.ts'

type CallEntry = SessionToolCalls['tool_calls'][number]

/** All keys of both generations; the shipped IDE needs `call_id`, `tool_name`, `arguments` and `created_at` to be set (PROTOCOL 2.6). */
export function pendingApproval({ call, preview }: ShownCall): PendingApprovals['pending_approvals'][number] {
  const args = argumentsOf(call)
  const plan = planOf(call.tool, args)
  const subject = plan === undefined ? call.tool : titleOfPlan(plan)
  return {
    request_id: call.callId,
    request_type: plan === undefined ? 'tool' : 'plan',
    subject,
    details: { arguments: args },
    reason: call.approval?.reason ?? null,
    created_at: timestamp(call.createdAt),
    call_id: call.callId,
    tool_name: call.tool,
    arguments: args,
    preview: callPreview(preview),
  }
}

export function sessionToolCall({ call, preview }: ShownCall): CallEntry {
  return { ...callOfEvent(call), preview: callPreview(preview) }
}

/** A call as an event carries it. */
export function callOfEvent(call: ToolCall): Omit<CallEntry, 'preview'> {
  return {
    call_id: call.callId,
    tool_name: call.tool,
    arguments: argumentsOf(call),
    state: call.state,
    // A call that a person let pass may be run without asking again.
    requires_approval: call.approval !== null && call.state !== 'open',
    created_at: timestamp(call.createdAt),
    ...(call.parentCallId === null ? {} : { parent_call_id: call.parentCallId }),
  }
}

export function callPreview<P extends CallPreview | null>(preview: P): P extends null ? null : PreviewShape
export function callPreview(preview: CallPreview | null): PreviewShape | null {
  return preview && { old_sha256: preview.oldSha256, diff: preview.diff, truncated: preview.truncated }
}
