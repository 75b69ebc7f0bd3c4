import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import ignore, { type Ignore } from 'ignore'
import { type OpenFolder, openFolder } from './open-folder.ts'
import type { Workspace } from './paths.ts'

const ruleFileBytes = 1024 * 1024

/** The .gitignore files that apply in a folder, from the root down. */
export interface IgnoredPaths {
  /** Paths relative to the root, folders without a closing slash. */
  ignores(path: string, isFolder: boolean): boolean
  /** With the rules of a folder below added. */
  within(folder: OpenFolder, path: string): Promise<IgnoredPaths>
}

interface RuleFile {
  readonly folder: string
  readonly rules: Ignore
}

export const nothingIgnored: IgnoredPaths = createIgnoredPaths([])

/** The rules of the folders above this one. A folder that is itself ignored, but was asked for by name, is judged by its own rules only. */
export async function ignoredAbove(workspace: Workspace, path: string): Promise<IgnoredPaths> {
  let ignored = nothingIgnored
  const names = path === '.' ? [] : path.split('/')
  for (let depth = 0; depth < names.length; depth++) {
    const folderPath = names.slice(0, depth).join('/') || '.'
    const folder = await openFolder(workspace, `${workspace.root}/${folderPath}`, 'read', folderPath)
    try {
      ignored = await ignored.within(folder, folderPath)
    } finally {
      await folder.close()
    }
    if (ignored.ignores(names.slice(0, depth + 1).join('/'), true)) return nothingIgnored
  }
  return ignored
}

function createIgnoredPaths(files: readonly RuleFile[]): IgnoredPaths {
  function ignores(path: string, isFolder: boolean): boolean {
    // As in Git, the file nearest to the path has the last word.
    for (const { folder, rules } of files) {
      const below = folder === '.' ? path : path.slice(folder.length + 1)
      const verdict = rules.test(isFolder ? `${below}/` : below)
      if (verdict.ignored) return true
      if (verdict.unignored) return false
    }
    return false
  }

  async function within(folder: OpenFolder, path: string): Promise<IgnoredPaths> {
    const text = await readRules(folder)
    return text === undefined
      ? createIgnoredPaths(files)
      : createIgnoredPaths([{ folder: path, rules: ignore().add(text) }, ...files])
  }

  return { ignores, within }
}

/** Git does not follow a link here either. A rule file that cannot be read has no rules. */
async function readRules(folder: OpenFolder): Promise<string | undefined> {
  try {
    const handle = await open(folder.at('.gitignore'), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
    try {
      const stats = await handle.stat()
      if (!stats.isFile() || stats.size > ruleFileBytes) return undefined
      return await handle.readFile('utf8')
    } finally {
      await handle.close()
    }
  } catch {
    return undefined
  }
}
