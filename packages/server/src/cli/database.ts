import type { Config } from '../config.ts'
import { RuntimeError } from '../domain/errors.ts'
import { shortPath } from './text.ts'

/** As a person would write it; never with a password. */
export function databaseText(database: Config['database'], cwd: string): string {
  if (database.kind === 'sqlite') return shortPath(database.file, cwd)
  const { host, pathname } = new URL(database.url)
  return `PostgreSQL, ${host}${decodeURIComponent(pathname)}`
}

/** For what is done to a file. Throws for PostgreSQL, which brings tools of its own for that: `instead` is their command line. */
export function requireFile({ database }: Config, instead: string): string {
  if (database.kind === 'sqlite') return database.file
  throw new RuntimeError('invalid_input', 'The database is PostgreSQL, which has its own tools for this', {
    details: { hint: instead },
  })
}
