import { execFile } from 'node:child_process'
import { constants } from 'node:fs'
import { access } from 'node:fs/promises'
import type { WriteStream } from 'node:tty'
import { promisify } from 'node:util'
import { homePath } from '../text.ts'
import { type Finding, ok, problem, skipped } from './finding.ts'

const NODE_MAJOR = 24
const PROGRAM_PATIENCE_MS = 3_000
const run = promisify(execFile)

export function checkNode(version: string = process.versions.node, program: string = process.execPath): Finding {
  if (Number.parseInt(version, 10) < NODE_MAJOR) {
    return problem(
      'Node',
      `${version}, and ${NODE_MAJOR} is needed`,
      `fix: npm ci on Linux, or install Node ${NODE_MAJOR}`,
    )
  }
  return ok('Node', `${version}${/node_modules[\\/]node(-|[\\/])/.test(program) ? ', the pinned one' : ''}`)
}

/** The folder that a chat started here would work in. */
export async function checkWorkspace(cwd: string): Promise<Finding> {
  const shown = homePath(cwd)
  const writable = await access(cwd, constants.W_OK).then(
    () => true,
    () => false,
  )
  const [ripgrep, git] = await Promise.all([
    said('rg', ['--version'], cwd),
    said('git', ['status', '--porcelain'], cwd),
  ])
  const search = ripgrep === undefined ? '' : `, ripgrep ${/\d+\.\d+/.exec(ripgrep)?.[0] ?? ''}`
  const changes = git?.split('\n').filter((line) => line !== '').length
  const state = changes === undefined ? 'no git' : changes === 0 ? 'git clean' : `git: ${changes} changed`
  if (!writable) return problem('Workspace', `${shown}, not writable`, 'Agents can read here and change nothing.')
  return ok('Workspace', `${shown}, writable${search}, ${state}`)
}

/** Nothing is confined yet, whether bubblewrap is here or not. */
export async function checkSandbox(cwd: string): Promise<Finding> {
  const version = /[\d.]+/.exec((await said('bwrap', ['--version'], cwd)) ?? '')?.[0]
  const found = version === undefined ? 'bubblewrap not found' : `bubblewrap ${version} found, not used`
  return skipped('Sandbox', `${found}; commands run unconfined, with approval`)
}

export type TerminalScreen = Pick<WriteStream, 'isTTY' | 'columns' | 'rows' | 'getColorDepth'>

export function checkTerminal(screen: Partial<TerminalScreen>, env: NodeJS.ProcessEnv): Finding {
  if (!screen.isTTY || !screen.getColorDepth) return skipped('Terminal', 'none, plain text')
  const locale = env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'] || ''
  const utf8 = /utf-?8/i.test(locale) || process.platform === 'darwin'
  const colours = { 1: 'no colours', 4: '16 colours', 8: '256 colours' }[screen.getColorDepth(env)] ?? 'true colour'
  const extent = screen.columns ? `, ${screen.columns} × ${screen.rows}` : ''
  const text = `${utf8 ? 'UTF-8' : 'not UTF-8'}, ${colours}${extent}`
  return utf8 ? ok('Terminal', text) : skipped('Terminal', text, 'Set LANG to a UTF-8 locale, such as C.UTF-8.')
}

/** What a program prints; undefined when it is missing, fails or takes too long. */
async function said(program: string, args: readonly string[], cwd: string): Promise<string | undefined> {
  try {
    const { stdout } = await run(program, args, { cwd, timeout: PROGRAM_PATIENCE_MS, maxBuffer: 4_194_304 })
    return stdout
  } catch {
    return undefined
  }
}
