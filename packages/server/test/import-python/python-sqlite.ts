import { DatabaseSync } from 'node:sqlite'
import { PythonRows, pythonSchema } from './python-schema.ts'

/** A database file as the Python service leaves it. */
export function makePythonFile(file: string, fill: (rows: PythonRows) => void): void {
  const database = new DatabaseSync(file)
  database.exec('pragma journal_mode = wal')
  for (const statement of pythonSchema) database.exec(statement)
  database.exec('begin')
  fill(
    new PythonRows((table, row) => {
      const columns = Object.keys(row)
      const places = columns.map(() => '?').join(', ')
      database.prepare(`insert into ${table} (${columns.join(', ')}) values (${places})`).run(...Object.values(row))
    }),
  )
  database.exec('commit')
  database.close()
}
