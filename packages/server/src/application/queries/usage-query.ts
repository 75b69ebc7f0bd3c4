import { dayOf } from '../../domain/usage.ts'
import type { Clock } from '../ports/clock.ts'
import type { UnitOfWork } from '../ports/store.ts'
import type { UsageDimension, UsageRow } from '../ports/usage.ts'

const usualDays = 30

export interface UsageQuestion {
  /** Undefined: everybody's. */
  readonly ownerId: string | undefined
  readonly from: number | undefined
  readonly to: number | undefined
  readonly by: readonly UsageDimension[]
  readonly limit: number
}

export interface Usage {
  readonly from: number
  readonly to: number
  readonly total: UsageRow | undefined
  readonly rows: readonly UsageRow[]
  /** There are rows beyond the limit. */
  readonly more: boolean
}

/** What was used on these days, the last 30 when none are named. */
export function createUsageQuery({ store, clock }: { readonly store: UnitOfWork; readonly clock: Clock }) {
  return async ({ ownerId, by, limit, ...days }: UsageQuestion): Promise<Usage> => {
    const to = days.to ?? Math.max(dayOf(clock.now()), days.from ?? 0)
    const from = days.from ?? to - usualDays + 1
    return await store.read(async (tx) => {
      const [total] = await tx.usage.read({ ownerId, from, to, by: [], limit: 1 })
      const rows = await tx.usage.read({ ownerId, from, to, by, limit: limit + 1 })
      return { from, to, total, rows: rows.slice(0, limit), more: rows.length > limit }
    })
  }
}
