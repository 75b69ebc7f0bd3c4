import type { CallPreview, RunOptions, ToolOutcome } from './executor.ts'
import type { ToolArguments } from './tool-arguments.ts'

/** `callId` names the result, for calls that ask for the rest of it. */
export interface ToolOptions extends RunOptions {
  readonly callId?: string
}

/** One tool, bound to its folder. */
export interface Tool {
  readonly name: string
  /** Whether a call changes something, so that its start and end go into the journal. */
  readonly hasEffects: boolean
  /** Throws ToolError for everything that goes wrong before there is a result. */
  run(values: ToolArguments, options: ToolOptions): Promise<ToolOutcome>
  /** Throws ToolError for what would be refused. */
  preview(values: ToolArguments, session: string): Promise<CallPreview>
}
