import { isAbsolute, relative } from 'node:path'

/** The path as a person at the server reads it best: from the working folder, when it lies inside. */
export function shownPath(file: string): string {
  const near = relative(process.cwd(), file)
  return near === '' || near.startsWith('..') || isAbsolute(near) ? file : near
}

export const OTHER_FILE = 'set CODELAB_DATABASE_URL to another file.'
