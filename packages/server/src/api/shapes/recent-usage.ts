import type { RecentUsage as RecentUsageBody } from '@codelab/protocol'
import type { CallFigures, RecentUsage } from '../../application/index.ts'
import { timestamp } from './time.ts'

export function recentUsageBody(usage: RecentUsage, user: string | null): RecentUsageBody {
  const { total, buckets, agents, models, people } = usage
  return {
    from: timestamp(usage.from),
    to: timestamp(usage.to),
    bucket_seconds: usage.bucketMs / 1000,
    complete: usage.complete,
    user,
    total: {
      ...figures(total),
      failed_turns: total.failedTurns,
      decisions: {
        decided: total.decisions.decided,
        rejected: total.decisions.rejected,
        wait_ms: total.decisions.waitMs,
      },
    },
    buckets: buckets.map(({ at, failures, models: of, ...bucket }) => ({
      at: timestamp(at),
      ...figures(bucket),
      models: of.map((row) => ({ ...row, cost: dollars(row.cost) })),
      failures: [...failures],
    })),
    agents: agents.map((row) => ({
      agent: row.agent,
      ...figures(row),
      turn_ms: row.turnMs,
      asked: row.asked,
      rejected: row.rejected,
    })),
    models: models.map((row) => ({ model: row.model, ...figures(row) })),
    people: people.map((row) => ({ user: row.user, ...figures(row) })),
  }
}

function figures(row: CallFigures) {
  return {
    turns: row.turns,
    calls: row.calls,
    failed_calls: row.failedCalls,
    input_tokens: row.inputTokens,
    cached_tokens: row.cachedTokens,
    output_tokens: row.outputTokens,
    cost: dollars(row.cost),
    priced_calls: row.pricedCalls,
    first_token_ms: row.firstTokenMs,
  }
}

/** Sums of fractions end in noise. */
function dollars(cost: number): number {
  return Number(cost.toFixed(9))
}
