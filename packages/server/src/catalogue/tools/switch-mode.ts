import { z } from 'zod'
import { toolRow } from './tool-row.ts'

export const switchMode = toolRow({
  name: 'switch_mode',
  description:
    'Hand the conversation to another agent that may do what you may not. Nothing else is carried out in the same answer.',
  class: 'handoff',
  executor: 'runtime',
  offered: true,
  schema: z.looseObject({
    mode: z.string().describe('The agent to hand over to.'),
    reason: z
      .string()
      .default('Task requires different agent capabilities')
      .describe('Why that agent is needed, in one sentence.'),
    plan: z
      .string()
      .optional()
      .describe(
        'The whole plan in Markdown that the other agent is to carry out: a person approves it first. Leave it out where there is none.',
      ),
  }),
})
