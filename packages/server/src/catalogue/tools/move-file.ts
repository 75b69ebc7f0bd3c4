import { z } from 'zod'
import { toolRow } from './tool-row.ts'

export const moveFile = toolRow({
  name: 'move_file',
  description: 'Move or rename a file or a folder of the workspace. Nothing that exists is replaced.',
  class: 'write',
  executor: 'client',
  offered: true,
  forDeclared: true,
  paths: ['source_path', 'destination_path'],
  schema: z.looseObject({
    source_path: z.string().describe('Path of what is moved, relative to the workspace.'),
    destination_path: z.string().describe('Its new path, relative to the workspace.'),
  }),
})
