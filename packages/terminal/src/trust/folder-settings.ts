import { createHash } from 'node:crypto'
import { lstat, readdir, readFile, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type ParseError, parse } from 'jsonc-parser'

export interface FolderRule {
  readonly tool: string
  readonly pattern: string
  readonly effect: 'allow' | 'ask' | 'deny'
}

export interface FolderAgent {
  /** Relative to the folder, with `/`. */
  readonly path: string
  readonly text: string
  readonly sha256: string
}

/** What the files of a folder ask of the runtime: rules and agents. They count only once the person trusted exactly these contents. */
export interface FolderSettings {
  /** The folder that holds `.codelab`. */
  readonly folder: string
  /** SHA-256 over names and contents. */
  readonly hash: string
  readonly rules: readonly FolderRule[]
  readonly agents: readonly FolderAgent[]
  /** What could not be read, in words. */
  readonly faults: readonly string[]
}

const maxFileBytes = 64 * 1024
const maxAgents = 16
const maxAgentBytes = 16 * 1024
const maxRules = 200
const maxFolders = 64
const effects = ['allow', 'ask', 'deny'] as const

/** Looks from the folder up to the root of its repository for the nearest `.codelab`. Undefined when there is none, or nothing in it. */
export async function readFolderSettings(folder: string): Promise<FolderSettings | undefined> {
  const base = await findBase(folder)
  if (base === undefined) return undefined
  const faults: string[] = []
  const digest = createHash('sha256')
  const rules = await readRules(base, digest, faults)
  const agents = await readAgents(base, digest, faults)
  if (rules.length === 0 && agents.length === 0 && faults.length === 0) return undefined
  return { folder: base, hash: digest.digest('hex'), rules, agents, faults }
}

async function findBase(folder: string): Promise<string | undefined> {
  for (let at = folder, depth = 0; depth < maxFolders; depth++) {
    if ((await lstat(join(at, '.codelab')).catch(() => undefined))?.isDirectory()) return at
    const up = dirname(at)
    if (up === at || (await stat(join(at, '.git')).catch(() => undefined))) return undefined
    at = up
  }
  return undefined
}

type Digest = ReturnType<typeof createHash>

async function readRules(base: string, digest: Digest, faults: string[]): Promise<FolderRule[]> {
  const name = '.codelab/permissions.jsonc'
  const text = await readText(base, name, faults)
  if (text === undefined) return []
  digest.update(`${name}\0${text}\0`)
  const errors: ParseError[] = []
  const value: unknown = parse(text, errors, { allowTrailingComma: true })
  const list = typeof value === 'object' && value !== null && 'rules' in value ? value.rules : undefined
  if (errors.length > 0 || !Array.isArray(list)) {
    faults.push(`${name} is no JSON with a list "rules"`)
    return []
  }
  if (list.length > maxRules) faults.push(`${name} has more than ${maxRules} rules; the others are left out`)
  return list.slice(0, maxRules).flatMap((entry: unknown, at) => {
    const rule = readRule(entry)
    if (!rule) faults.push(`${name}: rule ${at + 1} needs "tool", "pattern" and "effect" (${effects.join(', ')})`)
    return rule ?? []
  })
}

function readRule(entry: unknown): FolderRule | undefined {
  const { tool, pattern = '*', effect } = (entry ?? {}) as Partial<Record<'tool' | 'pattern' | 'effect', unknown>>
  const known = effects.find((name) => name === effect)
  if (typeof tool !== 'string' || !/^[\w*-]{1,128}$/.test(tool) || !known) return undefined
  if (typeof pattern !== 'string' || pattern.length > 500 || pattern.trim() === '' || !/^\P{Cc}+$/u.test(pattern)) {
    return undefined
  }
  return { tool, pattern, effect: known }
}

async function readAgents(base: string, digest: Digest, faults: string[]): Promise<FolderAgent[]> {
  const folder = '.codelab/agents'
  const names = (await readdir(join(base, folder)).catch(() => [])).filter((name) => name.endsWith('.md')).sort()
  if (names.length > maxAgents) faults.push(`${folder} has more than ${maxAgents} files; the others are left out`)
  const agents: FolderAgent[] = []
  for (const name of names.slice(0, maxAgents)) {
    const path = `${folder}/${name}`
    const text = await readText(base, path, faults, maxAgentBytes)
    if (text === undefined) continue
    digest.update(`${path}\0${text}\0`)
    agents.push({ path, text, sha256: createHash('sha256').update(text).digest('hex') })
  }
  return agents
}

/** A file of the folder itself: a link could show one thing and be another tomorrow. */
async function readText(
  base: string,
  name: string,
  faults: string[],
  most = maxFileBytes,
): Promise<string | undefined> {
  const file = join(base, name)
  const stats = await lstat(file).catch(() => undefined)
  if (!stats) return undefined
  if (!stats.isFile() || stats.size > most) {
    faults.push(`${name} is ${stats.isFile() ? `longer than ${most / 1024} KiB` : 'no file'}`)
    return undefined
  }
  return readFile(file, 'utf8')
}
