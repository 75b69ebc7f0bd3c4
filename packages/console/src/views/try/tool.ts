import type { ToolArguments } from './arguments.ts'
import type { Workspace } from './workspace.ts'

/** What came of a call. The model reads `error`, or else `text`, or else `result`; `summary` is for the person. */
export type Outcome =
  | {
      readonly ok: true
      readonly result: Readonly<Record<string, unknown>>
      readonly summary: string
      readonly text?: string
    }
  | { readonly ok: false; readonly error: string; readonly summary: string }

/** What a call would do, shown before a person decides. */
export type Preview =
  | { readonly kind: 'read'; readonly path: string }
  | { readonly kind: 'write'; readonly path: string; readonly before: string | null; readonly after: string }
  | { readonly kind: 'delete'; readonly path: string; readonly files: readonly string[] }
  | { readonly kind: 'move'; readonly path: string; readonly to: string }
  | { readonly kind: 'directory'; readonly path: string }
  | { readonly kind: 'question'; readonly question: string; readonly suggestions: readonly string[] }
  | { readonly kind: 'handoff'; readonly agent: string; readonly why: string }
  /** It cannot work as it is: what would be refused. */
  | { readonly kind: 'refused'; readonly reason: string; readonly summary: string }

/** What the model was shown of each file: it may change only what it knows. */
export interface SeenFiles {
  isKnown(path: string, text: string): boolean
  wasRead(path: string): boolean
  note(path: string, text: string | null): void
}

export interface ToolPlace {
  readonly workspace: Workspace
  readonly seen: SeenFiles
}

/** A call that was checked: what it would do, and the doing. */
interface Planned {
  readonly preview: Preview
  run(): { readonly result: Readonly<Record<string, unknown>>; readonly summary: string; readonly text?: string }
}

export interface Tool {
  readonly name: string
  readonly onlyReads: boolean
  /** Throws ToolError for what would be refused. */
  plan(values: ToolArguments, place: ToolPlace): Planned
}
