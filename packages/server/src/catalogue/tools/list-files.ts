import { z } from 'zod'
import { toolRow } from './tool-row.ts'

export const listFiles = toolRow({
  name: 'list_files',
  description: 'List the files and folders of a folder of the workspace.',
  class: 'read',
  executor: 'client',
  offered: true,
  paths: ['path'],
  schema: z.looseObject({
    path: z.string().describe('Folder relative to the workspace; "." is the workspace itself.'),
    recursive: z.boolean().default(false).describe('Descend into folders.'),
    include_hidden: z.boolean().default(false).describe('Include names that start with a dot.'),
    pattern: z.string().optional().describe('Glob that names must match, for example "**/*.ts".'),
  }),
})
