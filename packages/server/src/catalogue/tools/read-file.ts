import { z } from 'zod'
import { toolRow } from './tool-row.ts'

export const readFile = toolRow({
  name: 'read_file',
  description: 'Read a text file of the workspace, whole or a range of lines.',
  class: 'read',
  executor: 'client',
  offered: true,
  paths: ['path'],
  schema: z.looseObject({
    path: z.string().describe('Path relative to the workspace.'),
    encoding: z.string().default('utf-8').describe('Text encoding.'),
    start_line: z.int().min(1).optional().describe('First line to read, counted from 1.'),
    end_line: z.int().min(1).optional().describe('Last line to read, included.'),
  }),
})
