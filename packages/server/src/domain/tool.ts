/** What a tool may do to the workspace; `handoff` and `finish` are carried out by the runtime itself. */
export type ToolClass = 'read' | 'write' | 'execute' | 'ask' | 'handoff' | 'finish'

/** A row of the catalogue. */
export interface Tool {
  readonly name: string
  readonly description: string
  readonly class: ToolClass
  /** `client`: runs in the user's workspace. `runtime`: never leaves the server. */
  readonly executor: 'client' | 'runtime'
  /** Whether a model is told of it. A tool that is not offered is still understood when a model calls it. */
  readonly offered: boolean
  /** Not among the contract's tools: only where a client says which tools it runs. The others see what they always saw. */
  readonly forDeclared?: boolean
  /** A client that declares no tools has it carried out by those that it has (DESIGN 7). */
  readonly lowered?: boolean
  /** What is said of it where the other tool is offered too, and of its arguments. */
  readonly beside?: {
    readonly tool: string
    readonly description: string
    readonly properties?: Readonly<Record<string, object>>
  }
  /** JSON schema of its arguments. */
  readonly parameters: Readonly<Record<string, unknown>>
  /** Names of the arguments that are paths in the workspace. */
  readonly paths: readonly string[]
  /** What is wrong with the arguments, a line each; empty when nothing is. */
  check(args: Readonly<Record<string, unknown>>): readonly string[]
}

/** Tools that change files. A rule on where files may be written holds for all of them. */
export const fileChangingTools: readonly string[] = ['write_file', 'edit_file', 'delete_file', 'move_file']

/** The six tools of a client that declares none (DESIGN 7). */
export const shippedClientTools: readonly string[] = [
  'read_file',
  'write_file',
  'list_files',
  'create_directory',
  'execute_command',
  'search_in_code',
]
