/** One piece of work for an agent: files, a request, and how to tell whether it was done. */
export interface Task {
  readonly name: string
  /** What it is about, for the table. */
  readonly title: string
  /** What the person writes. */
  readonly request: string
  readonly agent: 'auto' | 'coder' | 'architect' | 'debug' | 'ask'
  /** The workspace before the work: content by path. */
  readonly files: Readonly<Record<string, string>>
  /** Rules of `codelab run --allow` and `--deny`; without them every call that asks ends the run. */
  readonly allow?: readonly string[]
  readonly deny?: readonly string[]
  /** How the run has to end; a text: with this code. */
  readonly ends?: 'completed' | { readonly code: string }
  /** Throws, with the reason, when the work was not done. */
  check(done: Done): void | Promise<void>
  /** A model at its worst: each `yield` is its answer, and gives what it is asked next. Used when no real model is configured. */
  script(): Script
  /** Something that happens in the workspace while the agent works: called with the number of the request (from 1) before it is answered. */
  meanwhile?(workspace: Workspace, request: number): void
}

export type Script = Generator<Reply, void, Seen>

export interface Done {
  readonly workspace: Workspace
  /** The last answer; empty without one. */
  readonly answer: string
  readonly end: End
  /** Every tool call that the client was given, in order. */
  readonly calls: readonly ClientCall[]
}

export interface End {
  readonly outcome: string
  readonly code: string | null
  readonly message: string
}

export interface ClientCall {
  readonly tool: string
  readonly arguments: Readonly<Record<string, unknown>>
  readonly ok: boolean | null
}

export interface Workspace {
  readonly folder: string
  /** Undefined without such a file. */
  read(path: string): string | undefined
  write(path: string, content: string): void
  /** Runs a program in the workspace: its exit code, and what it wrote. */
  run(program: string, ...args: readonly string[]): { readonly code: number; readonly output: string }
}

/** What the model sees when it is asked. */
export interface Seen {
  /** The texts of the tool results since its last answer, in call order. */
  readonly results: readonly string[]
  /** Names of the tools that are offered. */
  readonly tools: readonly string[]
  readonly system: string
  readonly messages: number
}

export interface Reply {
  readonly text?: string
  readonly calls?: readonly ModelCall[]
  /** `length`: cut at the output limit. */
  readonly finish?: 'stop' | 'tool_calls' | 'length'
}

export interface ModelCall {
  readonly tool: string
  /** JSON as the model writes it: perhaps none. */
  readonly json: string
}

export function call(tool: string, args: unknown): ModelCall {
  return { tool, json: JSON.stringify(args) }
}

export function calls(...made: readonly ModelCall[]): Reply {
  return { calls: made }
}

export function say(text: string): Reply {
  return { text }
}

/** Throws with the reason when something is not as it has to be. */
export function must(condition: boolean, reason: string): asserts condition {
  if (!condition) throw new Error(reason)
}
