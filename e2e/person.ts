import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { refusedUrl } from '../packages/server/test/server-process.ts'
import { endProcess } from './processes.ts'
import { Terminal } from './tmux.ts'

const launcher = join(import.meta.dirname, '../bin/codelab.js')
const commandMs = 40_000

export interface Finished {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Somebody at a machine: a home, a project in it, the state of CodeLab, and nothing of the tester's environment but PATH. No model is
 *  configured and no server is found, so the client starts its own with the demo model. */
export class Person implements AsyncDisposable {
  readonly home: string
  readonly project: string
  readonly state: string
  readonly env: Readonly<Record<string, string>>

  private constructor(home: string, freePort: string) {
    this.home = home
    this.project = join(home, 'work', 'orders-api')
    this.state = join(home, 'state', 'codelab')
    this.env = {
      PATH: process.env['PATH'] ?? '',
      HOME: home,
      XDG_STATE_HOME: dirname(this.state),
      LANG: 'C.UTF-8',
      PORT: freePort,
    }
  }

  /** Files by their path in the project. */
  static async with(files: Readonly<Record<string, string>>): Promise<Person> {
    const home = realpathSync(mkdtempSync(join(tmpdir(), 'codelab-person-')))
    const person = new Person(home, new URL(await refusedUrl()).port)
    mkdirSync(person.project, { recursive: true })
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(person.project, path)), { recursive: true })
      writeFileSync(join(person.project, path), content)
    }
    return person
  }

  /** `codelab` with these words in a terminal. */
  open(
    words: readonly string[] = [],
    options: { columns?: number; env?: Readonly<Record<string, string>> } = {},
  ): Promise<Terminal> {
    const { env, columns = 80 } = options
    const command = [process.execPath, launcher, ...words]
    return Terminal.open(command, { cwd: this.project, env: { ...this.env, ...env }, columns })
  }

  /** `codelab` with these words where there is no terminal. */
  run(words: readonly string[], input = ''): Promise<Finished> {
    return new Promise((resolve, reject) => {
      const options = { cwd: this.project, env: { ...this.env }, timeout: commandMs }
      const child = execFile(process.execPath, [launcher, ...words], options, (error, stdout, stderr) => {
        if (error && typeof error.code === 'string') reject(error)
        else resolve({ code: child.exitCode, stdout, stderr })
      })
      child.stdin?.end(input)
    })
  }

  /** Every file of the project with its content. */
  files(): Record<string, string> {
    return Object.fromEntries(this.listing(this.project).map((path) => [path, this.read(path)]))
  }

  read(path: string): string {
    return readFileSync(join(this.project, path), 'utf8')
  }

  /** The files below a folder, sorted; empty folders end with `/`. */
  listing(folder: string): string[] {
    return readdirSync(folder, { withFileTypes: true })
      .flatMap((entry) => {
        if (!entry.isDirectory()) return [entry.name]
        const inner = this.listing(join(folder, entry.name)).map((path) => `${entry.name}/${path}`)
        return inner.length > 0 ? inner : [`${entry.name}/`]
      })
      .sort()
  }

  /** The process of the server that the client has started; undefined when it has none. */
  serverPid(): number | undefined {
    try {
      const { pid } = JSON.parse(readFileSync(join(this.state, 'server.json'), 'utf8')) as { pid: number }
      return pid
    } catch {
      return undefined
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const pid = this.serverPid()
    if (pid !== undefined) await endProcess(pid)
    rmSync(this.home, { recursive: true, force: true, maxRetries: 3 })
  }
}
