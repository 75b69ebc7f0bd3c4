import { listFiles, readFile, searchInCode } from './read-tools.ts'
import type { Outcome, Preview, SeenFiles, Tool } from './tool.ts'
import { ToolError } from './tool-error.ts'
import type { Workspace } from './workspace.ts'
import { createDirectory, deleteFile, editFile, executeCommand, moveFile, writeFile } from './write-tools.ts'

const all: readonly Tool[] = [
  readFile,
  writeFile,
  listFiles,
  createDirectory,
  executeCommand,
  searchInCode,
  editFile,
  deleteFile,
  moveFile,
]
const tools = new Map(all.map((tool) => [tool.name, tool]))

/** The tool by which an agent asks the person; the page answers it. */
const questionTool = 'ask_followup_question'
/** The tool by which an agent hands over; the server does it, a person decides whether it may. */
const handoffTool = 'switch_mode'

/** What the page can run, as it tells the server. */
export const toolNames: readonly string[] = [...tools.keys(), questionTool]

export interface Call {
  readonly callId: string
  readonly tool: string
  readonly arguments: Readonly<Record<string, unknown>>
}

/** Runs the tools of the catalogue in a workspace of this page. Never throws: whatever goes wrong is an outcome with an error. */
export class Executor {
  readonly workspace: Workspace
  readonly #seen = new Map<string, string>()
  readonly #seenFiles: SeenFiles = {
    isKnown: (path, text) => this.#seen.get(path) === text,
    wasRead: (path) => this.#seen.has(path),
    note: (path, text) => {
      if (text === null) this.#seen.delete(path)
      else this.#seen.set(path, text)
    },
  }

  constructor(workspace: Workspace) {
    this.workspace = workspace
  }

  /** What the call would do. */
  preview(call: Call): Preview {
    const { question, suggestions, mode, reason } = call.arguments
    if (call.tool === questionTool) {
      const offered = Array.isArray(suggestions) ? suggestions.filter((text) => typeof text === 'string') : []
      return {
        kind: 'question',
        question: typeof question === 'string' ? question : '',
        suggestions: offered.slice(0, 8),
      }
    }
    if (call.tool === handoffTool) {
      return { kind: 'handoff', agent: String(mode ?? ''), why: typeof reason === 'string' ? reason : '' }
    }
    try {
      return this.#plan(call).preview
    } catch (error) {
      const { message, summary } = asToolError(error)
      return { kind: 'refused', reason: message, summary }
    }
  }

  run(call: Call): Outcome {
    try {
      return { ok: true, ...this.#plan(call).run() }
    } catch (error) {
      const { message, summary } = asToolError(error)
      return { ok: false, error: message, summary }
    }
  }

  #plan(call: Call) {
    const tool = tools.get(call.tool)
    if (!tool) throw new ToolError(`There is no tool "${call.tool}" in this page.`, 'unknown tool')
    return tool.plan(call.arguments, { workspace: this.workspace, seen: this.#seenFiles })
  }
}

function asToolError(error: unknown): ToolError {
  return error instanceof ToolError ? error : new ToolError('It failed in an unexpected way.', 'failed')
}
