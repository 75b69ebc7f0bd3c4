import { chmodSync, existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { sql } from 'kysely'
import type { Migration } from 'kysely/migration'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { newMessage, newSession } from '../../../../test/contract/store/samples.ts'
import { realClock, silentLog, temporaryFolder } from '../../../../test/contract/store/surroundings.ts'
import { migrations } from '../migrations/index.ts'
import { openSqliteStore, type SqliteStoreOptions } from './open-store.ts'

let folder: ReturnType<typeof temporaryFolder>
let file: string

beforeEach(() => {
  folder = temporaryFolder()
  file = join(folder.path, 'data', 'agent_runtime.db')
})
afterEach(() => folder[Symbol.dispose]())

function openStore(differing: Partial<SqliteStoreOptions> = {}) {
  const onFatal = (error: unknown) => {
    throw error
  }
  return openSqliteStore({ file, durability: 'full', clock: realClock, log: silentLog, onFatal, ...differing })
}

const addColumn: Migration = {
  async up(db) {
    await sql`alter table sessions add column colour text`.execute(db)
  },
}
const failing: Migration = {
  async up(db) {
    await sql`alter table sessions add column smell text`.execute(db)
    await sql`alter table nowhere add column x text`.execute(db)
  },
}

function columns(path: string): string[] {
  using database = new DatabaseSync(path)
  return database
    .prepare('pragma table_info(sessions)')
    .all()
    .map((row) => String(row['name']))
}

const newest = Number(Object.keys(migrations).sort().at(-1)?.slice(0, 3))

describe('migration 007', () => {
  it('takes full results out of the calls', async () => {
    const before = Object.fromEntries(Object.entries(migrations).filter(([name]) => name < '007'))
    await (await openStore({ migrations: before })).close()
    using database = new DatabaseSync(file)
    database.exec(`insert into sessions (sid, owner_id, external_id, created_at, last_activity, is_active, current_agent,
        agent_chosen, switch_count, message_count, last_seq, state)
      values ('s1', 'o', 'x', 1, 1, 1, 'coder', 0, 0, 0, 0, 'idle')`)
    const call = (
      id: string,
      full: string,
    ) => `insert into tool_calls (sid, call_id, turn_id, message_id, call_index, tool,
        agent, arguments_json, state, approval_implicit, created_at, full_result)
      values ('s1', '${id}', 't', 'm', 0, 'read_file', 'coder', '{}', 'answered', 0, 1, ${full})`
    database.exec(call('long', "'all of it'"))
    database.exec(call('short', 'null'))
    database.close()
    const store = await openStore()
    await store.unitOfWork.read(async (tx) => {
      expect(await tx.artifacts.find('s1', 'long')).toBe('all of it')
      expect(await tx.artifacts.find('s1', 'short')).toBeUndefined()
      expect(await tx.calls.find('s1', 'long')).toMatchObject({ tool: 'read_file', state: 'answered' })
    })
    await store.close()
  })
})

describe('opening', () => {
  it('makes the folder and the schema, private to their owner', async () => {
    const store = await openStore()
    expect(store).toMatchObject({ created: true, schemaVersion: newest })
    expect(await store.sessionCount()).toBe(0)
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(statSync(`${file}-wal`).mode & 0o777).toBe(0o600)
    expect(statSync(`${file}.lock`).mode & 0o777).toBe(0o600)
    await store.close()
    await store.close()
    expect(readdirSync(join(folder.path, 'data')).sort()).toEqual(['agent_runtime.db', 'agent_runtime.db.lock'])
  })

  it('makes a lock private that an earlier version left open to all', async () => {
    await (await openStore()).close()
    chmodSync(`${file}.lock`, 0o644)
    await (await openStore()).close()
    expect(statSync(`${file}.lock`).mode & 0o777).toBe(0o600)
  })

  it('finds what was left', async () => {
    const first = await openStore()
    await first.unitOfWork.transact((tx) => tx.sessions.create(newSession('s1')))
    await first.close()
    const second = await openStore()
    expect(second).toMatchObject({ created: false, schemaVersion: newest })
    expect(await second.sessionCount()).toBe(1)
    await second.close()
    expect(readdirSync(join(folder.path, 'data')).filter((name) => name.endsWith('.bak'))).toEqual([])
  })

  it('refuses units after the end, and lets those before it finish', async () => {
    const store = await openStore()
    const unit = store.unitOfWork.transact((tx) => tx.sessions.create(newSession('s1')))
    await store.close()
    expect((await unit).sid).toBe('s1')
    await expect(store.sessionCount()).rejects.toMatchObject({ code: 'storage_unavailable' })
  })

  it('keeps one write-ahead log, of bounded size, as long as the database is open', async () => {
    const store = await openStore()
    const before = statSync(`${file}-wal`)
    await store.unitOfWork.transact((tx) => tx.sessions.create(newSession('s1')))
    const parts = [{ type: 'text' as const, text: 'x'.repeat(200_000) }]
    for (let n = 0; n < 100; n += 1) {
      await store.unitOfWork.transact((tx) => tx.messages.append(newMessage('s1', `m${n}`, { parts })))
    }
    using other = new DatabaseSync(file)
    other.exec('pragma wal_checkpoint(truncate)')
    other.close()
    await store.unitOfWork.transact((tx) => tx.messages.append(newMessage('s1', 'last', { parts })))
    const after = statSync(`${file}-wal`)
    expect(after.ino).toBe(before.ino)
    expect(after.size).toBeLessThan(8_000_000)
    await store.close()
  })

  it.each([
    [
      'no database',
      () => writeFileSync(file, 'this is a text, and a long one, so that it is no header of a database at all'),
      /not a database/,
    ],
    ['a folder', () => mkdirSync(file), /It is a folder/],
  ])('refuses %s, with what to do', async (_, prepare, text) => {
    mkdirSync(join(folder.path, 'data'))
    prepare()
    const refused = openStore()
    await expect(refused).rejects.toMatchObject({ code: 'storage_unavailable' })
    await expect(openStore()).rejects.toThrow(text)
    await expect(openStore()).rejects.toThrow('set CODELAB_DATABASE_URL to another file')
  })

  it('refuses a path that leads through a file', async () => {
    writeFileSync(join(folder.path, 'data'), '')
    await expect(openStore()).rejects.toThrow(/a file where a folder should be/)
  })

  it('calls the database by its path from the working folder', async () => {
    const inside = join(process.cwd(), 'package.json', 'a.db')
    await expect(openStore({ file: inside })).rejects.toThrow(`The database ${relative(process.cwd(), inside)} `)
  })
})

describe('migrations', () => {
  it('leave a copy of what was there before the first change', async () => {
    const first = await openStore()
    await first.unitOfWork.transact((tx) => tx.sessions.create(newSession('s1')))
    await first.close()
    const second = await openStore({
      migrations: { ...migrations, '900-colour': addColumn, '901-more': { up: async () => {} } },
    })
    expect(second.schemaVersion).toBe(901)
    expect(await second.sessionCount()).toBe(1)
    await second.close()
    expect(columns(file)).toContain('colour')

    const copy = `${file}.before-900.bak`
    expect(columns(copy)).not.toContain('colour')
    expect(statSync(copy).mode & 0o777).toBe(0o600)
    const old = await openStore({ file: copy })
    expect(await old.sessionCount()).toBe(1)
    await old.close()
    expect(existsSync(`${file}.before-901.bak`)).toBe(false)
  })

  it('that fail change nothing, and may be tried again', async () => {
    const first = await openStore()
    await first.unitOfWork.transact((tx) => tx.sessions.create(newSession('s1')))
    await first.close()
    for (let attempt = 0; attempt < 2; attempt += 1) {
      const refused = openStore({ migrations: { ...migrations, '900-smell': failing } })
      await expect(refused).rejects.toThrow(/could not be brought to schema 900-smell; it is as it was before/)
    }
    expect(columns(file)).not.toContain('smell')
    const again = await openStore()
    expect(await again.sessionCount()).toBe(1)
    await again.close()
  })

  it('refuse a schema that is newer than the code', async () => {
    const newer = await openStore({ migrations: { ...migrations, '900-colour': addColumn } })
    await newer.close()
    const refused = openStore()
    await expect(refused).rejects.toMatchObject({ code: 'storage_unavailable' })
    await expect(openStore()).rejects.toThrow(/newer CodeLab \(schema 900-colour; this one knows \d{3}-[a-z-]+\)/)
    expect(columns(file)).toContain('colour')
  })

  it('refuse the database of another program', async () => {
    mkdirSync(join(folder.path, 'data'))
    using database = new DatabaseSync(file)
    database.exec('create table sessions (id text)')
    database.close()
    await expect(openStore()).rejects.toThrow(/belongs to another program \(it has a table "sessions"/)
    expect(columns(file)).toEqual(['id'])
  })
})
