import { join } from 'node:path'
import { numberedLines } from '@codelab/edits'
import type { Place, Workspace } from './paths.ts'
import type { SeenFiles } from './seen-files.ts'
import { ToolError } from './tool-error.ts'

const shownLines = 15
const shownCharacters = 160

/** The file as it is when a call is to change it. */
interface CurrentFile {
  readonly shown: string
  /** Its one name, whatever links lead to it. */
  readonly key: string
  readonly digest: string
  /** Its text, where it has one. */
  readonly text?: string
  /** The line, from 1, round which the call wants to change something. */
  readonly line?: number
}

/**
 * Refuses to touch a file that the session has not read as it is now: the model would overwrite what it does not know. Whoever changed it
 * does not matter, a person, a command, another session.
 */
export function requireSeen(seen: SeenFiles, session: string, file: CurrentFile): void {
  const known = seen.digestOf(session, file.key)
  if (known === file.digest) return
  const read = `read_file ${JSON.stringify({ path: file.shown })}`
  const isChanged = known !== undefined
  const what = isChanged
    ? `"${file.shown}" was changed since you read it. Nothing was done. Read it again, then decide anew: ${read}`
    : `"${file.shown}" exists, and you have not read it in this session. Nothing was done. Read it first: ${read}`
  throw new ToolError(`${what}${region(file)}`, isChanged ? 'changed since it was read' : 'not read before')
}

/** The one name of a file, whatever links lead to it. */
export function keyOf(workspace: Workspace, place: Place): string {
  return workspace.show(join(place.existing, ...place.missing))
}

function region({ text, line = 1 }: CurrentFile): string {
  if (text === undefined || text === '') return ''
  const lines = text.split('\n')
  if (lines.at(-1) === '') lines.pop()
  const start = Math.max(0, Math.min(line - 1, lines.length - 1) - Math.floor(shownLines / 3))
  const shown = lines.slice(start, start + shownLines).map((shownLine) => {
    const plain = shownLine.replace(/\r$/, '')
    return plain.length <= shownCharacters ? plain : `${plain.slice(0, shownCharacters).toWellFormed()}…`
  })
  return `\nNow, lines ${start + 1}-${start + shown.length} of ${lines.length}:\n${numberedLines(shown, start + 1)}`
}
