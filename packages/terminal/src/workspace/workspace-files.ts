import { spawn } from 'node:child_process'
import { open, stat } from 'node:fs/promises'
import { join } from 'node:path'

export interface FileMatch {
  readonly path: string
  /** Undefined when it is large or no text. */
  readonly lines: number | undefined
  readonly changedMs: number
}

const maxFiles = 20_000
const listMs = 3000
const freshMs = 5000
const shown = 6
const maxCountedBytes = 1024 * 1024

/** Finds files of the folder by a part of their path, `.gitignore` honoured; the list is read anew every 5 s at most. */
export class WorkspaceFiles {
  readonly #root: string
  #list: Promise<readonly string[]> | undefined
  #readAt = 0

  constructor(root: string) {
    this.#root = root
  }

  async find(query: string): Promise<readonly FileMatch[]> {
    const now = performance.now()
    if (!this.#list || now - this.#readAt > freshMs) {
      this.#readAt = now
      this.#list = listFiles(this.#root)
    }
    const ranked = rankPaths(await this.#list, query).slice(0, shown)
    const found = await Promise.all(ranked.map((path) => describe(this.#root, path)))
    return found.filter((match) => match !== undefined)
  }
}

/** The paths that match, best first: the name begins with it, the name holds it, the path holds it, its letters come in this order. */
export function rankPaths(paths: readonly string[], query: string): string[] {
  const wanted = query.toLowerCase()
  const scored = paths.flatMap((path) => {
    const score = scoreOf(path.toLowerCase(), wanted)
    return score === undefined ? [] : [{ path, score }]
  })
  scored.sort((a, b) => a.score - b.score || a.path.length - b.path.length || (a.path < b.path ? -1 : 1))
  return scored.map(({ path }) => path)
}

function scoreOf(path: string, wanted: string): number | undefined {
  const name = path.slice(path.lastIndexOf('/') + 1)
  if (path.startsWith(wanted)) return wanted === '' ? path.split('/').length : 0
  if (name.startsWith(wanted)) return 1
  if (name.includes(wanted)) return 2
  if (path.includes(wanted)) return 3
  let at = 0
  for (const character of path) if (character === wanted[at]) at++
  return at === wanted.length ? 4 : undefined
}

/** Never throws: without a list there is nothing to complete. */
async function listFiles(root: string): Promise<readonly string[]> {
  const ripgrep = await import('@vscode/ripgrep').catch(() => undefined)
  return ripgrep ? listWith(ripgrep.rgPath, root) : []
}

function listWith(rgPath: string, root: string): Promise<readonly string[]> {
  return new Promise((resolve) => {
    const args = ['--files', '--hidden', '--no-require-git', '--glob', '!.git', '--no-config', '--no-messages', '.']
    const child = spawn(rgPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'ignore'], timeout: listMs })
    const paths: string[] = []
    let rest = ''
    child.stdout.setEncoding('utf8')
    child.stdout.on('data', (piece: string) => {
      const lines = (rest + piece).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) paths.push(line.replace(/^\.\//, ''))
      if (paths.length >= maxFiles) child.kill()
    })
    child.once('error', () => resolve([]))
    child.once('close', () => resolve(paths.slice(0, maxFiles)))
  })
}

async function describe(root: string, path: string): Promise<FileMatch | undefined> {
  try {
    const file = join(root, path)
    const stats = await stat(file)
    const lines = stats.isFile() && stats.size <= maxCountedBytes ? await countLines(file) : undefined
    return { path, lines, changedMs: stats.mtimeMs }
  } catch {
    return undefined
  }
}

async function countLines(file: string): Promise<number | undefined> {
  const handle = await open(file)
  try {
    const bytes = await handle.readFile()
    if (bytes.includes(0)) return undefined
    let count = bytes.length > 0 && bytes.at(-1) !== 10 ? 1 : 0
    for (const byte of bytes) if (byte === 10) count++
    return count
  } finally {
    await handle.close()
  }
}
