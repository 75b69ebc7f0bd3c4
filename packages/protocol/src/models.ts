import { z } from 'zod'

export const breakerStates = ['closed', 'open', 'half_open'] as const

export const ModelPrice = z
  .object({
    input: z.number(),
    output: z.number(),
    cached: z.number().nullable().describe('Null: nobody said what cached input costs.'),
  })
  .describe('US dollars per million tokens.')

export const ModelItem = z
  .object({
    alias: z.string().describe('The name to choose it by.'),
    provider: z.string().describe('llm-proxy, openai-compatible, anthropic or demo.'),
    id: z.string().describe("The provider's own name of it."),
    default: z.boolean().describe('Answers unless an agent or a session names another.'),
    context: z.number().int().nullable().describe('Tokens of a request and its answer together; null: not known.'),
    max_output: z.number().int().nullable(),
    images: z.boolean().nullable(),
    cache: z.enum(['auto', 'marks', 'off']),
    streaming: z.enum(['auto', 'always', 'never']),
    price: ModelPrice.nullable().describe('Null: not known, and costs are null then.'),
    fallback: z.array(z.string()).describe('Aliases that are asked when this one is away, in order.'),
    upstream: z
      .object({
        state: z.enum(breakerStates).describe('open: its server did not answer and is left alone for a moment.'),
        retry_after_ms: z.number().int(),
      })
      .nullable()
      .describe('Null for the demo model.'),
  })
  .meta({ id: 'ModelItem' })
export type ModelItem = z.infer<typeof ModelItem>

export const ModelList = z
  .object({ models: z.array(ModelItem).describe('The default first.'), total: z.number().int() })
  .meta({ id: 'ModelList' })
export type ModelList = z.infer<typeof ModelList>

const usageFields = {
  calls: z.number().int().describe('Calls of a model, those that failed and those of the router too.'),
  input_tokens: z.number().int().describe('Cached ones included.'),
  cached_tokens: z.number().int(),
  output_tokens: z.number().int().describe('Reasoning included.'),
  reasoning_tokens: z.number().int(),
  cost: z.number().nullable().describe('US dollars. Null when that of a single call is not known: never a guess.'),
}

export const SessionUsage = z
  .object({
    session_id: z.string(),
    total: z.object(usageFields),
    models: z.array(
      z.object({ alias: z.string().nullable(), provider: z.string(), model: z.string(), ...usageFields }),
    ),
  })
  .meta({ id: 'SessionUsage' })
export type SessionUsage = z.infer<typeof SessionUsage>
