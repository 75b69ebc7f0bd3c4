import type { Compilable, CompiledQuery } from 'kysely'
import type { Engine } from './engine.ts'
import type { Queries } from './schema.ts'
import { padded } from './values.ts'

/** Stands for a value that comes when the statement is said. */
class Slot {
  readonly name: string

  constructor(name: string) {
    this.name = name
  }
}

const slots = new Proxy({}, { get: (_, name) => new Slot(String(name)) })

/** A statement about a list: one for each length, of which `padded` leaves few. */
export function preparedFor<R>(
  build: (db: Queries, values: readonly string[], engine: Engine) => Compilable<R>,
): (db: Queries, engine: Engine, values: readonly string[]) => Promise<R[]> {
  const byLength = new Map<number, Prepared<Readonly<Record<string, string>>, R>>()
  return async (db, engine, values) => {
    const given = padded(values)
    const slotted = Object.fromEntries(given.map((value, index) => [`value ${index}`, value]))
    const names = Object.keys(slotted)
    const statement =
      byLength.get(names.length) ??
      prepared((db: Queries, slot: Readonly<Record<string, string>>, engine: Engine) =>
        build(
          db,
          names.map((name) => slot[name] as string),
          engine,
        ),
      )
    byLength.set(names.length, statement)
    return await statement(db, engine, slotted)
  }
}

/** Says a statement of a turn; gives the rows it returns. */
export type Prepared<G extends object, R> = (db: Queries, engine: Engine, given: G) => Promise<R[]>

/** A statement that is built and compiled once for each engine, since every turn says it: that costs more than to carry it out. Its text may
 *  depend on nothing that is given, and `build` sees placeholders in place of the values. */
export function prepared<G extends object, R>(
  build: (db: Queries, given: G, engine: Engine) => Compilable<R>,
): Prepared<G, R> {
  const byEngine = new Map<string, CompiledQuery<R>>()
  return async (db, engine, given) => {
    let statement = byEngine.get(engine.key)
    if (!statement) {
      statement = build(db, slots as G, engine).compile()
      byEngine.set(engine.key, statement)
    }
    const values = given as Readonly<Record<string, unknown>>
    const parameters = statement.parameters.map((value) => (value instanceof Slot ? values[value.name] : value))
    const { query, queryId, sql } = statement
    return (await engine.connection.executeQuery<R>({ query, queryId, sql, parameters })).rows
  }
}
