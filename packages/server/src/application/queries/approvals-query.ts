import { textOf } from '../../domain/message.ts'
import type { AskedCall } from '../ports/overview.ts'
import type { UnitOfWork } from '../ports/store.ts'

export interface ShownApproval extends AskedCall {
  /** What the agent said beside the call. */
  readonly words: string
}

export interface ApprovalPage {
  readonly approvals: readonly ShownApproval[]
  /** All that wait. */
  readonly waiting: number
}

/** What waits for a person in all sessions of an owner, oldest first; or what was decided last, newest first. */
export function createApprovalsQuery({ store }: { readonly store: UnitOfWork }) {
  return (ownerId: string, which: 'waiting' | 'decided', limit: number): Promise<ApprovalPage> =>
    store.read(async ({ overview, messages }) => {
      const asked =
        which === 'waiting' ? await overview.pending(ownerId, limit) : await overview.decided(ownerId, limit)
      const approvals: ShownApproval[] = []
      for (const one of asked) {
        const [message] = await messages.listByIds(one.call.sid, [one.call.messageId])
        approvals.push({ ...one, words: message ? textOf(message.parts) : '' })
      }
      return { approvals, waiting: await overview.countPending(ownerId) }
    })
}
