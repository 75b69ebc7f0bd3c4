import type { Approval, ToolCall } from '../../domain/tool-call.ts'
import type { CallStep } from '../../domain/turn.ts'
import type { Ids } from '../ports/ids.ts'
import type { Changes } from '../run/changes.ts'

type NewCall = Pick<
  ToolCall,
  'sid' | 'callId' | 'turnId' | 'messageId' | 'index' | 'tool' | 'agent' | 'argumentsJson' | 'ruling' | 'createdAt'
> &
  Partial<Pick<ToolCall, 'approval' | 'lowered' | 'parentCallId'>>

export function newCallRow(ids: Ids, call: NewCall): ToolCall {
  const approval = call.approval ?? null
  return {
    ...call,
    editedJson: null,
    state: approval ? 'awaiting_approval' : 'open',
    approval,
    dispatchedAt: null,
    dispatchedBy: null,
    heldBy: null,
    answeredAt: null,
    failed: null,
    resultMessageId: null,
    syntheticReason: null,
    shownHash: approval && ids.digest(JSON.stringify([call.tool, call.argumentsJson])),
    lowered: call.lowered ?? false,
    parentCallId: call.parentCallId ?? null,
  }
}

export function pendingApproval(reason: string | null): Approval {
  return {
    status: 'pending',
    reason,
    decision: null,
    implicit: false,
    feedback: null,
    decidedBy: null,
    decidedAt: null,
  }
}

interface NewCallFacts {
  readonly handedOut: boolean
  /** The model wrote it as text. */
  readonly inText: boolean
}

/** Stores a call; where it is to be handed out and needs a person, that somebody is asked. */
export async function storeCall(changes: Changes, row: ToolCall, { handedOut, inText }: NewCallFacts): Promise<void> {
  await changes.tx.calls.create(row)
  const { callId, tool, approval, ruling } = row
  const decided = ruling && { effect: ruling.effect, rule: ruling.rule.text }
  changes.add({
    type: 'tool_call.created',
    facts: { callId, tool, requiresApproval: approval !== null, ...decided, ...(inText && { inText }) },
    call: row,
  })
  if (approval && handedOut)
    changes.add({ type: 'approval.requested', facts: { callId, tool, reason: approval.reason }, call: row })
}

/** Stores the next of the calls that carry out a lowered one. */
export async function storeStepCall(changes: Changes, ids: Ids, parent: ToolCall, step: CallStep): Promise<ToolCall> {
  const { sid, turnId, messageId, index, agent, callId: parentCallId } = parent
  const { tool, argumentsJson, ruling = null } = step
  const row = newCallRow(ids, {
    ...{ sid, turnId, messageId, index, agent, tool, argumentsJson, ruling, parentCallId },
    callId: `call_${ids.next()}`,
    createdAt: changes.at,
    approval: step.approval ? pendingApproval(step.approval.reason) : null,
  })
  await storeCall(changes, row, { handedOut: true, inText: false })
  return row
}
