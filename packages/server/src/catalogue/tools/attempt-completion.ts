import { z } from 'zod'
import { toolRow } from './tool-row.ts'

/** Models trained on other tools call it; it is understood, never offered (DESIGN 8). */
export const attemptCompletion = toolRow({
  name: 'attempt_completion',
  description: 'End the turn with this text as the answer.',
  class: 'finish',
  executor: 'runtime',
  offered: false,
  schema: z.looseObject({ result: z.string().describe('The answer.') }),
})
