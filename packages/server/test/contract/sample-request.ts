import type { ModelRequest, ToolDefinition } from '../../src/application/ports/language-model.ts'

function tool(name: string, description: string): ToolDefinition {
  const parameters = { type: 'object', properties: { path: { type: 'string' } }, required: ['path'] }
  return { name, description, parameters }
}

/** A request with three tools on offer. */
export const sampleRequest: ModelRequest = {
  purpose: 'answer',
  system: 'You are a test.',
  messages: [{ role: 'user', parts: [{ type: 'text', text: 'hello' }] }],
  tools: [
    tool('read_file', 'Reads a file.'),
    tool('list_files', 'Lists a folder.'),
    tool('search_in_code', 'Searches text.'),
  ],
}

/** Limits that are never reached unless a test lowers one. */
export const roomyLimits = {
  connectMs: 5_000,
  headersMs: 10_000,
  firstDataMs: 10_000,
  idleMs: 10_000,
  totalMs: 10_000,
  answerBytes: 2 * 1024 * 1024,
}
