/** A tool call as the server handed it out. */
export interface ExecutorCall {
  readonly callId: string
  readonly tool: string
  readonly arguments: Readonly<Record<string, unknown>>
}

/**
 * What came of a call. `summary` is for the person, a few words ("64 lines"); `error`, or else `text`, or else `result` is what the model
 * reads. `artifact` is the whole text where `text` was cut, as far as it is kept.
 */
export type ToolOutcome =
  | {
      readonly ok: true
      readonly result: Readonly<Record<string, unknown>>
      readonly summary: string
      readonly text?: string
      readonly artifact?: string
    }
  | {
      readonly ok: false
      readonly error: string
      readonly summary: string
      readonly result?: Readonly<Record<string, unknown>>
    }

/** What a call would do, shown before a person decides. Texts are whole; `before` is null for a file that does not exist yet. */
export type CallPreview =
  | {
      readonly kind: 'write'
      readonly path: string
      readonly before: string | null
      readonly after: string
      /** SHA-256 of the file as it is; null for a new one. */
      readonly oldDigest: string | null
    }
  /** `before` is the text of a file, null where it has none. */
  | {
      readonly kind: 'delete'
      readonly path: string
      readonly before: string | null
      readonly oldDigest: string | null
    }
  /** `files` are those in the folder, with their paths. */
  | { readonly kind: 'delete-folder'; readonly path: string; readonly files: readonly string[] }
  | { readonly kind: 'move'; readonly path: string; readonly to: string; readonly oldDigest: string | null }
  | {
      readonly kind: 'command'
      readonly command: string
      readonly cwd: string
      readonly timeoutSeconds: number
      readonly shell: boolean
      /** It runs on; no time-out then. */
      readonly background?: boolean
    }
  | { readonly kind: 'directory'; readonly path: string; readonly exists: boolean }
  | { readonly kind: 'read'; readonly path: string }
  /** Another agent is to answer, which may do more; the server sees to it. */
  | { readonly kind: 'handoff'; readonly agent: string; readonly why: string }
  /** The call cannot work as it is (a path outside the folder, say): what would be refused, in words. */
  | { readonly kind: 'refused'; readonly reason: string }

/** Runs tools in one folder and never outside it (links and `..` included). */
export interface Executor {
  /** The real path of the folder. */
  readonly root: string
  /** Names of the tools it can run, in catalogue order. */
  readonly tools: readonly string[]
  /** Never throws: whatever goes wrong is an outcome with an error. An abort ends the call and its process group within a second. */
  run(call: ExecutorCall, options?: RunOptions): Promise<ToolOutcome>
  /** What the call would do, with the arguments as they will be used (paths normalised, times cut to their maximum). Reads only, never throws. */
  preview(call: ExecutorCall, session?: string): Promise<CallPreview>
  /** Whether an earlier process of ours started this call and never noted its end: it may have run. */
  wasStarted(callId: string): boolean
}

export interface RunOptions {
  /** Whose call it is: what a session has read is remembered, and it may change only that. */
  readonly session?: string
  readonly signal?: AbortSignal
  /** Output of a command as it comes, decoded, both streams in order of arrival. Escape sequences are taken out except colours. */
  readonly onOutput?: (text: string) => void
}
