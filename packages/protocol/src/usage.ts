import { z } from 'zod'

const figures = {
  turns: z.number().int().nullable().describe('Turns that were begun; null by model: a turn may ask several.'),
  calls: z.number().int().describe('Calls of a model, those that failed and those of the router too.'),
  input_tokens: z.number().int().describe('Cached ones included.'),
  cached_tokens: z.number().int(),
  output_tokens: z.number().int().describe('Reasoning included.'),
  reasoning_tokens: z.number().int(),
  cost: z.number().nullable().describe('US dollars. Null when that of a single call is not known: never a guess.'),
}

export const UsageRow = z
  .object({
    day: z.string().optional().describe('`2026-01-18`, of UTC. Only by day.'),
    user: z.string().optional().describe('Only by user.'),
    provider: z.string().optional().describe('Only by model.'),
    model: z.string().optional().describe('Only by model.'),
    ...figures,
  })
  .meta({ id: 'UsageRow' })
export type UsageRow = z.infer<typeof UsageRow>

export const Usage = z
  .object({
    from: z.string().describe('First day.'),
    to: z.string().describe('Last day, included.'),
    by: z.array(z.enum(['day', 'user', 'model'])),
    user: z.string().nullable().describe('Whose it is; null: everybody’s.'),
    total: z.object(figures),
    rows: z.array(UsageRow).describe('In the order of `by`.'),
    more: z.boolean().describe('There are rows beyond the limit; `total` has all of them.'),
  })
  .meta({ id: 'Usage' })
export type Usage = z.infer<typeof Usage>
