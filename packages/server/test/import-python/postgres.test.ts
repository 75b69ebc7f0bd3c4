import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { runImportPython } from '../../src/cli/import-python.ts'
import { createStyle } from '../../src/cli/style.ts'
import type { PythonImportReport } from '../../src/compose/import-python.ts'
import { PostgresDatabase } from '../postgres/database.ts'
import { fillWithDefects, PythonRows, pythonSchema } from './python-schema.ts'
import { makePythonFile } from './python-sqlite.ts'

let cwd: string
let database: PostgresDatabase
beforeEach(async () => {
  cwd = mkdtempSync(join(tmpdir(), 'codelab-import-'))
  database = await PostgresDatabase.create()
})
afterEach(async () => {
  await database[Symbol.asyncDispose]()
  rmSync(cwd, { recursive: true })
})

async function run(from: string, { apply = false, ours = 'ours.db' } = {}) {
  let text = ''
  const write = (piece: string) => {
    text += piece
  }
  const env = { CODELAB_DATABASE_URL: ours.includes(':') ? ours : `sqlite:///${ours}` }
  const output = { json: true, style: createStyle('plain', 100), write }
  const exitCode = await runImportPython({ flags: {}, env, cwd }, { from, apply }, output)
  return { exitCode, text, report: () => JSON.parse(text) as PythonImportReport }
}

/** As the Python service leaves it, in a time zone far from that of this machine. */
async function fill(fillIn: (rows: PythonRows) => void = fillWithDefects): Promise<void> {
  const statements: { readonly sql: string; readonly values: unknown[] }[] = []
  fillIn(
    new PythonRows((table, row) => {
      const columns = Object.keys(row)
      const places = columns.map((_, at) => `$${at + 1}`)
      const sql = `insert into ${table} (${columns.join(', ')}) values (${places.join(', ')})`
      statements.push({ sql, values: Object.values(row) })
    }),
  )
  const client = new Client({ connectionString: database.url })
  await client.connect()
  await client.query("set time zone 'Asia/Kamchatka'")
  for (const statement of pythonSchema) await client.query(statement)
  // A cluster may sort as people do; then ids come in another order than by their bytes.
  await client.query('alter table sessions alter column id type varchar(36) collate "und-x-icu"')
  for (const { sql, values } of statements) await client.query(sql, values)
  await client.end()
}

it('takes from PostgreSQL what it takes from SQLite, to the letter', async () => {
  await fill()
  makePythonFile(join(cwd, 'theirs.db'), fillWithDefects)
  const fromFile = (await run('theirs.db', { apply: true, ours: 'from-file.db' })).report()
  const { exitCode, report } = await run(database.url, { apply: true })
  expect(exitCode).toBe(0)
  const { source, ...rest } = report()
  expect(rest).toEqual({ ...fromFile, source: undefined })
  expect(source).toMatch(/^postgresql:\/\/[^@]+\/test_\w+$/)
  const again = (await run(database.url, { apply: true })).report()
  expect(again).toMatchObject({ taken: { sessions: 0 }, ours: report().taken })
})

it('reads the address as the Python service writes it, and pages of rows in their order', async () => {
  await fill((rows) => {
    const message = (at: number) => ({ role: at % 2 === 0 ? 'user' : 'assistant', content: `message ${at}` })
    for (const id of ['b', 'B', 'é', 'a-1', 'a'])
      rows.session(
        { id },
        Array.from({ length: 300 }, (_, at) => message(at)),
      )
  })
  const from = database.url.replace(/^postgres(ql)?:/, 'postgresql+asyncpg:')
  const { report } = await run(from, { apply: true })
  expect(report()).toMatchObject({ taken: { sessions: 5, messages: 1_500 }, ours: { messages: 1_500 }, unsound: [] })
})

it('stores in PostgreSQL what it stores in SQLite', async () => {
  await using theirs = await PostgresDatabase.create()
  makePythonFile(join(cwd, 'theirs.db'), fillWithDefects)
  const inFile = (await run('theirs.db', { apply: true })).report()
  const { exitCode, report } = await run('theirs.db', { apply: true, ours: theirs.url })
  expect([exitCode, report()]).toEqual([0, inFile])
  expect((await run('theirs.db', { apply: true, ours: theirs.url })).report()).toMatchObject({
    taken: { sessions: 0 },
    ours: inFile.taken,
  })
})

it('says so while somebody else is connected', async () => {
  await fill()
  const client = new Client({ connectionString: database.url })
  await client.connect()
  expect((await run(database.url)).report().sourceMayBeInUse).toBe(true)
  await client.end()
})

it('writes nothing, and could not', async () => {
  await fill()
  const rows = () => database.execute('select md5(string_agg(m::text, chr(10) order by id)) from messages m')
  const before = await rows()
  await run(database.url, { apply: true })
  expect(await rows()).toEqual(before)
})

it('tells what is wrong with the address, and no password', async () => {
  const nobody = new URL(database.url)
  nobody.pathname = '/nobody'
  nobody.password = 'a-secret'
  for (const from of [nobody.href, 'postgresql://u:a-secret@127.0.0.1:1/x', database.url]) {
    const { exitCode, text } = await run(from)
    expect(exitCode).toBe(1)
    expect(text).not.toContain('a-secret')
    expect(text).toMatch(/cannot be read|does not accept|is no database of the Python service/)
  }
})
