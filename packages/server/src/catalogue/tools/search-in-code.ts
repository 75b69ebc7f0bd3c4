import { z } from 'zod'
import { toolRow } from './tool-row.ts'

export const searchInCode = toolRow({
  name: 'search_in_code',
  description: 'Search the text of the files of the workspace; gives file, line and the line itself.',
  class: 'read',
  executor: 'client',
  offered: true,
  paths: ['path'],
  schema: z.looseObject({
    query: z.string().describe('Text to find, or a regular expression.'),
    path: z.string().default('.').describe('File or folder to search, relative to the workspace.'),
    file_pattern: z.string().optional().describe('Glob that file names must match, for example "*.ts".'),
    case_sensitive: z.boolean().default(false).describe('Tell upper from lower case.'),
    regex: z.boolean().default(false).describe('Take the query as a regular expression.'),
    max_results: z.int().default(100).describe('Most matches to return; at most 1000.'),
  }),
})
