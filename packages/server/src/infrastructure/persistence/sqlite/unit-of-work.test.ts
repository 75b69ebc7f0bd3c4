import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setImmediate } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { newMessage, newSession } from '../../../../test/contract/store/samples.ts'
import { silentLog, sleepingClock, temporaryFolder } from '../../../../test/contract/store/surroundings.ts'
import { openSqliteStore } from './open-store.ts'
import { SharedSync } from './shared-sync.ts'
import { Statements } from './statements.ts'
import { SqliteUnitOfWork } from './unit-of-work.ts'

let folder: ReturnType<typeof temporaryFolder>
let file: string
let database: DatabaseSync

beforeEach(async () => {
  folder = temporaryFolder()
  file = join(folder.path, 'a.db')
  const options = { file, durability: 'normal' as const, clock: sleepingClock(), log: silentLog, onFatal: () => {} }
  await (await openSqliteStore(options)).close()
  database = new DatabaseSync(file, { timeout: 0 })
})
afterEach(() => {
  database.close()
  folder[Symbol.dispose]()
})

function unitOfWorkWith(sync: SharedSync | undefined) {
  const fatal: unknown[] = []
  const statements = new Statements(database)
  const clock = sleepingClock()
  const onFatal = (error: unknown) => void fatal.push(error)
  return { unitOfWork: new SqliteUnitOfWork({ statements, sync, clock, onFatal }), fatal, clock }
}

describe('durability full', () => {
  it('shows a commit at once to who made it, and to readers when it is on the disk', async () => {
    const disk = Promise.withResolvers<void>()
    const { unitOfWork } = unitOfWorkWith(new SharedSync({ sync: () => disk.promise, onFailure: () => {} }))
    const seen: string[] = []
    const { value, durable } = await unitOfWork.commit((tx) => tx.sessions.create(newSession('s1')))
    expect(value.sid).toBe('s1')
    const all = [
      durable.then(() => seen.push('durable')),
      unitOfWork.read((tx) => tx.sessions.count()).then((count) => seen.push(`read ${count}`)),
      unitOfWork.transact((tx) => tx.sessions.count()).then((count) => seen.push(`transact ${count}`)),
    ]
    await setImmediate()
    expect(seen).toEqual([])
    disk.resolve()
    await Promise.all(all)
    expect(seen.sort()).toEqual(['durable', 'read 1', 'transact 1'])
  })

  it('syncs nothing for units that wrote nothing', async () => {
    let syncs = 0
    const sync = new SharedSync({
      sync: async () => {
        syncs += 1
      },
      onFailure: () => {},
    })
    const { unitOfWork } = unitOfWorkWith(sync)
    await unitOfWork.transact((tx) => tx.sessions.count())
    await unitOfWork.read((tx) => tx.sessions.count())
    expect(syncs).toBe(0)
    await unitOfWork.transact((tx) => tx.sessions.create(newSession('s1')))
    expect(syncs).toBe(1)
  })

  it('refuses to write after a sync that failed, even when nobody looked at `durable`', async () => {
    const failures: unknown[] = []
    const sync = new SharedSync({
      sync: () => Promise.reject(new Error('EIO')),
      onFailure: (error) => failures.push(error),
    })
    const { unitOfWork } = unitOfWorkWith(sync)
    await unitOfWork.commit((tx) => tx.sessions.create(newSession('s1')))
    await setImmediate()
    expect(failures).toHaveLength(1)
    let called = false
    const refused = unitOfWork.transact(async () => {
      called = true
    })
    await expect(refused).rejects.toMatchObject({ code: 'storage_unavailable' })
    expect(called).toBe(false)
    await expect(unitOfWork.read((tx) => tx.sessions.count())).rejects.toMatchObject({ code: 'storage_unavailable' })
  })
})

describe('units', () => {
  it('runs one at a time, in the order they were asked for', async () => {
    const { unitOfWork } = unitOfWorkWith(undefined)
    const seen: string[] = []
    const unit = (name: string) =>
      unitOfWork.transact(async (tx) => {
        seen.push(`${name} begins`)
        await tx.sessions.create(newSession(name))
        await tx.sessions.count()
        seen.push(`${name} ends`)
      })
    await Promise.all([unit('a'), unit('b'), unitOfWork.read(async () => seen.push('read')), unit('c')])
    expect(seen).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'read', 'c begins', 'c ends'])
  })
})

describe('a lock of another program', () => {
  it('is waited for 5 s, then the unit is refused with nothing done; others behind it do not wait longer', async () => {
    const { unitOfWork, clock } = unitOfWorkWith(undefined)
    using other = new DatabaseSync(file)
    other.exec('begin exclusive')
    const units = ['s1', 's2'].map((sid) => unitOfWork.transact((tx) => tx.sessions.create(newSession(sid))))
    const refused = { status: 'rejected', reason: expect.objectContaining({ code: 'storage_busy' }) }
    expect(await Promise.allSettled(units)).toEqual([refused, refused])
    expect(clock.monotonic()).toBe(5_000)
    other.exec('rollback')
    await unitOfWork.transact((tx) => tx.sessions.create(newSession('s3')))
    expect(await unitOfWork.read((tx) => tx.sessions.count())).toBe(1)
  })

  it('that goes in time delays the unit, and nothing else in the process', async () => {
    const { unitOfWork } = unitOfWorkWith(undefined)
    using other = new DatabaseSync(file)
    other.exec('begin exclusive')
    const unit = unitOfWork.transact((tx) => tx.sessions.create(newSession('s1')))
    for (let turns = 0; turns < 10; turns += 1) await setImmediate()
    other.exec('rollback')
    expect((await unit).sid).toBe('s1')
  })
})

describe('a statement that fails', () => {
  it('takes the whole unit with it when SQLite has rolled back, even when the work went on', async () => {
    const { unitOfWork } = unitOfWorkWith(undefined)
    // The smallest limit SQLite takes is what is used already: the next page is one too many, as on a full disk.
    database.exec('pragma max_page_count = 1')
    await unitOfWork.transact((tx) => tx.sessions.create(newSession('s1')))
    const big = [{ type: 'text' as const, text: 'x'.repeat(100_000) }]
    const work = unitOfWork.transact(async (tx) => {
      await tx.sessions.update('s1', { title: 'half' })
      await tx.messages.append(newMessage('s1', 'm1', { parts: big })).catch(() => {})
      await tx.sessions.update('s1', { currentAgent: 'coder' })
    })
    await expect(work).rejects.toMatchObject({ code: 'storage_unavailable' })
    expect(await unitOfWork.read((tx) => tx.sessions.get('s1'))).toMatchObject({
      title: null,
      currentAgent: 'orchestrator',
      messageCount: 0,
    })
    database.exec('pragma max_page_count = 1000000')
    await unitOfWork.transact((tx) => tx.messages.append(newMessage('s1', 'm1', { parts: big })))
    expect(await unitOfWork.read((tx) => tx.messages.list('s1'))).toHaveLength(1)
  })
})
