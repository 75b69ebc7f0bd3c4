import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '../postgres/server.ts'

const nobody = 65_534
const startLimitMs = 20_000

/** A real pgbouncer in transaction mode before a database: whoever ends a transaction may have another connection in the next one. */
export class PgBouncer implements AsyncDisposable {
  readonly #folder = mkdtempSync(join(tmpdir(), 'codelab-pgbouncer-'))
  #child: ChildProcess | undefined
  url = ''

  static async start(program: string, databaseUrl: string): Promise<PgBouncer> {
    const pooler = new PgBouncer()
    await pooler.#start(program, new URL(databaseUrl))
    return pooler
  }

  async #start(program: string, database: URL): Promise<void> {
    const port = await freePort()
    const name = database.pathname.slice(1)
    const users = join(this.#folder, 'users.txt')
    const settings = join(this.#folder, 'pgbouncer.ini')
    writeFileSync(users, `"${database.username}" "${decodeURIComponent(database.password)}"\n`)
    writeFileSync(
      settings,
      `[databases]
${name} = host=${database.hostname} port=${database.port} dbname=${name}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = trust
auth_file = ${users}
pool_mode = transaction
default_pool_size = 4
ignore_startup_parameters = extra_float_digits
`,
    )
    const isRoot = process.getuid?.() === 0
    if (isRoot) for (const file of [this.#folder, users, settings]) chownSync(file, nobody, nobody)
    let output = ''
    const child = spawn(program, [settings], {
      stdio: ['ignore', 'ignore', 'pipe'],
      ...(isRoot && { uid: nobody, gid: nobody }),
    })
    this.#child = child
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
    const limit = Date.now() + startLimitMs
    while (!(await listens(port))) {
      if (child.exitCode !== null || Date.now() > limit) throw new Error(`pgbouncer did not start:\n${output}`)
      await sleep(20)
    }
    const url = new URL(database)
    url.hostname = '127.0.0.1'
    url.port = String(port)
    this.url = url.href
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const child = this.#child
    if (child && child.exitCode === null) {
      const gone = once(child, 'exit')
      child.kill('SIGKILL')
      await gone
    }
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy()
      resolve(true)
    }).on('error', () => resolve(false))
  })
}
