import { RuntimeError } from '../../domain/errors.ts'
import type { ToolCall } from '../../domain/tool-call.ts'

/** For what arrives too late: the call has a result that no client gave. */
export function closedCall(call: Pick<ToolCall, 'callId' | 'syntheticReason'>): RuntimeError {
  const why = call.syntheticReason === 'cancelled' ? 'cancelled' : 'superseded'
  return new RuntimeError('call_superseded', `Tool call ${call.callId} was ${why}`)
}
