import { RuntimeError } from '../../domain/errors.ts'
import { cleanText } from '../../domain/text.ts'
import type { CallPreview } from '../../domain/tool-call.ts'
import { closedCall } from '../inputs/closed-call.ts'
import type { Transaction, UnitOfWork } from '../ports/store.ts'
import { requireSession, type SessionRef } from '../sessions.ts'

/** Stores what a call would do, for the person who decides. The same one again is no fault, whatever was decided meanwhile. Throws
 *  `not_found`, `unknown_call`, `call_superseded`, `approval_not_pending`. */
export function createPreviewCall(deps: { readonly store: UnitOfWork }) {
  return async (
    command: SessionRef & { readonly callId: string; readonly preview: CallPreview },
  ): Promise<CallPreview> => {
    const { callId } = command
    const preview = { ...command.preview, diff: cleanText(command.preview.diff) }
    await deps.store.transact(async (tx) => {
      const { sid } = await requireSession(tx, command)
      if (await isStored(tx, sid, callId, preview)) return
      await requirePending(tx, sid, callId)
      await tx.previews.put(sid, callId, preview)
    })
    return preview
  }
}

async function isStored(tx: Transaction, sid: string, callId: string, preview: CallPreview): Promise<boolean> {
  const stored = await tx.previews.find(sid, callId)
  return (
    stored?.oldSha256 === preview.oldSha256 && stored.diff === preview.diff && stored.truncated === preview.truncated
  )
}

async function requirePending(tx: Transaction, sid: string, callId: string): Promise<void> {
  const call = await tx.calls.find(sid, callId)
  if (!call) throw new RuntimeError('unknown_call', `Unknown call_id: ${callId}`)
  if (call.syntheticReason) throw closedCall(call)
  if (call.state === 'awaiting_approval') return
  throw new RuntimeError('approval_not_pending', `Tool call ${callId} does not wait for a person`, {
    details: { hint: 'Send a preview only for a call whose approval is still open.' },
  })
}
