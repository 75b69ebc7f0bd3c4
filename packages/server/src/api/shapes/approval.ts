import type { InboxApproval } from '@codelab/protocol'
import type { ShownApproval } from '../../application/index.ts'
import { decidingRule } from './rules.ts'
import { timestampOrNull } from './time.ts'
import { pendingApproval } from './tool-call.ts'

const mostWords = 500

export function inboxApproval({ call, session, preview, words }: ShownApproval): InboxApproval {
  const { approval, ruling } = call
  return {
    ...pendingApproval({ call, preview }),
    session_id: session.sessionId,
    session_title: session.title,
    agent: call.agent,
    words: words.slice(0, mostWords),
    call_hash: call.shownHash,
    rule: ruling && decidingRule(ruling),
    decision:
      !approval || approval.status === 'pending'
        ? null
        : {
            status: approval.status,
            kind: approval.decision,
            at: timestampOrNull(approval.decidedAt),
            by: approval.decidedBy,
            implicit: approval.implicit,
            feedback: approval.feedback,
          },
  }
}
