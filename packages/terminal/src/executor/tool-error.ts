import { getSystemErrorMessage } from 'node:util'

/** Why a call failed, in words for the model; `summary` are a few words for the person. */
export class ToolError extends Error {
  override readonly name = 'ToolError'
  readonly summary: string

  constructor(message: string, summary: string, options: { cause?: unknown } = {}) {
    super(message, options)
    this.summary = summary
  }
}

export function interrupted(): ToolError {
  return new ToolError('Interrupted before it was done.', 'interrupted')
}

/** The code of a system error ("ENOENT"), or undefined for anything else. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}

const words: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'the system does not permit it',
  EROFS: 'the file system is read-only',
  ENOSPC: 'no space is left on the disk',
  EDQUOT: 'the disk quota is used up',
  EMFILE: 'too many files are open, try again',
  ENFILE: 'too many files are open, try again',
  ENAMETOOLONG: 'the name is too long',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of the path is a file, not a folder',
  ENOENT: 'it was not found',
  ELOOP: 'its links go in a circle or changed meanwhile',
}

/** Any failure as a ToolError. Messages of system errors carry absolute paths, so only their meaning is kept. */
export function asToolError(error: unknown, action: string): ToolError {
  if (error instanceof ToolError) return error
  const code = errorCode(error)
  const meaning = code === undefined ? undefined : (words[code] ?? systemMeaning(error))
  const text = meaning === undefined ? 'an unexpected error' : `${meaning} (${code})`
  return new ToolError(`${action} failed: ${text}.`, meaning ?? 'failed', { cause: error })
}

function systemMeaning(error: unknown): string | undefined {
  if (!(error instanceof Error && 'errno' in error && typeof error.errno === 'number')) return undefined
  return getSystemErrorMessage(error.errno)
}
