import { z } from 'zod'

const share = z
  .number()
  .nullable()
  .describe('Of what the model can read, 0 to 1; null when nobody said how much that is.')

export const SessionContext = z
  .object({
    session_id: z.string(),
    agent: z.string(),
    model: z.string().describe('Alias of the model that is asked.'),
    context_tokens: z.number().int().nullable().describe('What the model can read; null when nobody said.'),
    estimated_tokens: z.number().int(),
    share,
    sections: z.array(
      z.object({
        name: z.enum(['prompt', 'limits', 'instructions', 'environment', 'tools', 'history']),
        tokens: z.number().int().describe('Estimated.'),
        share,
        text: z.string().nullable().describe('As it is sent, keys masked; names for `tools`, null for `history`.'),
      }),
    ),
    messages: z.object({
      sent: z.number().int(),
      referenced: z.number().int().describe('Results that are sent as one line.'),
      dropped: z.number().int().describe('Old messages that are not sent.'),
    }),
  })
  .meta({ id: 'SessionContext' })
export type SessionContext = z.infer<typeof SessionContext>
