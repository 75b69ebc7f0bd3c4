import type { PendingApprovals } from '@codelab/protocol'
import { useEffect, useState } from 'react'
import { api } from '../net/api.ts'

type Pending = PendingApprovals['pending_approvals'][number]

/** The client that runs a call shows what it would do a moment after it is asked about; no event tells of it. */
const lookAgainMs = [300, 700, 1500, 3000, 6000, 12_000]

/** What waits in the session, read anew when another call waits and until each has its preview. */
export function usePending(sessionId: string, waiting: readonly string[]): ReadonlyMap<string, Pending> {
  const [pending, setPending] = useState<ReadonlyMap<string, Pending>>(new Map())
  const key = waiting.join(' ')
  useEffect(() => {
    if (key === '') return
    let isOver = false
    let timer: ReturnType<typeof setTimeout> | undefined
    const look = async (attempt: number) => {
      const list = await api.pendingApprovals(sessionId).catch(() => undefined)
      if (isOver) return
      if (list) setPending(new Map(list.pending_approvals.map((approval) => [approval.call_id, approval])))
      const isWhole = list?.pending_approvals.every(({ preview }) => preview !== null) ?? false
      const wait = lookAgainMs[attempt]
      if (!isWhole && wait !== undefined) timer = setTimeout(() => void look(attempt + 1), wait)
    }
    void look(0)
    return () => {
      isOver = true
      clearTimeout(timer)
    }
  }, [sessionId, key])
  return pending
}
