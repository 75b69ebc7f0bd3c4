import { open } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { parseEnv } from 'node:util'
import type { Problem } from './problems.ts'
import { quoted } from './shown.ts'

/** A text that sets something, and where it stands. */
export interface Found {
  readonly text: string
  /** As it is written there: `PORT`, `--port`, `limits.runMs`. */
  readonly name: string
  readonly place: string
}

/** The environment, with the `.env` file of the working directory behind it. */
export interface Variables {
  find(name: string): Found | undefined
  all(): Iterable<Found>
  /** `.env` when there was one. */
  readonly files: readonly string[]
  readonly problems: readonly Problem[]
}

const DOT_ENV = '.env'
const LARGEST_FILE = 1_048_576

export async function readVariables(env: NodeJS.ProcessEnv, cwd: string): Promise<Variables> {
  const found = new Map<string, Found>()
  const content = await readText(join(cwd, DOT_ENV))
  if ('text' in content) {
    const lines = linesOf(content.text)
    for (const [name, text] of Object.entries(parseEnv(content.text))) {
      const line = lines.get(name)
      found.set(name, { name, text: text ?? '', place: line === undefined ? DOT_ENV : `${DOT_ENV}:${line}` })
    }
  }
  for (const [name, text] of Object.entries(env)) {
    if (text !== undefined) found.set(name, { name, text, place: 'environment' })
  }
  const unreadable = 'reason' in content && !content.missing
  return {
    find: (name) => found.get(name),
    all: () => found.values(),
    files: 'text' in content ? [DOT_ENV] : [],
    problems: unreadable
      ? [{ name: DOT_ENV, place: DOT_ENV, text: `the file cannot be read: ${content.reason}.` }]
      : [],
  }
}

/** The last line that assigns each name: the one that `parseEnv` lets win. */
function linesOf(text: string): Map<string, number> {
  const lines = new Map<string, number>()
  for (const [index, line] of text.split(/\r\n|\n|\r/).entries()) {
    const name = /^\s*(?:export\s+)?([\w.-]+)\s*=/.exec(line)?.[1]
    if (name !== undefined) lines.set(name, index + 1)
  }
  return lines
}

/** A secret out of the file that a `NAME_FILE` variable names, without the line breaks at its end. */
export async function readSecretFile(pointer: Found, cwd: string): Promise<Found | { readonly fault: Problem }> {
  const { name, place, text: path } = pointer
  const content = await readText(resolve(cwd, path.trim()))
  const fault = (what: string) => ({ fault: { name, place, text: `${quoted(path)} ${what}.`, wrong: quoted(path) } })
  if ('reason' in content) return fault(`cannot be read: ${content.reason}`)
  const text = content.text.replace(/[\r\n]+$/, '')
  return text.trim() === '' ? fault('is empty') : { text, name, place }
}

/** The file's text, or why there is none. A file beyond 1 MiB is refused. */
export async function readText(
  path: string,
): Promise<{ readonly text: string } | { readonly reason: string; readonly missing: boolean }> {
  try {
    await using file = await open(path)
    const { size } = await file.stat()
    if (size > LARGEST_FILE) return { reason: 'it is larger than 1 MiB', missing: false }
    return { text: (await file.readFile('utf8')).replace(/^\uFEFF/, '') }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    return { reason: REASONS[code] ?? `it failed with ${code || 'an unknown error'}`, missing: code === 'ENOENT' }
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file',
  ENOTDIR: 'no such file',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EISDIR: 'it is a folder',
}
