import type { InboundMessage } from '@codelab/protocol'
import type { Call, Decision, FinishedCall } from './events.ts'

/** What says no to a call: a decision where one is waited for, else a result that tells why. */
export function rejection(call: Call, decision: Decision): InboundMessage {
  const feedback = decision.kind === 'reject' ? decision.feedback : ''
  // As an error the model reads it as it is, and does not take it for the word of a person; unless it quotes the one that the wire knows.
  const isImpossible = decision.kind === 'reject' && decision.isImpossible && !feedback.includes('User rejected')
  if (call.requiresApproval && !isImpossible) {
    return { ...decisionOn(call, 'reject'), ...(feedback ? { feedback } : {}) }
  }
  return { type: 'tool_result', call_id: call.callId, tool_name: call.tool, error: feedback || 'Not allowed here' }
}

/** `result` and `error` as the server reads them: a text in `error` wins. `artifact` is the whole of what was cut. */
export function resultMessage({ call, outcome }: FinishedCall): InboundMessage {
  const head = { type: 'tool_result', call_id: call.callId, tool_name: call.tool } as const
  if (outcome.ok) {
    const { text, result, artifact } = outcome
    return { ...head, result: text ?? result, ...(artifact === undefined ? {} : { artifact }) }
  }
  return { ...head, ...(outcome.result ? { result: outcome.result } : {}), error: outcome.error }
}

/** What a person decided about a call, as it was shown. */
export function decisionOn(call: Call, decision: 'approve' | 'edit' | 'reject') {
  const hash = call.callHash === undefined ? {} : { call_hash: call.callHash }
  return { type: 'hitl_decision', call_id: call.callId, decision, ...hash } as const
}
