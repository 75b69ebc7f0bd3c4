import { ApiError, type RuleSuggestion } from '@codelab/protocol'
import { api } from '../net/api.ts'
import { pageId, send } from '../session/send.ts'

export type Decision =
  | { readonly kind: 'approve' }
  | { readonly kind: 'edit'; readonly arguments: Readonly<Record<string, unknown>> }
  | { readonly kind: 'reject'; readonly feedback: string }

export type Outcome = 'decided' | 'elsewhere'

/** Tells the server. `elsewhere`: somebody was faster. Throws when nothing was decided. */
export async function decide(sessionId: string, callId: string, decision: Decision): Promise<Outcome> {
  const base = { type: 'hitl_decision', call_id: callId, decision: decision.kind } as const
  try {
    if (decision.kind === 'edit') await send(sessionId, { ...base, modified_arguments: decision.arguments })
    else if (decision.kind === 'reject') {
      await send(sessionId, decision.feedback === '' ? base : { ...base, feedback: decision.feedback })
    } else await send(sessionId, base)
    return 'decided'
  } catch (error) {
    if (error instanceof ApiError && isOver.has(error.code)) return 'elsewhere'
    throw error
  }
}

const isOver: ReadonlySet<string> = new Set(['approval_not_pending', 'call_answered', 'call_superseded'])

/** Makes the rule, then lets the call pass. */
export async function alwaysAllow(sessionId: string, callId: string, rule: RuleSuggestion): Promise<Outcome> {
  const { scope, tool, pattern, effect } = rule
  await api.createRule({ scope, session_id: sessionId, tool, pattern, effect, client_id: pageId })
  return decide(sessionId, callId, { kind: 'approve' })
}
