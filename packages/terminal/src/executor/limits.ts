/** What bounds the tools. Every figure can be set for a test; the defaults are the contract with the model. */
export interface ExecutorLimits {
  /** Largest file that is read, shown or replaced, in bytes. */
  readonly readBytes: number
  /** Largest content of write_file, in bytes once encoded. */
  readonly writeBytes: number
  readonly listItems: number
  /** Directory entries looked at by one list_files, whatever matches. */
  readonly listVisited: number
  readonly queryCharacters: number
  readonly searchResults: number
  /** Characters kept of one matching line. */
  readonly searchLineCharacters: number
  readonly searchMs: number
  readonly commandCharacters: number
  readonly commandSeconds: number
  /** Characters kept of each of a command's two streams. */
  readonly outputCharacters: number
  /** From SIGTERM to SIGKILL after a time-out. */
  readonly killGraceMs: number
  /** The same after an abort, where a person waits, and for what a finished command left in the background. */
  readonly abortGraceMs: number
  /** How long processes that a finished command left in the background may still end by themselves. */
  readonly leftoverMs: number
  readonly backupFiles: number
  readonly backupBytes: number
  /** The journal is compacted beyond this. */
  readonly journalBytes: number
}

export const executorLimits: ExecutorLimits = {
  readBytes: 10 * 1024 * 1024,
  writeBytes: 5 * 1024 * 1024,
  listItems: 1000,
  listVisited: 200_000,
  queryCharacters: 1000,
  searchResults: 1000,
  searchLineCharacters: 500,
  searchMs: 30_000,
  commandCharacters: 100_000,
  commandSeconds: 300,
  outputCharacters: 30_000,
  killGraceMs: 2000,
  abortGraceMs: 500,
  leftoverMs: 500,
  backupFiles: 1000,
  backupBytes: 256 * 1024 * 1024,
  journalBytes: 256 * 1024,
}
