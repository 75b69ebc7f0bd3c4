import type { PendingApprovals } from '@codelab/protocol'
import { createContext, useContext } from 'react'
import { ApprovalCard } from '../../approval/approval-card.tsx'
import type { CallItem } from '../../session/items.ts'

export interface WaitingContext {
  readonly pending: ReadonlyMap<string, PendingApprovals['pending_approvals'][number]>
  readonly isConnected: boolean
}

/** What is known of the calls that wait, for cards deep in the transcript. */
export const Waiting = createContext<WaitingContext>({ pending: new Map(), isConnected: true })

export function WaitingCall({ call, sessionId }: { call: CallItem; sessionId: string }) {
  const { pending, isConnected } = useContext(Waiting)
  const known = pending.get(call.id)
  return (
    <ApprovalCard
      isConnected={isConnected}
      asked={{
        sessionId,
        callId: call.id,
        tool: call.tool,
        arguments: call.arguments,
        reason: call.approval?.reason ?? known?.reason ?? null,
        requestedAt: call.approval?.requestedAt ?? call.at,
        ...(call.rule === undefined ? {} : { rule: call.rule }),
        ...(known === undefined ? {} : { requestType: known.request_type, preview: known.preview }),
      }}
    />
  )
}
