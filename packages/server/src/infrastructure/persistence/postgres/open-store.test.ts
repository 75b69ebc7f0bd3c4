import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import type { Migration } from 'kysely/migration'
import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newCall, newSession, OWNER } from '../../../../test/contract/store/samples.ts'
import { realClock, silentLog } from '../../../../test/contract/store/surroundings.ts'
import { PostgresDatabase } from '../../../../test/postgres/database.ts'
import { PostgresServer } from '../../../../test/postgres/server.ts'
import { migrated, poolOfTests } from '../../../../test/test-store.ts'
import type { Transaction } from '../../../application/ports/store.ts'
import { migrations } from '../migrations/index.ts'
import { openPostgresStore, type PostgresStoreOptions } from './open-store.ts'

const options = { durability: 'full', ...poolOfTests, clock: realClock, log: silentLog } as const
let template: PostgresDatabase

beforeAll(async () => {
  template = await migrated()
})
afterAll(() => template[Symbol.asyncDispose]())

async function open(url: string, more: Partial<PostgresStoreOptions> = {}) {
  const store = await openPostgresStore({ ...options, ...more, url })
  return { ...store, [Symbol.asyncDispose]: () => store.close() }
}

function refused(text: RegExp) {
  return expect.objectContaining({ code: 'storage_unavailable', message: expect.stringMatching(text) })
}

describe('a start', () => {
  it('makes the tables once, however many processes start at once', async () => {
    await using database = await PostgresDatabase.create()
    const stores = await Promise.all([open(database.url), open(database.url), open(database.url)])
    expect(stores.map(({ created }) => created).sort()).toEqual([false, false, true])
    expect(new Set(stores.map(({ schemaVersion }) => schemaVersion)).size).toBe(1)
    for (const store of stores) await store.close()
  })

  it('refuses the database of a newer version, and one of another program', async () => {
    await using newer = await PostgresDatabase.create(undefined, template)
    const later: Migration = { up: async (db) => void (await sql`select 1`.execute(db)) }
    await (await open(newer.url, { migrations: { ...migrations, '999-later': later } })).close()
    await expect(open(newer.url)).rejects.toEqual(refused(/newer CodeLab.*another database/))
    await using other = await PostgresDatabase.create()
    await other.execute('create table theirs (id integer)')
    await expect(open(other.url)).rejects.toEqual(refused(/belongs to another program.*"theirs"/))
  })

  it('changes nothing when a migration fails', async () => {
    await using database = await PostgresDatabase.create(undefined, template)
    const broken: Migration = {
      up: async (db) => {
        await sql`create table half ()`.execute(db)
        await sql`select nonsense`.execute(db)
      },
    }
    const withBroken = { migrations: { ...migrations, '999-broken': broken } }
    await expect(open(database.url, withBroken)).rejects.toEqual(refused(/could not be brought to schema 999-broken/))
    expect(await database.execute("select to_regclass('half') as half")).toEqual([{ half: null }])
    await (await open(database.url)).close()
  })

  it('says what is wrong, and never the password', async () => {
    const nowhere = 'postgres://u:secret-word@127.0.0.1:1/none'
    const error = await open(nowhere).catch((thrown: Error) => thrown)
    expect(error).toEqual(refused(/127\.0\.0\.1:1\/none cannot be opened.*ECONNREFUSED/))
    expect(String(error)).not.toContain('secret-word')
    const missing = new URL(template.url)
    missing.pathname = '/no_such'
    await expect(open(missing.href)).rejects.toEqual(refused(/does not exist/))
  })
})

describe('texts', () => {
  it('come back as they were, U+0000 and halves of surrogate pairs too', async () => {
    await using database = await PostgresDatabase.create(undefined, template)
    await using store = await open(database.url)
    const text = '{"a":"\0\u0010\ud83d 😀"}'
    const found = await store.unitOfWork.transact(async (tx) => {
      await tx.sessions.create(newSession('s1'))
      await tx.sessions.update('s1', { title: text })
      await tx.calls.create({ ...newCall('s1', 'c\0'), argumentsJson: text })
      return { session: await tx.sessions.get('s1'), call: await tx.calls.find('s1', 'c\0') }
    })
    expect(found).toMatchObject({ session: { title: text }, call: { callId: 'c\0', argumentsJson: text } })
  })
})

describe('units that meet', () => {
  it('in a deadlock are both carried out', async () => {
    await using database = await PostgresDatabase.create(undefined, template)
    await using store = await open(database.url)
    const { unitOfWork } = store
    await unitOfWork.transact(async (tx) => {
      for (const sid of ['s1', 's2']) await tx.sessions.create(newSession(sid))
    })
    const both = [Promise.withResolvers<void>(), Promise.withResolvers<void>()] as const
    const met = Promise.all(both.map(({ promise }) => promise))
    const count = async (tx: Transaction, sid: string) => {
      const session = await tx.sessions.get(sid)
      await tx.sessions.update(sid, { switchCount: (session?.switchCount ?? 0) + 1 })
    }
    const unit = (mine: 0 | 1, sids: readonly [string, string]) =>
      unitOfWork.transact(async (tx) => {
        await count(tx, sids[0])
        both[mine].resolve()
        await met
        await count(tx, sids[1])
      })
    await Promise.all([unit(0, ['s1', 's2']), unit(1, ['s2', 's1'])])
    const counts = await unitOfWork.read(async (tx) => [await tx.sessions.get('s1'), await tx.sessions.get('s2')])
    expect(counts.map((session) => session?.switchCount)).toEqual([2, 2])
  })

  it('take a cursor that nobody had before one after the other', async () => {
    await using database = await PostgresDatabase.create(undefined, template)
    await using store = await open(database.url)
    const work = () =>
      store.unitOfWork.transact(async (tx) => {
        const position = await tx.handlers.take('new')
        await sleep(50)
        await tx.handlers.advance('new', { to: position + 1, handled: 1, failed: 0 })
      })
    await Promise.all([work(), work(), work()])
    expect(await store.unitOfWork.read((tx) => tx.handlers.cursor('new'))).toBe(3)
  })

  it('leave out of those that can be had what somebody else has, and wait for none', async () => {
    await using database = await PostgresDatabase.create(undefined, template)
    await using store = await open(database.url)
    const { unitOfWork } = store
    await unitOfWork.transact(async (tx) => {
      for (const sid of ['s1', 's2']) await tx.sessions.create(newSession(sid))
    })
    const [taken, done] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const first = unitOfWork.transact(async (tx) => {
      await tx.sessions.get('s1')
      taken.resolve()
      await done.promise
    })
    await taken.promise
    expect([...(await unitOfWork.transact((tx) => tx.sessions.takeFree(['s1', 's2'])))]).toEqual(['s2'])
    done.resolve()
    await first
  })

  it('wait for a session that somebody else has, and are refused after 5 s with nothing done', async () => {
    await using database = await PostgresDatabase.create(undefined, template)
    await using store = await open(database.url)
    await store.unitOfWork.transact((tx) => tx.sessions.create(newSession('s1')))
    const other = new Client({ connectionString: database.url })
    await other.connect()
    await other.query('begin; select * from sessions for update')
    const work = store.unitOfWork.transact((tx) => tx.sessions.find(OWNER, 'ext-s1'))
    await expect(work).rejects.toMatchObject({ code: 'storage_busy' })
    await other.query('rollback')
    await other.end()
    expect(await store.unitOfWork.transact((tx) => tx.sessions.find(OWNER, 'ext-s1'))).toMatchObject({ sid: 's1' })
  })

  it('say why the first statement failed, and not that the later ones came after it', async () => {
    await using database = await PostgresDatabase.create(undefined, template)
    await using store = await open(database.url)
    const work = store.unitOfWork.transact(async (tx) => {
      await tx.replicas.enter('one', 'here')
      await tx.replicas.enter('one', 'here')
      await tx.sessions.get('s1')
    })
    // Not 25P02: "current transaction is aborted".
    await expect(work).rejects.toMatchObject({ code: '23505' })
  })
})

describe('the log of all sessions', () => {
  it('is not read past an event whose commit comes later than that of the next', async () => {
    await using database = await PostgresDatabase.create(undefined, template)
    await using store = await open(database.url)
    const { unitOfWork } = store
    const event = { type: 'session.renamed' as const, facts: {} }
    await unitOfWork.transact(async (tx) => {
      for (const sid of ['s1', 's2']) await tx.sessions.create(newSession(sid))
    })
    const appended = Promise.withResolvers<void>()
    const goesOn = Promise.withResolvers<void>()
    const late = unitOfWork.transact(async (tx) => {
      await tx.log.append('s1', 1, [event])
      // An insert is sent and not waited for; what is read after it comes after it.
      await tx.sessions.count()
      appended.resolve()
      await goesOn.promise
    })
    await appended.promise
    await unitOfWork.transact((tx) => tx.log.append('s2', 1, [event]))
    const read = () => unitOfWork.transact((tx) => tx.handlers.readAfter(0, 10))
    expect(await read()).toEqual([])
    goesOn.resolve()
    await late
    // Others share the server, so that a look may have to be repeated.
    await expect.poll(async () => (await read()).map((logged) => logged.event.sid)).toEqual(['s1', 's2'])
  })
})

/** Passes on what is said to a database. After `cutNextCommit` it passes a commit on, and cuts the connection in place of its answer. */
async function startCutter(target: string) {
  const { port, hostname } = new URL(target)
  let cuts: 'no' | 'after the commit' | 'before the commit' = 'no'
  const server = createServer((client) => {
    const database = connect(Number(port), hostname)
    const end = () => {
      client.destroy()
      database.destroy()
    }
    client.on('error', end).on('close', end)
    database.on('error', end).on('close', end)
    let silent = false
    client.on('data', (bytes) => {
      const commits = cuts !== 'no' && bytes.includes('commit\0')
      if (commits && cuts === 'before the commit') {
        cuts = 'no'
        return end()
      }
      if (commits) silent = true
      database.write(bytes)
    })
    database.on('data', (bytes) => {
      if (!silent) return void client.write(bytes)
      cuts = 'no'
      end()
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = new URL(target)
  url.port = String((server.address() as AddressInfo).port)
  return {
    url: url.href,
    cut: (how: typeof cuts) => {
      cuts = how
    },
    [Symbol.dispose]: () => void server.close(),
  }
}

describe('a connection that breaks while it commits', () => {
  it.each([
    ['after the commit', 1],
    ['before the commit', 0],
  ] as const)('%s: the unit is told what became of it', async (how, stored) => {
    await using database = await PostgresDatabase.create(undefined, template)
    using cutter = await startCutter(database.url)
    await using store = await open(cutter.url)
    cutter.cut(how)
    const [outcome] = await Promise.allSettled([
      store.unitOfWork.transact((tx) => tx.sessions.create(newSession('s1'))),
    ])
    if (stored === 1) expect(outcome).toMatchObject({ status: 'fulfilled', value: { sid: 's1' } })
    else expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'storage_unavailable' } })
    expect(await store.unitOfWork.read((tx) => tx.sessions.count())).toBe(stored)
  })

  it('is let go before that is asked: there may be no other', async () => {
    await using database = await PostgresDatabase.create(undefined, template)
    using cutter = await startCutter(database.url)
    await using store = await open(cutter.url, { connections: 2 })
    const done = Promise.withResolvers<void>()
    const busy = store.unitOfWork.read(() => done.promise)
    cutter.cut('after the commit')
    expect(await store.unitOfWork.transact((tx) => tx.sessions.create(newSession('s1')))).toMatchObject({ sid: 's1' })
    done.resolve()
    await busy
  })
})

describe('a database that goes away', () => {
  it('fails what is under way, and the next unit after its return works', async () => {
    await using server = await PostgresServer.start({ durable: true })
    await using database = await PostgresDatabase.create(server.url())
    await using store = await open(database.url)
    const { unitOfWork } = store
    await unitOfWork.transact((tx) => tx.sessions.create(newSession('s1')))
    const cut = unitOfWork.transact(async (tx) => {
      await tx.sessions.create(newSession('s2'))
      await server.stop('kill')
      await tx.sessions.update('s2', { title: 'half' })
    })
    await expect(cut).rejects.toMatchObject({ code: 'storage_unavailable' })
    await expect(unitOfWork.read((tx) => tx.sessions.count())).rejects.toMatchObject({ code: 'storage_unavailable' })
    await server.start()
    expect(await unitOfWork.read((tx) => tx.sessions.count())).toBe(1)
    await unitOfWork.transact((tx) => tx.sessions.create(newSession('s2')))
    // Connections that nobody used meanwhile are no obstacle.
    await server.stop()
    await server.start()
    expect(await unitOfWork.transact((tx) => tx.sessions.count())).toBe(2)
  })
})
