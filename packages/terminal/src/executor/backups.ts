import { randomBytes } from 'node:crypto'
import { mkdir, open, readdir, stat, unlink } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { ExecutorLimits } from './limits.ts'

/** Copies of files before they are replaced, in our state folder: never in the project. The oldest go when there are too many. */
export interface Backups {
  /** Throws what the file system throws. The copy is on the disk when it resolves. */
  keep(path: string, content: Uint8Array): Promise<void>
}

export function createBackups(stateFolder: string, root: string, limits: ExecutorLimits): Backups {
  const folder = join(stateFolder, 'backups')

  async function keep(path: string, content: Uint8Array): Promise<void> {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    const handle = await open(join(folder, backupName(root, path)), 'wx', 0o600)
    try {
      await handle.writeFile(content)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await prune(folder, limits)
  }

  return { keep }
}

/** Sorts by time, and tells a person which file it was: `2025-11-25T03-17-00-123Z.1f0c.project.src%2Fmain.ts`. */
function backupName(root: string, path: string): string {
  const time = new Date().toISOString().replaceAll(/[:.]/g, '-')
  const readable = encodeURIComponent(`${basename(root)}.${path}`.slice(-60).toWellFormed()).slice(-180)
  return `${time}.${randomBytes(4).toString('hex')}.${readable}`
}

async function prune(folder: string, limits: ExecutorLimits): Promise<void> {
  const names = (await readdir(folder)).sort().reverse()
  let bytes = 0
  for (const [index, name] of names.entries()) {
    const path = join(folder, name)
    // Another process may prune at the same time.
    const stats = await stat(path).catch(() => undefined)
    bytes += stats?.size ?? 0
    const isNewest = index === 0
    if (!isNewest && (index >= limits.backupFiles || bytes > limits.backupBytes))
      await unlink(path).catch(() => undefined)
  }
}
