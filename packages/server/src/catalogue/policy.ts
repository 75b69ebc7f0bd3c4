import type { Policy } from '../domain/policy.ts'

/** The contract's rules (PROTOCOL 6.1), and edit_file as write_file. */
export const contractPolicy: Policy = {
  enabled: true,
  rules: [
    { tool: 'write_file', requiresApproval: true, reason: 'File modification requires user approval' },
    { tool: 'edit_file', requiresApproval: true, reason: 'File modification requires user approval' },
    { tool: 'delete_file', requiresApproval: true, reason: 'File deletion requires user approval' },
    { tool: 'execute_command', requiresApproval: true, reason: 'Command execution requires user approval' },
    { tool: 'create_directory', requiresApproval: true, reason: 'Directory creation requires user approval' },
    { tool: 'move_file', requiresApproval: true, reason: 'File move requires user approval' },
    { tool: 'read_file', requiresApproval: false, reason: 'Read operations are safe' },
    { tool: 'list_files', requiresApproval: false, reason: 'List operations are safe' },
    { tool: 'search_files', requiresApproval: false, reason: 'Search operations are safe' },
  ],
  defaultRequiresApproval: false,
}
