import { z } from 'zod'
import { toolRow } from './tool-row.ts'

export const writeFile = toolRow({
  name: 'write_file',
  description: 'Write a whole file of the workspace: creates it, or replaces all of its content.',
  beside: {
    tool: 'edit_file',
    description:
      'Write a whole file of the workspace: creates it, or replaces all of its content. To change a file that exists, prefer edit_file.',
  },
  class: 'write',
  executor: 'client',
  offered: true,
  paths: ['path'],
  schema: z.looseObject({
    path: z.string().describe('Path relative to the workspace.'),
    content: z.string().describe('The complete new content.'),
    encoding: z.string().default('utf-8').describe('Text encoding.'),
    create_dirs: z.boolean().default(false).describe('Create missing folders of the path.'),
    backup: z.boolean().default(true).describe('Keep a copy of the old content.'),
  }),
})
