import { ToolError } from './tool-error.ts'

/**
 * A path as it is compared and shown: NFC, `/`, no `.` and `..` left; `.` for the root. The rules are those of the terminal's tools.
 * Throws ToolError for what is not a relative path inside the workspace.
 */
export function normalisePath(path: string): string {
  const text = path.normalize('NFC').replaceAll('\\', '/')
  if (text.trim() === '') throw refused('The path is empty. Use "." for the project folder.')
  if (text.length > 1000) throw refused('The path is longer than 1000 characters.')
  // Direction overrides would show a person another name than the one they decide about.
  if (/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u.test(text) || !text.isWellFormed()) {
    throw refused('The path contains control characters.')
  }
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text) || /^file:/i.test(text)) {
    throw refused(`"${text}" is a URL. Use a path relative to the project folder.`)
  }
  if (text.startsWith('/') || text.startsWith('~') || /^[a-z]:/i.test(text)) {
    throw refused(`"${text}" is an absolute path. Use a path relative to the project folder.`)
  }
  const names: string[] = []
  for (const name of text.split('/')) {
    if (name === '' || name === '.') continue
    if (name !== '..') names.push(name)
    else if (names.pop() === undefined)
      throw refused(`"${text}" leads outside the project folder. Use a path inside it.`)
  }
  return names.length === 0 ? '.' : names.join('/')
}

/** The same, for a place that may be written to. */
export function writablePath(path: string): string {
  const shown = normalisePath(path)
  for (const name of shown.split('/')) {
    const plain = name
      .toLowerCase()
      .replace(/\p{Cf}/gu, '')
      .replace(/[. ]+$/u, '')
    if (plain === '.git' || plain === '.ssh') throw refused(`Writing under ${plain}/ is not allowed ("${shown}").`)
  }
  return shown
}

/** The folder of a path; `.` for one at the top. */
export function folderOf(path: string): string {
  const end = path.lastIndexOf('/')
  return end === -1 ? '.' : path.slice(0, end)
}

export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

function refused(message: string): ToolError {
  return new ToolError(message, 'not allowed')
}
