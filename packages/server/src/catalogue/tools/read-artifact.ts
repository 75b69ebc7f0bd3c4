import { z } from 'zod'
import { toolRow } from './tool-row.ts'

/** The runtime answers it from what it stored. */
export const readArtifact = toolRow({
  name: 'read_artifact',
  description:
    'Read the full text of an earlier tool result of this conversation that was shown cut: 2,000 lines or 50 KB a call, with line numbers.',
  class: 'read',
  executor: 'runtime',
  offered: true,
  forDeclared: true,
  schema: z.looseObject({
    call_id: z.string().describe('The call whose result it is.'),
    start_line: z.int().min(1).default(1).describe('First line to read, counted from 1.'),
    end_line: z.int().min(1).optional().describe('Last line to read, included.'),
  }),
})
