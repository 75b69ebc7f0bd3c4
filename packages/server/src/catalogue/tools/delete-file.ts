import { z } from 'zod'
import { toolRow } from './tool-row.ts'

export const deleteFile = toolRow({
  name: 'delete_file',
  description: 'Delete a file of the workspace, or a folder.',
  class: 'write',
  executor: 'client',
  offered: true,
  forDeclared: true,
  paths: ['path'],
  schema: z.looseObject({
    path: z.string().describe('Path relative to the workspace.'),
    recursive: z.boolean().default(false).describe('Delete a folder with all that is in it.'),
  }),
})
