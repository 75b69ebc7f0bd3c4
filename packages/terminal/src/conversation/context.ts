import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFile, realpath, stat } from 'node:fs/promises'
import { basename, dirname, join, relative, sep } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const maxInstructionBytes = 32 * 1024
const maxFolders = 64
const gitTimeoutMs = 1500

interface Instructions {
  /** Relative to the root of the workspace, with `/`. */
  readonly path: string
  readonly sha256: string
  readonly text: string
}

/** What a message tells about the workspace. Whether files are changed is looked at for the first message of a session only: in a large
 *  repository that takes a while. */
export async function describeWorkspace(folder: string, now: Date, isFirst = true): Promise<Record<string, unknown>> {
  const root = await findRoot(folder)
  const [project, git, instructions] = await Promise.all([
    describeProject(root),
    describeGit(folder, isFirst),
    readInstructions(root, folder),
  ])
  return {
    project,
    os: `${process.platform} ${process.arch}`,
    shell: basename(process.env['SHELL'] ?? (process.platform === 'win32' ? 'cmd' : 'sh')),
    date: now.toISOString().slice(0, 10),
    ...(git ? { git } : {}),
    instructions,
  }
}

/** The same folder is the same project, by whatever link it was reached. */
async function describeProject(root: string): Promise<{ id: string; name: string }> {
  const real = await realpath(root)
  return { id: createHash('sha256').update(real).digest('hex'), name: basename(real) }
}

/** The folder that holds `.git`, else the folder itself. */
async function findRoot(folder: string): Promise<string> {
  let at = folder
  for (let depth = 0; depth < maxFolders; depth++) {
    if (await exists(join(at, '.git'))) return at
    const up = dirname(at)
    if (up === at) break
    at = up
  }
  return folder
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}

/** Reads only: no lock, no refresh of the index, no program that the repository names. */
async function describeGit(
  folder: string,
  withState: boolean,
): Promise<{ branch: string; dirty?: boolean } | undefined> {
  const git = async (...args: string[]) => {
    const safe = ['--no-optional-locks', '-c', 'core.fsmonitor=false', '-C', folder]
    const { stdout } = await run('git', [...safe, ...args], { timeout: gitTimeoutMs, maxBuffer: 4 * 1024 * 1024 })
    return stdout.trim()
  }
  try {
    const branch = await git('symbolic-ref', '--short', '-q', 'HEAD').catch(() => git('rev-parse', '--short', 'HEAD'))
    if (!withState) return { branch }
    const dirty = (await git('status', '--porcelain', '--untracked-files=normal')) !== ''
    return { branch, dirty }
  } catch {
    return undefined
  }
}

/** `AGENTS.md` of each folder from the root down to `folder`, `CLAUDE.md` where there is none; 32 KiB in all, the innermost are cut first. */
export async function readInstructions(root: string, folder: string): Promise<Instructions[]> {
  const found: Instructions[] = []
  let room = maxInstructionBytes
  for (const at of foldersBetween(root, folder)) {
    if (room <= 0) break
    const text = (await readInside(root, join(at, 'AGENTS.md'))) ?? (await readInside(root, join(at, 'CLAUDE.md')))
    if (!text || text.content.trim() === '') continue
    const kept = cutBytes(text.content, room)
    room -= Buffer.byteLength(kept)
    found.push({
      path: relative(root, text.path).split(sep).join('/'),
      sha256: createHash('sha256').update(text.content).digest('hex'),
      text: kept,
    })
  }
  return found
}

function foldersBetween(root: string, folder: string): string[] {
  const folders = [root]
  for (const step of relative(root, folder).split(sep).filter(Boolean).slice(0, maxFolders)) {
    folders.push(join(folders.at(-1) ?? root, step))
  }
  return folders
}

/** A file of the workspace; a link that leads out of it is not read. */
async function readInside(root: string, path: string): Promise<{ path: string; content: string } | undefined> {
  try {
    const [base, real] = await Promise.all([realpath(root), realpath(path)])
    if (!real.startsWith(base.endsWith(sep) ? base : base + sep)) return undefined
    const { size } = await stat(real)
    if (size > 1024 * 1024) return undefined
    return { path, content: await readFile(real, 'utf8') }
  } catch {
    return undefined
  }
}

function cutBytes(text: string, bytes: number): string {
  const buffer = Buffer.from(text)
  if (buffer.length <= bytes) return text
  return buffer
    .subarray(0, bytes)
    .toString('utf8')
    .replace(/\ufffd$/, '')
}
