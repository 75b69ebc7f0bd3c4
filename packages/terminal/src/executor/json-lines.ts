import { readFile } from 'node:fs/promises'
import { errorCode } from './tool-error.ts'

/** The entries of a file with one JSON value a line, oldest first; none when there is no such file. Half a line, from a process that died
 *  while it wrote, is left out, and so is what is no entry. */
export async function readJsonLines<T>(file: string, isEntry: (value: unknown) => value is T): Promise<T[]> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return []
    throw error
  }
  return text.split('\n').flatMap((line) => {
    const value = parsed(line)
    return isEntry(value) ? [value] : []
  })
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}
