import type { Usage as UsageBody, UsageRow as UsageRowBody } from '@codelab/protocol'
import { dayText, type Usage, type UsageDimension, type UsageRow } from '../../application/index.ts'

export function usageBody(
  { from, to, total, rows, more }: Usage,
  by: readonly UsageDimension[],
  user: string | null,
): UsageBody {
  return {
    from: dayText(from),
    to: dayText(to),
    by: [...by],
    user,
    total: total ? figures(total) : nothing,
    rows: rows.map(usageRow),
    more,
  }
}

function usageRow(row: UsageRow): UsageRowBody {
  const { day, ownerId, provider, model } = row
  return {
    ...(day === null ? {} : { day: dayText(day) }),
    ...(ownerId === null ? {} : { user: ownerId }),
    ...(provider === null ? {} : { provider }),
    ...(model === null ? {} : { model }),
    ...figures(row),
  }
}

const nothing = {
  turns: 0,
  calls: 0,
  input_tokens: 0,
  cached_tokens: 0,
  output_tokens: 0,
  reasoning_tokens: 0,
  cost: 0,
} satisfies UsageBody['total']

function figures(row: UsageRow) {
  return {
    turns: row.turns,
    calls: row.calls,
    input_tokens: row.inputTokens,
    cached_tokens: row.cachedTokens,
    output_tokens: row.outputTokens,
    reasoning_tokens: row.reasoningTokens,
    // Sums of fractions end in noise.
    cost: row.cost === null ? null : Number(row.cost.toFixed(9)),
  }
}
