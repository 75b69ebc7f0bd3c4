import { stat } from 'node:fs/promises'
import type { BackgroundCommands } from './background-commands.ts'
import { type Program, programOf } from './command-line.ts'
import type { KeptText } from './command-output.ts'
import { backgroundOutcome, commandText } from './command-text.ts'
import { cutText } from './cut-text.ts'
import type { CallPreview, RunOptions, ToolOutcome } from './executor.ts'
import type { ExecutorLimits } from './limits.ts'
import { type OpenFolder, openFolder } from './open-folder.ts'
import type { Place, Workspace } from './paths.ts'
import { type Finished, runProgram } from './run-program.ts'
import type { Tool, ToolOptions } from './tool.ts'
import { flag, optionalCount, optionalText, requiredText, type ToolArguments, wrong } from './tool-arguments.ts'
import { interrupted, ToolError } from './tool-error.ts'
import { counted } from './wording.ts'

const defaultSeconds = 60

export function createExecuteCommand(
  workspace: Workspace,
  background: BackgroundCommands,
  limits: ExecutorLimits,
): Tool {
  async function run(values: ToolArguments, options: ToolOptions): Promise<ToolOutcome> {
    const request = readRequest(values, limits)
    const { callId = '' } = options
    const place = await locateCwd(workspace, request)
    if (options.signal?.aborted === true) throw interrupted()
    const folder = await openFolder(workspace, place.existing, 'read', place.shown)
    if (request.background) {
      try {
        const started = await background.start({
          ...request.program,
          cwd: folder.path,
          env: environment(folder.realPath),
        })
        return backgroundOutcome(started, limits, callId)
      } finally {
        await folder.close()
      }
    }
    const finished = await inFolder(folder, request, limits, options)
    return outcomeOf(request, finished, limits, callId)
  }

  async function preview(values: ToolArguments): Promise<CallPreview> {
    const request = readRequest(values, limits)
    const { shown: cwd } = await locateCwd(workspace, request)
    const { command, seconds, program } = request
    const shown = { kind: 'command', command, cwd, timeoutSeconds: seconds, shell: program.usesShell } as const
    return request.background ? { ...shown, background: true } : shown
  }

  return { name: 'execute_command', hasEffects: true, run, preview }
}

interface CommandRequest {
  readonly command: string
  readonly program: Program
  readonly cwd: string
  readonly seconds: number
  /** More seconds were asked for than there are. */
  readonly isShortened: boolean
  readonly background: boolean
}

function readRequest(values: ToolArguments, limits: ExecutorLimits): CommandRequest {
  const command = requiredText(values, 'command')
  if (command.length > limits.commandCharacters) {
    throw wrong(
      `"command" is longer than ${limits.commandCharacters} characters. Write a script with write_file and run it.`,
    )
  }
  // The schema has no maximum, so a longer time is cut to ours instead of costing the model a turn.
  const asked = optionalCount(values, 'timeout') ?? defaultSeconds
  const seconds = Math.min(asked, limits.commandSeconds)
  const program = programOf(command, flag(values, 'shell', false))
  const cwd = optionalText(values, 'cwd') || '.'
  return { command, program, cwd, seconds, isShortened: seconds < asked, background: flag(values, 'background', false) }
}

async function locateCwd(workspace: Workspace, request: CommandRequest): Promise<Place> {
  const place = await workspace.locate(request.cwd, 'read')
  if (place.missing.length > 0)
    throw new ToolError(`The folder "${place.shown}" (cwd) does not exist.`, 'folder not found')
  if (!(await stat(place.existing)).isDirectory())
    throw new ToolError(`"${place.shown}" (cwd) is a file.`, 'not a folder')
  return place
}

async function inFolder(
  folder: OpenFolder,
  request: CommandRequest,
  limits: ExecutorLimits,
  options: RunOptions,
): Promise<Finished> {
  const { program, seconds } = request
  try {
    return await runProgram({
      ...program,
      cwd: folder.path,
      env: environment(folder.realPath),
      timeoutMs: seconds * 1000,
      limits,
      ...options,
    })
  } finally {
    await folder.close()
  }
}

/** The user's own, without what configures us: a command must not find our keys. */
function environment(cwd: string): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !/^(CODELAB_|AGENT_RUNTIME__)/i.test(name))
  return { ...Object.fromEntries(own), PWD: cwd }
}

function outcomeOf(request: CommandRequest, finished: Finished, limits: ExecutorLimits, callId: string): ToolOutcome {
  const { stdout, stderr, exitCode, durationMs, end } = finished
  const note = finished.hadLeftovers ? leftoversNote : undefined
  const result = {
    success: exitCode === 0 && end === 'exited',
    exit_code: exitCode,
    stdout: stdout.text,
    stderr: stderr.text,
    duration_ms: durationMs,
    ...(end === 'timed out' ? { timed_out: true } : {}),
    ...(stdout.truncated || stderr.truncated ? { truncated: true } : {}),
    ...(note === undefined ? {} : { note }),
  }
  const lines = printed(stdout, stderr)
  const output = cutText(finished.output, limits.outputCharacters, callId)
  const seconds = (durationMs / 1000).toFixed(1)
  if (end === 'interrupted') {
    const error = `Interrupted after ${seconds} s. The command and the processes it started were ended; what it did until then stays.`
    const until = output.text === '' ? '' : `\nIts output until then:\n${output.text}`
    return { ok: false, error: error + until, summary: `interrupted, ${lines}`, result: { ...result, success: false } }
  }
  const isTimedOut = end === 'timed out'
  const head = isTimedOut
    ? `exit code ${exitCode}, ended at its time limit of ${request.seconds} s`
    : `exit code ${exitCode}, ${seconds} s`
  const notes = [
    ...(note === undefined ? [] : [note]),
    ...(isTimedOut ? [timeoutNote(request, limits)] : []),
    ...(request.isShortened && !isTimedOut ? [`The time limit was ${request.seconds} s, which is the most.`] : []),
  ]
  return {
    ok: true,
    result,
    text: commandText(head, output.text, notes),
    ...(output.artifact === undefined ? {} : { artifact: output.artifact }),
    summary: isTimedOut ? `stopped after ${request.seconds} s, ${lines}` : `exit ${exitCode}, ${lines}`,
  }
}

const leftoversNote =
  'Processes left running in the background were ended. To keep one running, start it by a call with "background": true.'

function timeoutNote({ command, seconds }: CommandRequest, limits: ExecutorLimits): string {
  const longer = JSON.stringify({ command, timeout: limits.commandSeconds })
  const background = JSON.stringify({ command, background: true })
  const more = seconds < limits.commandSeconds ? `With more time: execute_command ${longer}. ` : ''
  return `${more}To let it run on: execute_command ${background}`
}

function printed(stdout: KeptText, stderr: KeptText): string {
  return counted(stdout.lines + stderr.lines, 'line')
}
