import { z } from 'zod'
import { toolRow } from './tool-row.ts'

export const editFile = toolRow({
  name: 'edit_file',
  description:
    'Change parts of a file of the workspace: each edit replaces old_text by new_text. All edits are made or none. Read the file first.',
  class: 'write',
  executor: 'client',
  offered: true,
  forDeclared: true,
  lowered: true,
  paths: ['path'],
  schema: z.looseObject({
    path: z.string().describe('Path relative to the workspace.'),
    edits: z
      .array(
        z.looseObject({
          old_text: z
            .string()
            .describe('Text of the file, as it is, without line numbers; long enough to stand there once.'),
          new_text: z.string().describe('What stands there afterwards; empty to delete.'),
          replace_all: z.boolean().default(false).describe('Replace every place with this text.'),
        }),
      )
      .min(1)
      .max(200)
      .describe('Every edit is matched against the file as it is now, not against what another edit made of it.'),
  }),
})
