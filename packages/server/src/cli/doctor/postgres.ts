import type { Config } from '../../config.ts'
import { databaseText } from '../database.ts'
import { type Finding, ok, problem, skipped } from './finding.ts'

const NAME = 'Database'
const patienceMs = 5_000

/** Looks at PostgreSQL without changing it. */
export async function checkPostgres(database: PostgresChoice): Promise<Finding> {
  const shown = databaseText(database, '')
  try {
    const [facts] = await askPostgres(
      database.url,
      "select current_setting('server_version') as version, to_regclass('kysely_migration') is not null as ours",
    )
    const server = `${shown}, version ${facts?.['version']}`
    if (facts?.['ours'] !== true) return ok(NAME, `${server}, made at the first start`)
    const [last] = await askPostgres(database.url, 'select max(name) as name from kysely_migration')
    return ok(NAME, `${server}, schema ${Number.parseInt(String(last?.['name']), 10)}`)
  } catch (error) {
    return problem(
      NAME,
      `${shown} cannot be reached: ${reasonOf(error)}`,
      'Look at CODELAB_DATABASE_URL and at the server.',
    )
  }
}

/** Whether an operator paused the service. */
export async function checkPostgresPause(database: PostgresChoice): Promise<Finding> {
  try {
    const [row] = await askPostgres(database.url, "select is_on, at from operator_switches where name = 'paused'")
    if (row?.['is_on'] !== 1) return ok('Turns', 'taken')
    const since = new Date(Number(row['at'])).toISOString().slice(0, 16).replace('T', ' ')
    return problem('Turns', `paused by an operator since ${since}`, 'fix: codelab pause --off')
  } catch {
    return skipped('Turns', 'not known before the first start of this version')
  }
}

type PostgresChoice = Extract<Config['database'], { readonly kind: 'postgres' }>

/** One question, over a connection of its own. */
export async function askPostgres(url: string, sql: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const { Client } = await import('pg')
  const client = new Client({
    connectionString: url,
    connectionTimeoutMillis: patienceMs,
    query_timeout: patienceMs,
    application_name: 'codelab doctor',
  })
  client.on('error', () => {})
  await client.connect()
  try {
    return (await client.query(sql)).rows as Record<string, unknown>[]
  } finally {
    await client.end()
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return reasonOf(error.errors.at(-1))
  return error instanceof Error ? error.message : 'unknown error'
}
