import { z } from 'zod'
import { toolRow } from './tool-row.ts'

export const executeCommand = toolRow({
  name: 'execute_command',
  description: 'Run a command in the workspace and get its output and exit code. Standard input is closed.',
  beside: {
    tool: 'command_output',
    description:
      'Run a command in the workspace and get its exit code and output. Standard input is closed. What should run on, as a server does, is started with background and looked at with command_output.',
    properties: {
      timeout: { type: 'integer', default: 60, description: 'Seconds until it is stopped; at most 600.' },
      background: { type: 'boolean', default: false, description: 'Start it and return at once, with an id.' },
    },
  },
  class: 'execute',
  executor: 'client',
  offered: true,
  paths: ['cwd'],
  schema: z.looseObject({
    command: z.string().describe('The command line.'),
    cwd: z.string().optional().describe('Folder to run it in, relative to the workspace.'),
    timeout: z.int().default(60).describe('Seconds until it is stopped; at most 300.'),
    shell: z.boolean().default(false).describe('Run it through a shell.'),
  }),
})
