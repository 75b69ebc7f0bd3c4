import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from 'pg'

/** Tests that run over either database run over this one: CODELAB_TEST_DATABASE=postgres. */
export const onPostgres = process.env['CODELAB_TEST_DATABASE'] === 'postgres'

const startLimitMs = 120_000

/** An empty database of one's own in the PostgreSQL that the tests of a run share; it goes with the end of its scope. */
export class PostgresDatabase implements AsyncDisposable {
  readonly #admin: string
  readonly name = `test_${randomUUID().replaceAll('-', '')}`

  private constructor(admin: string) {
    this.#admin = admin
  }

  /** On the shared server, or on one of the test's own by the address of any of its databases. Empty, or a copy of one that nobody uses. */
  static async create(admin?: string, template?: PostgresDatabase): Promise<PostgresDatabase> {
    const database = new PostgresDatabase(template ? template.#admin : (admin ?? (await sharedServer())))
    const from = template?.name ?? 'template0'
    await execute(
      database.#admin,
      `create database ${database.name} template ${from} encoding 'UTF8' strategy file_copy`,
    )
    return database
  }

  get url(): string {
    const url = new URL(this.#admin)
    url.pathname = `/${this.name}`
    return url.href
  }

  async execute(sql: string): Promise<readonly Record<string, unknown>[]> {
    return await execute(this.url, sql)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await execute(this.#admin, `drop database ${this.name} with (force)`)
  }
}

async function execute(url: string, sql: string): Promise<readonly Record<string, unknown>[]> {
  const client = new Client({ connectionString: url })
  client.on('error', () => {})
  await client.connect()
  try {
    return (await client.query(sql)).rows as Record<string, unknown>[]
  } finally {
    await client.end()
  }
}

/** Started by the first who asks. Workers of a run have the same parent, and so the same folder. */
async function sharedServer(): Promise<string> {
  const owner = process.env['VITEST'] === undefined ? process.pid : process.ppid
  const folder = join(tmpdir(), `codelab-tests-postgres-${owner}`)
  if (makeAlone(folder)) {
    spawn(process.execPath, [join(import.meta.dirname, 'keeper.ts'), folder, String(owner)], {
      stdio: 'ignore',
      detached: true,
    }).unref()
  }
  const limit = Date.now() + startLimitMs
  for (;;) {
    if (existsSync(join(folder, 'address'))) return readFileSync(join(folder, 'address'), 'utf8')
    const failure = join(folder, 'failure')
    if (existsSync(failure))
      throw new Error(`The PostgreSQL of the tests did not start: ${readFileSync(failure, 'utf8')}`)
    if (Date.now() > limit) throw new Error(`The PostgreSQL of the tests did not start within ${startLimitMs} ms`)
    await sleep(20)
  }
}

function makeAlone(folder: string): boolean {
  try {
    mkdirSync(folder, { mode: 0o700 })
    return true
  } catch {
    return false
  }
}
