import { z } from 'zod'
import { toolRow } from './tool-row.ts'

/** Its class is that of a read: it ends nothing but what the agent itself has started. */
export const commandOutput = toolRow({
  name: 'command_output',
  description:
    'What a command in the background has printed since you last looked, and whether it still runs. Can wait for its end, or end it.',
  class: 'read',
  executor: 'client',
  offered: true,
  forDeclared: true,
  schema: z.looseObject({
    id: z.string().describe('The id that execute_command gave, for example "bg1".'),
    wait: z.int().min(1).optional().describe('Seconds to wait for its end, at most.'),
    stop: z.boolean().default(false).describe('End the command and what it started.'),
  }),
})
