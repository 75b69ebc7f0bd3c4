import { resolve } from 'node:path'
import { nearest } from './nearest.ts'
import type { Parser } from './parsers.ts'
import type { Fault } from './problems.ts'
import { quoted } from './shown.ts'
import type { DatabaseChoice } from './types.ts'

const EXAMPLE = 'sqlite:///data/agent_runtime.db'
const POSTGRES_EXAMPLE = 'postgres://user:password@host:5432/codelab'

/**
 * Which database (PROTOCOL 1.1): `sqlite:///x` is relative to the working directory, `sqlite:////x`
 * absolute, `sqlite+aiosqlite` the same. `postgres://user:password@host:port/name` is PostgreSQL, with what a driver puts behind a `+` left out.
 */
export const databaseUrl: Parser<DatabaseChoice> = (value, cwd) => {
  const parts = /^([a-z][a-z0-9+.-]*):\/\/(.*)$/is.exec(value)
  if (!parts) return { fault: `${quoted(value)} is not a database URL. Write it as ${EXAMPLE}.`, wrong: quoted(value) }
  const [, scheme = '', rest = ''] = parts
  if (/^postgres(ql)?(\+\w+)?$/i.test(scheme)) return postgres(value, rest)
  if (!/^sqlite(\+\w+)?$/i.test(scheme)) return unknownScheme(value, scheme)
  const [file = '', query] = rest.split('?', 2)
  if (!file.startsWith('/')) {
    return {
      fault: `${quoted(value)} has two slashes, a path needs three. Did you mean sqlite:///${file || 'data/agent_runtime.db'}?`,
      wrong: quoted(value),
    }
  }
  const path = file.slice(1)
  if (path === '' || path === ':memory:') {
    return { fault: `${quoted(value)} would keep nothing. Name a file, such as ${EXAMPLE}.`, wrong: quoted(value) }
  }
  if (path.endsWith('/')) return { fault: `${quoted(value)} is a folder. Name a file in it.`, wrong: quoted(value) }
  const note = query === undefined ? {} : { note: 'what follows "?" in the database URL is not used' }
  return { value: { kind: 'sqlite', file: resolve(cwd, path) }, ...note }
}

/** Only PostgreSQL: `postgres://user:password@host:port/name`. */
export const postgresUrl: Parser<string> = (value, cwd) => {
  const parsed = databaseUrl(value, cwd)
  if ('fault' in parsed) return parsed
  if (parsed.value.kind === 'postgres') return { value: parsed.value.url }
  return { fault: `${quoted(value)} is not a PostgreSQL URL. Write it as ${POSTGRES_EXAMPLE}.`, wrong: quoted(value) }
}

function postgres(value: string, rest: string): ReturnType<Parser<DatabaseChoice>> {
  const url = URL.parse(`postgresql://${rest}`)
  if (!url)
    return { fault: `${quoted(value)} is not a database URL. Write it as ${POSTGRES_EXAMPLE}.`, wrong: quoted(value) }
  if (url.hostname === '' || url.pathname.length < 2) {
    const missing = url.hostname === '' ? 'host' : 'database'
    return { fault: `${quoted(value)} names no ${missing}. Write it as ${POSTGRES_EXAMPLE}.`, wrong: quoted(value) }
  }
  return { value: { kind: 'postgres', url: url.href } }
}

function unknownScheme(value: string, scheme: string): Fault {
  const near = nearest(scheme, ['postgresql', 'sqlite'])
  const rest = near === undefined ? `Use ${EXAMPLE}.` : `Did you mean ${near}://?`
  return { fault: `${quoted(value)}: unknown scheme. ${rest}`, wrong: scheme }
}
