import type { Kysely } from 'kysely'
import { type Migration, Migrator } from 'kysely/migration'
import { RuntimeError } from '../../../domain/errors.ts'
import type { Schema } from '../sql/schema.ts'

export interface MigrateOptions {
  readonly db: Kysely<Schema>
  readonly migrations: Readonly<Record<string, Migration>>
  /** How texts call the database. */
  readonly shown: string
  /** What can be done instead, as the end of a sentence: "set CODELAB_DATABASE_URL to …". */
  readonly instead: string
  /** Of tables elsewhere in the database nothing has to be known. */
  readonly schema?: string
  /** Called before a database that holds something is changed, with the number of the first migration to come ("002"). */
  readonly beforeChange: (number: string) => Promise<void> | void
}

/**
 * Brings the schema up to the last migration, forward only, one transaction each; gives back the schema's number. Throws
 * `storage_unavailable`, with nothing changed, for a database of a newer version or of another program.
 */
export async function migrate(options: MigrateOptions): Promise<number> {
  const { db, migrations, shown, instead, beforeChange } = options
  const known = Object.keys(migrations).sort()
  const done = await doneMigrations(options)
  const newer = done.find((name) => !known.includes(name))
  if (newer !== undefined) {
    throw refused(
      `The database ${shown} was written by a newer CodeLab (schema ${newer}; this one knows ${known.at(-1)}). ` +
        `Start that version, or ${instead}`,
    )
  }
  const pending = known.filter((name) => !done.includes(name))
  const [first] = pending
  if (first !== undefined && done.length > 0) await beforeChange(numberOf(first))
  const migrator = new Migrator({ db, provider: { getMigrations: async () => ({ ...migrations }) } })
  for (const name of pending) {
    const { error } = await migrator.migrateUp()
    if (error !== undefined) {
      throw refused(`The database ${shown} could not be brought to schema ${name}; it is as it was before.`, error)
    }
  }
  return Number(numberOf(known.at(-1) ?? '0'))
}

async function doneMigrations({ db, shown, instead, schema }: MigrateOptions): Promise<string[]> {
  const tables = await db.introspection.getTables({ withInternalKyselyTables: true })
  const names = tables.filter((table) => schema === undefined || table.schema === schema).map((table) => table.name)
  if (names.includes('kysely_migration')) {
    const history = db as unknown as Kysely<{ kysely_migration: { name: string } }>
    const rows = await history.selectFrom('kysely_migration').select('name').execute()
    return rows.map((row) => row.name)
  }
  if (names.length === 0) return []
  throw refused(
    `The database ${shown} belongs to another program (it has a table "${names[0]}" and no schema of CodeLab). ` +
      `Move it away, or ${instead}`,
  )
}

function numberOf(name: string): string {
  return name.slice(0, 3)
}

function refused(message: string, cause?: unknown): RuntimeError {
  return new RuntimeError('storage_unavailable', message, { cause })
}
