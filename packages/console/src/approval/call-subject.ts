type Values = Readonly<Record<string, unknown>>

/** What a call is about on one line: a path, a command, a query. */
export function callSubject(tool: string, values: Values): string {
  return subjectOf(tool, values).replace(/\s+/g, ' ').trim().slice(0, 300)
}

function subjectOf(tool: string, values: Values): string {
  const path = shown(values['path'])
  switch (tool) {
    case 'read_file': {
      const [start, end] = [values['start_line'], values['end_line']]
      return start === undefined && end === undefined ? path : `${path}:${shown(start) || 1}-${shown(end)}`
    }
    case 'search_in_code':
      return `"${shown(values['query'])}"${path && path !== '.' ? ` in ${path}` : ''}`
    case 'execute_command':
      return shown(values['command'])
    case 'ask_followup_question':
      return shown(values['question'])
    case 'attempt_completion':
      return shown(values['result'])
    case 'switch_mode':
      return titleOf(values['plan']) || shown(values['mode'])
    case 'move_file':
      return `${shown(values['source_path'])} → ${shown(values['destination_path'])}`
    case 'list_files':
      return `${path || '.'}${values['pattern'] ? ` ${shown(values['pattern'])}` : ''}`
    default:
      return path || (Object.keys(values).length === 0 ? '' : JSON.stringify(values))
  }
}

function shown(value: unknown): string {
  return typeof value === 'string' ? value : value === undefined || value === null ? '' : JSON.stringify(value)
}

/** Of a plan: its heading, else its first line. */
function titleOf(plan: unknown): string {
  const [first = ''] = typeof plan === 'string' ? plan.trim().split('\n') : []
  return first.replace(/^#+\s*/, '').slice(0, 200)
}
