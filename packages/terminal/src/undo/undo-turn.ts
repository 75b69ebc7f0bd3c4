import { randomBytes } from 'node:crypto'
import { mkdir, rename, rm, rmdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type ChangedFile, type ChangeLog, digest } from './change-log.ts'
import { captureFile, realPlace } from './file-copy.ts'

export interface UndoneFile {
  readonly path: string
  readonly what: 'restored' | 'deleted' | 'left'
  /** For `left`: why. */
  readonly why?: string
}

/** Undoes the last turn of a session that changed files and was not undone: only what it wrote, and only where nobody has changed it since.
 *  Undefined when there is no such turn. */
export async function undoLastTurn(log: ChangeLog, session: string): Promise<UndoneFile[] | undefined> {
  const turn = (await log.turnsOf(session)).find(({ changes }) => !changes.undone)
  if (!turn) return undefined
  const undone: UndoneFile[] = []
  for (const file of [...turn.changes.files].reverse()) undone.push(await undoFile(log, file))
  await log.markUndone(turn.name, turn.changes)
  return undone.reverse()
}

async function undoFile(log: ChangeLog, file: ChangedFile): Promise<UndoneFile> {
  const { path } = file
  try {
    const left = (why: string): UndoneFile => ({ path, what: 'left', why })
    const now = await captureFile(log.root, path)
    if (!now) return left('it is no file of this folder any more')
    const before = await log.contentBefore(file)
    if (before === undefined) return left('its old content was not kept')
    const current = now.bytes === null ? null : digest(now.bytes)
    if (now.isTooLarge || current !== file.after) {
      const isAsBefore = !now.isTooLarge && current === (before === null ? null : digest(before))
      return left(isAsBefore ? 'it is as it was' : 'it was changed since')
    }
    if (before === null) {
      await remove(log.root, file)
      return { path, what: 'deleted' }
    }
    await restore(
      log.root,
      path,
      before,
      file.before !== null && file.before !== 'too large' ? file.before.mode : 0o644,
    )
    return { path, what: 'restored' }
  } catch (error) {
    return { path, what: 'left', why: `it cannot be written (${(error as NodeJS.ErrnoException).code ?? 'failed'})` }
  }
}

async function remove(root: string, file: ChangedFile): Promise<void> {
  const place = await realPlace(root, file.path)
  if (place === undefined) return
  await rm(place, { force: true })
  // Folders that were made for it go too, unless something else lies in them now.
  for (const folder of [...file.newFolders].reverse()) await rmdir(join(root, folder)).catch(() => undefined)
}

async function restore(root: string, path: string, content: Buffer, mode: number): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true })
  const place = await realPlace(root, path)
  if (place === undefined) throw new Error(`${path} leads out of the folder`)
  const draft = join(dirname(place), `.codelab-${randomBytes(8).toString('hex')}.tmp`)
  try {
    await writeFile(draft, content, { flag: 'wx', mode })
    await rename(draft, place)
  } catch (error) {
    await rm(draft, { force: true })
    throw error
  }
}

const maxListed = 280

/** What the model is told with the next message; short enough for a note, however many files there were. */
export function undoNote(undone: readonly UndoneFile[]): string {
  const names = (what: UndoneFile['what']) => {
    const paths = undone.filter((file) => file.what === what).map(({ path }) => path)
    const listed = paths.filter((_, index) => paths.slice(0, index + 1).join(', ').length <= maxListed)
    const more = paths.length - listed.length
    return listed.join(', ') + (more > 0 ? ` and ${more} more` : '')
  }
  const parts = [
    names('restored') && `restored to what they were before: ${names('restored')}`,
    names('deleted') && `deleted again: ${names('deleted')}`,
    names('left') && `left as they are: ${names('left')}`,
  ].filter(Boolean)
  return `The person has undone your last file changes. Files ${parts.join('; ')}. Read a file again before you change it.`
}
