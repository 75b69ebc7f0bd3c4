/** What bounds the tools. Every figure can be set for a test; the defaults are the contract with the model. */
export interface ExecutorLimits {
  /** Largest file that is read, shown or replaced, in bytes. */
  readonly readBytes: number
  /** What a model is shown of a file by one read_file: lines, bytes, characters of one line. */
  readonly shownLines: number
  readonly shownBytes: number
  readonly shownLineCharacters: number
  /** Largest content of write_file, in bytes once encoded. */
  readonly writeBytes: number
  readonly listItems: number
  /** Directory entries looked at by one list_files, whatever matches. */
  readonly listVisited: number
  readonly queryCharacters: number
  readonly searchResults: number
  /** Lines round each match. */
  readonly searchContext: number
  /** Matches that are counted, shown or not. */
  readonly searchCounted: number
  /** Characters kept of one matching line. */
  readonly searchLineCharacters: number
  readonly searchMs: number
  readonly commandCharacters: number
  readonly commandSeconds: number
  /** Characters of a command's output that a model reads, and that are kept of each of its two streams. */
  readonly outputCharacters: number
  /** Characters of the whole output that are kept for `read_artifact`. */
  readonly artifactCharacters: number
  /** Commands that run in the background at once. */
  readonly backgroundCommands: number
  /** From SIGTERM to SIGKILL after a time-out. */
  readonly killGraceMs: number
  /** The same after an abort, where a person waits, and for what a finished command left in the background. */
  readonly abortGraceMs: number
  /** How long processes that a finished command left in the background may still end by themselves. */
  readonly leftoverMs: number
  /** What delete_file takes away with a folder at most. */
  readonly deletedFiles: number
  readonly deletedBytes: number
  readonly backupFiles: number
  readonly backupBytes: number
  /** The journal is compacted beyond this. */
  readonly journalBytes: number
}

export const executorLimits: ExecutorLimits = {
  readBytes: 10 * 1024 * 1024,
  shownLines: 2000,
  shownBytes: 50 * 1024,
  shownLineCharacters: 2000,
  writeBytes: 5 * 1024 * 1024,
  listItems: 1000,
  listVisited: 200_000,
  queryCharacters: 1000,
  searchResults: 100,
  searchContext: 2,
  searchCounted: 10_000,
  searchLineCharacters: 500,
  searchMs: 30_000,
  commandCharacters: 100_000,
  commandSeconds: 600,
  outputCharacters: 30_000,
  artifactCharacters: 8 * 1024 * 1024 - 1024,
  backgroundCommands: 8,
  killGraceMs: 2000,
  abortGraceMs: 500,
  leftoverMs: 500,
  deletedFiles: 500,
  deletedBytes: 64 * 1024 * 1024,
  backupFiles: 1000,
  backupBytes: 256 * 1024 * 1024,
  journalBytes: 256 * 1024,
}
