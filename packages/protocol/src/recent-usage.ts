import { z } from 'zod'
import { Timestamp } from './sessions.ts'

const milliseconds = z
  .object({ p50: z.number().nullable(), p95: z.number().nullable(), p99: z.number().nullable() })
  .describe('Milliseconds, by the nearest rank. Null: there was nothing to measure.')

const figures = {
  turns: z.number().int(),
  calls: z.number().int().describe('Calls of a model, the router’s too.'),
  failed_calls: z.number().int(),
  input_tokens: z.number().int().describe('Cached ones included.'),
  cached_tokens: z.number().int(),
  output_tokens: z.number().int(),
  cost: z.number().describe('US dollars of the calls whose cost is known.'),
  priced_calls: z.number().int().describe('Those whose cost is known.'),
  first_token_ms: milliseconds,
}

export const UsageBucket = z
  .object({
    at: Timestamp,
    ...figures,
    models: z.array(z.object({ model: z.string(), cost: z.number(), tokens: z.number().int() })),
    failures: z
      .array(z.object({ code: z.string(), count: z.number().int() }))
      .describe('Turns that failed, by the code of what they failed of.'),
  })
  .meta({ id: 'UsageBucket' })
export type UsageBucket = z.infer<typeof UsageBucket>

export const RecentUsage = z
  .object({
    from: Timestamp,
    to: Timestamp,
    bucket_seconds: z.number().int(),
    complete: z.boolean().describe('False: there was more than is read at once, and `from` is where it begins.'),
    user: z.string().nullable().describe('Whose it is; null: everybody’s.'),
    total: z.object({
      ...figures,
      failed_turns: z.number().int(),
      decisions: z.object({ decided: z.number().int(), rejected: z.number().int(), wait_ms: milliseconds }),
    }),
    buckets: z.array(UsageBucket).describe('Without a gap, oldest first.'),
    agents: z.array(
      z.object({
        agent: z.string(),
        ...figures,
        turn_ms: milliseconds,
        asked: z.number().int().describe('Decisions of a person on its calls.'),
        rejected: z.number().int(),
      }),
    ),
    models: z.array(z.object({ model: z.string(), ...figures })),
    people: z.array(z.object({ user: z.string(), ...figures })),
  })
  .meta({ id: 'RecentUsage' })
export type RecentUsage = z.infer<typeof RecentUsage>
