import { decide, type Policy } from '../../domain/policy.ts'
import type { Tool, ToolClass } from '../../domain/tool.ts'
import type { UnitOfWork } from '../ports/store.ts'

export interface Overview {
  readonly replicas: readonly { readonly id: string; readonly beatAt: number }[]
  readonly lags: readonly { readonly handler: string; readonly events: number }[]
  /** Ever stored. */
  readonly events: number
  readonly deadLetters: number
  readonly tools: readonly {
    readonly name: string
    readonly class: ToolClass
    readonly asks: boolean
    readonly declaredOnly: boolean
  }[]
}

/** What runs on this store, and with which tools. */
export function createOverviewQuery({
  store,
  tools,
  policy,
}: {
  readonly store: UnitOfWork
  readonly tools: readonly Tool[]
  readonly policy: Policy
}) {
  const listed = tools.map(({ name, class: kind, forDeclared = false }) => {
    return { name, class: kind, asks: decide(policy, name, kind, []).requiresApproval, declaredOnly: forDeclared }
  })
  return (): Promise<Overview> =>
    store.read(async ({ overview, handlers, statistics }) => {
      const last = await handlers.lastPosition()
      return {
        replicas: await overview.replicas(),
        lags: (await handlers.progress()).map(({ handler, position }) => ({ handler, events: last - position })),
        events: (await statistics.events()).total,
        deadLetters: await handlers.countDeadLetters(),
        tools: listed,
      }
    })
}
