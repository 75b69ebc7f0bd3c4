import { Client, type ClientConfig } from 'pg'
import type { Log } from '../../application/ports/log.ts'
import type { SessionSource } from '../../application/ports/session-source.ts'
import { RuntimeError } from '../../domain/errors.ts'
import { countRows, readLayout, readSessions } from './read-sessions.ts'
import type { Row, TableReader } from './rows.ts'

const connectMs = 10_000
/** Rows that are fetched at once. */
const pageSize = 500

/** The PostgreSQL database of the Python service, read in one transaction that may not write. Throws `invalid_input`, `storage_unavailable`. */
export async function openPostgresSource(address: string, log: Log): Promise<SessionSource> {
  const url = addressOf(address)
  const shown = shownAddress(url)
  const client = new Client(settingsOf(url))
  // Of a connection that breaks: what waits for it is told too.
  client.on('error', (error) => log.warn('the connection to the source broke', { error: String(error) }))
  try {
    await client.connect()
    await client.query('begin isolation level repeatable read read only')
    const reader = readerOf(client)
    const layout = await readLayout(reader, shown)
    const others = await client.query<{ n: string }>(
      `select count(*) as n from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()
        and coalesce(backend_type, 'client backend') = 'client backend'`,
    )
    return {
      shown,
      mayBeInUse: Number(others.rows[0]?.n ?? 0) > 0,
      counts: () => countRows(reader, layout),
      sessions: () => readSessions(reader, layout),
      [Symbol.asyncDispose]: () => client.end(),
    }
  } catch (thrown) {
    await client.end().catch(() => {})
    throw readError(shown, thrown)
  }
}

/** Every value comes as its text: a time without a zone is none of this machine's. */
function settingsOf(url: URL): ClientConfig {
  return {
    connectionString: url.href,
    connectionTimeoutMillis: connectMs,
    types: { getTypeParser: () => (text: unknown) => text },
  } as ClientConfig
}

function readerOf(client: Client): TableReader {
  let cursors = 0
  return {
    async columns(table) {
      // As the search path finds it, like every statement after this one.
      const { rows } = await client.query<{ name: string }>(
        'select attname as name from pg_attribute where attrelid = to_regclass($1) and attnum > 0 and not attisdropped',
        [table],
      )
      return new Set(rows.map(({ name }) => name))
    },
    async *rows(query) {
      cursors += 1
      const cursor = `rows_${cursors}`
      await client.query(`declare ${cursor} no scroll cursor for ${query}`)
      for (;;) {
        const { rows } = await client.query<Row>(`fetch ${pageSize} from ${cursor}`)
        yield* rows
        if (rows.length < pageSize) break
      }
      await client.query(`close ${cursor}`)
    },
    byBytes: (column) => `${column}::text collate "C"`,
    arrival: 'ctid',
  }
}

/** `postgresql+asyncpg://` is the same as `postgresql://`. */
function addressOf(address: string): URL {
  const plain = address.replace(/^postgres(?:ql)?(?:\+\w+)?:/i, 'postgresql:')
  if (URL.canParse(plain)) return new URL(plain)
  throw new RuntimeError('invalid_input', 'The address of the PostgreSQL database cannot be read', {
    details: { hint: 'Write it as postgresql://user@host:5432/database, the password in PGPASSWORD.' },
  })
}

function shownAddress({ host, pathname }: URL): string {
  return `postgresql://${host}${pathname}`
}

function readError(shown: string, thrown: unknown): unknown {
  if (thrown instanceof RuntimeError) return thrown
  const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : ''
  const isRefused = ['28P01', '28000'].includes(code)
  return new RuntimeError(
    'storage_unavailable',
    isRefused ? `${shown} does not accept this user and password` : `${shown} cannot be read`,
    {
      cause: thrown,
      details: {
        hint: isRefused
          ? 'Give the password in PGPASSWORD.'
          : `Look at host, port and name of the database${code === '' ? '' : ` (${code})`}.`,
      },
    },
  )
}
