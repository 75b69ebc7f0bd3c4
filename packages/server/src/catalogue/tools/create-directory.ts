import { z } from 'zod'
import { toolRow } from './tool-row.ts'

export const createDirectory = toolRow({
  name: 'create_directory',
  description: 'Create a folder in the workspace.',
  class: 'write',
  executor: 'client',
  offered: true,
  paths: ['path'],
  schema: z.looseObject({
    path: z.string().describe('Path relative to the workspace.'),
    recursive: z.boolean().default(true).describe('Create missing parents too.'),
  }),
})
