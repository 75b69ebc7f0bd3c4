import { stat } from 'node:fs/promises'
import { createBackgroundCommands } from './background-commands.ts'
import { createBackups } from './backups.ts'
import { createCreateDirectory } from './create-directory.ts'
import { createDeleteFile } from './delete-file.ts'
import { createEditFile } from './edit-file.ts'
import { createExecuteCommand } from './execute-command.ts'
import type { CallPreview, Executor, ExecutorCall, RunOptions, ToolOutcome } from './executor.ts'
import { type Journal, openJournal } from './journal.ts'
import { type ExecutorLimits, executorLimits } from './limits.ts'
import { createListFiles } from './list-files.ts'
import { createMoveFile } from './move-file.ts'
import { createWorkspace } from './paths.ts'
import { createCommandOutput } from './read-command-output.ts'
import { createReadFile } from './read-file.ts'
import { createSearchInCode } from './search-in-code.ts'
import { openSeenFiles } from './seen-files.ts'
import type { Tool } from './tool.ts'
import { asToolError, interrupted, ToolError } from './tool-error.ts'
import { createWriteFile } from './write-file.ts'

export { type ExecutorLimits, executorLimits } from './limits.ts'

interface ExecutorOptions {
  /** The project folder; may be given through links. */
  readonly root: string
  /** Where the journal and the backups are kept, never in the project. Made when it is first needed. */
  readonly stateFolder: string
  readonly limits?: Partial<ExecutorLimits>
}

/** Opens the executor of a folder. Throws when the root is not a folder, or the journal of earlier processes cannot be read. */
export async function createExecutor(options: ExecutorOptions): Promise<Executor> {
  const stats = await stat(options.root).catch(() => undefined)
  if (stats?.isDirectory() !== true) throw new Error(`${options.root} is not a folder that can be opened`)
  const limits = { ...executorLimits, ...options.limits }
  const workspace = await createWorkspace(options.root, options.stateFolder)
  const journal = await openJournal(options.stateFolder, workspace.root, limits.journalBytes)
  const seen = await openSeenFiles(options.stateFolder, workspace.root)
  const backups = createBackups(options.stateFolder, workspace.root, limits)
  const background = createBackgroundCommands(limits)
  const inOrder = [
    createReadFile(workspace, seen, limits),
    createWriteFile(workspace, backups, seen, limits),
    createEditFile(workspace, backups, seen, limits),
    createDeleteFile(workspace, backups, seen, limits),
    createMoveFile(workspace, seen, limits),
    createListFiles(workspace, limits),
    createCreateDirectory(workspace),
    createExecuteCommand(workspace, background, limits),
    createCommandOutput(background, limits),
    createSearchInCode(workspace, limits),
  ]
  const tools = new Map(inOrder.map((tool) => [tool.name, tool]))

  function toolOf(call: ExecutorCall): Tool {
    const tool = tools.get(call.tool)
    if (tool !== undefined) return tool
    throw new ToolError(`There is no tool "${call.tool}" here. Tools: ${[...tools.keys()].join(', ')}.`, 'unknown tool')
  }

  async function run(call: ExecutorCall, runOptions: RunOptions = {}): Promise<ToolOutcome> {
    try {
      const tool = toolOf(call)
      if (runOptions.signal?.aborted === true) throw interrupted()
      return tool.hasEffects
        ? await runNoted(tool, call, runOptions, journal)
        : await tool.run(call.arguments, { ...runOptions, callId: call.callId })
    } catch (error) {
      const { message, summary } = asToolError(error, call.tool)
      return { ok: false, error: message, summary }
    }
  }

  async function preview(call: ExecutorCall, session = ''): Promise<CallPreview> {
    try {
      return await toolOf(call).preview(call.arguments, session)
    } catch (error) {
      return { kind: 'refused', reason: asToolError(error, call.tool).message }
    }
  }

  return { root: workspace.root, tools: [...tools.keys()], run, preview, wasStarted: journal.wasStarted }
}

/** A call with effects starts only once its start is on the disk. */
async function runNoted(tool: Tool, call: ExecutorCall, options: RunOptions, journal: Journal): Promise<ToolOutcome> {
  try {
    await journal.started(call.callId, call.tool)
  } catch (error) {
    const why = asToolError(error, 'Noting the call in the journal').message
    throw new ToolError(`${why} Nothing was done.`, 'not started', { cause: error })
  }
  try {
    return await tool.run(call.arguments, { ...options, callId: call.callId })
  } finally {
    // A lost end only makes a later process ask about this call; it must not turn what was done into an error.
    await journal.finished(call.callId, call.tool).catch(() => undefined)
  }
}
