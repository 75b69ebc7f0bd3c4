import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Workspace } from './task.ts'

const commandMs = 60_000

/** A folder with these files under version control, gone when it is disposed of. */
export class TaskWorkspace implements Workspace, Disposable {
  readonly home = realpathSync(mkdtempSync(join(tmpdir(), 'codelab-eval-')))
  readonly folder = join(this.home, 'project')

  constructor(files: Readonly<Record<string, string>>) {
    mkdirSync(this.folder)
    for (const [path, content] of Object.entries(files)) this.write(path, content)
    const git = (...args: string[]) => execFileSync('git', args, { cwd: this.folder, env: this.env, stdio: 'ignore' })
    git('init', '-q', '-b', 'main')
    git('add', '-A')
    git('-c', 'user.name=eval', '-c', 'user.email=eval@localhost', 'commit', '-q', '--allow-empty', '-m', 'start')
  }

  get env(): Record<string, string> {
    return { PATH: process.env['PATH'] ?? '', HOME: this.home, LANG: 'C.UTF-8', GIT_CONFIG_NOSYSTEM: '1' }
  }

  read(path: string): string | undefined {
    try {
      return readFileSync(join(this.folder, path), 'utf8')
    } catch {
      return undefined
    }
  }

  write(path: string, content: string): void {
    mkdirSync(dirname(join(this.folder, path)), { recursive: true })
    writeFileSync(join(this.folder, path), content)
  }

  run(program: string, ...args: readonly string[]): { readonly code: number; readonly output: string } {
    const { status, stdout, stderr } = spawnSync(program, args, {
      cwd: this.folder,
      env: this.env,
      encoding: 'utf8',
      timeout: commandMs,
    })
    return { code: status ?? -1, output: `${stdout}${stderr}` }
  }

  [Symbol.dispose](): void {
    rmSync(this.home, { recursive: true, force: true })
  }
}
