import type { BackgroundState } from './background-commands.ts'
import { cutText } from './cut-text.ts'
import type { ToolOutcome } from './executor.ts'
import type { ExecutorLimits } from './limits.ts'
import { counted, countLines } from './wording.ts'

/** What a model reads of a command: how it ended first, then its output, then what else there is to know. */
export function commandText(head: string, output: string, notes: readonly string[]): string {
  const body = output === '' ? [`${head}, no output`] : [head, output.replace(/\n$/, '')]
  return [...body, ...notes.map((note) => `[${note}]`)].join('\n')
}

export function backgroundOutcome(state: BackgroundState, limits: ExecutorLimits, callId: string): ToolOutcome {
  const { id, exitCode, ms } = state
  const output = cutText(state.output, limits.outputCharacters, callId)
  const seconds = (ms / 1000).toFixed(1)
  const isRunning = exitCode === undefined
  const head = isRunning ? `${id} is running, ${seconds} s` : `${id} has ended, exit code ${exitCode}, ${seconds} s`
  const look = `command_output ${JSON.stringify({ id })}`
  const end = `command_output ${JSON.stringify({ id, stop: true })}`
  const lines = counted(countLines(state.output), 'line')
  return {
    ok: true,
    result: {
      id,
      running: isRunning,
      stdout: output.text,
      stderr: '',
      duration_ms: ms,
      ...(isRunning ? {} : { exit_code: exitCode, success: exitCode === 0 }),
    },
    text: commandText(head, output.text, isRunning ? [`What it prints from here: ${look}. To end it: ${end}`] : []),
    ...(output.artifact === undefined ? {} : { artifact: output.artifact }),
    summary: isRunning ? `${id} is running, ${lines}` : `${id} exit ${exitCode}, ${lines}`,
  }
}
