import { ApiError, type InboxApproval, readSse } from '@codelab/protocol'
import { pageFetch } from '../../net/api.ts'

export type Decision =
  | { readonly kind: 'approve' }
  | { readonly kind: 'edit'; readonly args: Readonly<Record<string, unknown>> }
  | { readonly kind: 'reject'; readonly feedback?: string }

/** Not that of the client that runs the tools: then the call goes back to it, and this page only decides. */
const client = { id: 'console-inbox', name: 'CodeLab console' }

/** Tells the server what a person decided. Resolves when it is stored; throws ApiError. */
export async function decide(approval: InboxApproval, decision: Decision): Promise<void> {
  const response = await pageFetch('/agent/message/stream', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      session_id: approval.session_id,
      client,
      message: {
        type: 'hitl_decision',
        call_id: approval.call_id,
        decision: decision.kind,
        ...(decision.kind === 'edit' && { modified_arguments: decision.args }),
        ...(decision.kind === 'reject' && decision.feedback && { feedback: decision.feedback }),
        ...(approval.call_hash !== null && { call_hash: approval.call_hash }),
      },
    }),
  })
  if (!response.ok) throw await ApiError.of(response)
  if (!response.body) return
  // The first frame tells how it went; what follows is the turn, which goes on without us.
  for await (const { event, data } of readSse(response.body)) {
    if (event !== 'error') return
    const { error, code, request_id: requestId } = JSON.parse(data)
    throw new ApiError(200, code, error, requestId)
  }
}
