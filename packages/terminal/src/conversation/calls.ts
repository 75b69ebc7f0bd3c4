import type { CallPreview, Executor, ToolOutcome } from '../executor/executor.ts'
import type { Call, ChangeCount, Check, FinishedCall, Question } from './events.ts'
import { diffTexts } from './file-change.ts'

const readTools: ReadonlySet<string> = new Set(['read_file', 'list_files', 'search_in_code', 'search_files'])

/** Whether a call only looks, so that several may run at once. */
export function onlyReads(call: Call): boolean {
  return readTools.has(call.tool)
}

/** Runs one call and measures it; a change of a file is counted before it is made. */
export async function runCall(
  executor: Executor,
  call: Call,
  options: {
    now: () => number
    signal: AbortSignal
    onOutput: (text: string) => void
    session: string
    preview?: CallPreview | undefined
  },
): Promise<FinishedCall> {
  const preview = options.preview ?? (onlyReads(call) ? undefined : await executor.preview(call, options.session))
  const change = preview && countChange(preview)
  const start = options.now()
  const outcome: ToolOutcome = options.signal.aborted
    ? { ok: false, error: 'Cancelled by the user', summary: 'stopped' }
    : await executor.run(call, { session: options.session, signal: options.signal, onOutput: options.onOutput })
  const ms = options.now() - start
  return { call, outcome, ms, ...(change && outcome.ok ? { change } : {}) }
}

function countChange(preview: CallPreview): ChangeCount | undefined {
  if (preview.kind !== 'write' && preview.kind !== 'delete') return undefined
  const { added, removed } = diffTexts(preview.before, preview.kind === 'write' ? preview.after : '')
  return { path: preview.path, added, removed }
}

const checkWords =
  /\b(?:tests?|spec|lint|check|typecheck|types|tsc|build|vitest|jest|mocha|pytest|tox|unittest|mypy|ruff|eslint|biome|clippy|vet|rspec|phpunit|ctest|verify)\b/i

/** A command that tests or checks the project, and how it went; undefined for any other call. */
export function checkOf({ call, outcome }: Pick<FinishedCall, 'call' | 'outcome'>): Check | undefined {
  const command = call.arguments['command']
  const exitCode = outcome.result?.['exit_code']
  if (call.tool !== 'execute_command' || typeof command !== 'string' || typeof exitCode !== 'number') return undefined
  if (!checkWords.test(command)) return undefined
  return { command: command.replace(/\s+/g, ' ').trim(), isGood: exitCode === 0 }
}

/** The tool by which an agent asks the person; it runs here, without the executor. */
export const questionTool = 'ask_followup_question'

/** The tool by which an agent hands over. A person decides here whether it may; the server does it. */
export const handoffTool = 'switch_mode'

export function handoffPreview({ arguments: { mode, reason } }: Call): CallPreview {
  return { kind: 'handoff', agent: typeof mode === 'string' ? mode : '', why: typeof reason === 'string' ? reason : '' }
}

export function questionOf({ arguments: values }: Call, agent: string): Question {
  const { question, suggestions } = values
  return {
    agent,
    question: typeof question === 'string' ? question : '',
    suggestions: Array.isArray(suggestions) ? suggestions.filter((text) => typeof text === 'string') : [],
  }
}
