import type { Call, FinishedCall } from '../conversation/events.ts'
import { clean } from './text.ts'

/** What a call is about, in a few words on one line: a path, a command, a query. */
export function callSubject(call: Pick<Call, 'tool' | 'arguments'>): string {
  return clean(subjectOf(call.tool, call.arguments)).replace(/\s+/g, ' ').trim()
}

function subjectOf(tool: string, values: Readonly<Record<string, unknown>>): string {
  const path = text(values['path'])
  switch (tool) {
    case 'read_file': {
      const [start, end] = [values['start_line'], values['end_line']]
      return start === undefined && end === undefined ? path : `${path}:${text(start) || 1}-${text(end)}`
    }
    case 'search_in_code':
      return `"${text(values['query'])}"${path && path !== '.' ? ` in ${path}` : ''}`
    case 'execute_command':
      return text(values['command'])
    case 'ask_followup_question':
      return text(values['question'])
    case 'switch_mode':
      return text(values['mode'])
    case 'command_output':
      return `${text(values['id'])}${values['stop'] === true ? ', end it' : ''}`
    case 'move_file':
      return `${text(values['source_path'])} -> ${text(values['destination_path'])}`
    case 'list_files':
      return `${path || '.'}${values['pattern'] ? ` ${text(values['pattern'])}` : ''}`
    default:
      return path || (Object.keys(values).length === 0 ? '' : JSON.stringify(values))
  }
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : value === undefined || value === null ? '' : JSON.stringify(value)
}

/** Whether a call did what it was to do: a command that ran and failed did not. */
export function callSucceeded({ call, outcome }: Pick<FinishedCall, 'call' | 'outcome'>): boolean {
  if (!outcome.ok) return false
  const exitCode = outcome.result['exit_code'] ?? 0
  return call.tool !== 'execute_command' || exitCode === 0
}

/** The output of a command, both streams, as far as the result holds it. */
export function commandOutput({ outcome }: Pick<FinishedCall, 'outcome'>): string {
  const result = outcome.result ?? {}
  const parts = [result['stdout'], result['output'], result['stderr']].filter(
    (part) => typeof part === 'string' && part !== '',
  )
  return parts.join('\n')
}

/** The last lines of an output that a person would see: what a progress bar overwrote is left out. */
export function lastLines(output: string, count: number): string[] {
  return output
    .slice(-64 * 1024)
    .split('\n')
    .map((line) => line.replace(/\r+$/, '').split('\r').at(-1) ?? '')
    .filter((line, index, all) => line.trim() !== '' || index < all.length - 1)
    .slice(-count)
}
