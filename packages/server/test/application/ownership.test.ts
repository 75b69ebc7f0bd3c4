import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import type { UnitOfWork } from '../../src/application/ports/store.ts'
import { Channels } from '../../src/application/readers/channels.ts'
import { alone } from '../../src/application/replicas/alone.ts'
import { Membership } from '../../src/application/replicas/membership.ts'
import { takeOver } from '../../src/application/replicas/take-over.ts'
import { RuntimeError } from '../../src/domain/errors.ts'
import { systemClock } from '../../src/infrastructure/system-clock.ts'
import { uuidIds } from '../../src/infrastructure/uuid-ids.ts'
import { silentLog } from '../contract/store/surroundings.ts'
import { Hub } from '../fakes/hub.ts'
import { owner, summary, TestApplication } from './start-application.ts'
import { ever, held, until } from './waiting.ts'

/** A store whose next unit of a kind can be made to wait, or to fail. */
class Disturbed implements UnitOfWork {
  readonly #store: UnitOfWork
  #nextRead: PromiseWithResolvers<void> | undefined
  #failsNext = false
  reading = false
  away = false

  constructor(store: UnitOfWork) {
    this.#store = store
  }

  holdNextRead(): () => void {
    const held = Promise.withResolvers<void>()
    this.#nextRead = held
    return () => held.resolve()
  }

  failNext(): void {
    this.#failsNext = true
  }

  transact: UnitOfWork['transact'] = async (work) => {
    if (this.away || this.#failsNext) {
      this.#failsNext = false
      throw new RuntimeError('storage_busy', 'The database is busy.')
    }
    return await this.#store.transact(work)
  }

  commit: UnitOfWork['commit'] = (work) => this.#store.commit(work)

  read: UnitOfWork['read'] = async (work) => {
    const waits = this.#nextRead
    this.#nextRead = undefined
    if (waits) {
      this.reading = true
      await waits.promise
    }
    return await this.#store.read(work)
  }
}

it('gives signs of life although what it does after one waits for the store', async () => {
  const silentMs = 1_500
  await using app = await TestApplication.start()
  const released = Promise.withResolvers<void>()
  let works = 0
  let losses = 0
  const member = new Membership({
    store: app.store.unitOfWork,
    clock: systemClock,
    ids: uuidIds,
    log: silentLog,
    listener: 'here',
    silentMs,
    onBeat: async () => {
      works++
      await released.promise
    },
    onLost: () => losses++,
  })
  await member.enter()
  const { id } = member
  member.start()
  await sleep(silentMs * 2)
  expect({ works, losses, held: member.held, id: member.id }).toEqual({ works: 1, losses: 0, held: true, id })
  released.resolve()
  await until(() => works > 1)
  await member.leave()
})

it('takes over the others although one session cannot be had just now, and that one later', async () => {
  await using app = await TestApplication.start()
  const answers = [held('one'), held('two')]
  app.model.push(...answers.map(({ script }) => script))
  const sessions = ['s1', 's2']
  for (const session of sessions) await app.send({ kind: 'switch', agent: 'coder', content: '' }, { session })
  // Nobody tells their readers: the others are in this process only for this test.
  for (const session of sessions) app.message('x', { session }).catch(() => undefined)
  await until(() => app.model.calls.length === 2)
  const store = new Disturbed(app.store.unitOfWork)
  const deps = { store, clock: systemClock, channels: new Channels(alone), log: silentLog }
  store.failNext()
  expect(await takeOver(deps, ever)).toEqual({ turns: 1, inputs: 0 })
  expect(await takeOver(deps, ever)).toEqual({ turns: 1, inputs: 0 })
  for (const answer of answers) answer.release()
  await until(() => !app.application.busy)
  for (const session of sessions) expect(await app.history(session)).toEqual(['user: x'])
})

it('stops the run that others have taken, and not the one that came after it', async () => {
  const hub = new Hub()
  const opened = await TestApplication.start({ replicas: { fanOut: hub.join('first'), silentMs: 60_000 } })
  await opened.application.shutDown(0)
  const { store, folder } = opened
  const unitOfWork = new Disturbed(store.unitOfWork)
  await using app = await TestApplication.start({
    folder,
    beside: { store, unitOfWork },
    replicas: { fanOut: hub.join('a'), silentMs: 60_000 },
  })
  await app.send({ kind: 'switch', agent: 'coder', content: '' })
  const [first, second] = [held('one'), held('two')]
  app.model.push(first.script, second.script)
  const sent = app.message('a')
  await until(() => app.model.calls.length === 1)
  const sid = await store.unitOfWork.read(async (tx) => (await tx.sessions.find(owner, 's1'))?.sid)
  const goOn = unitOfWork.holdNextRead()
  hub.ownerOf = () => 'a'
  hub.join('b').tell(sid ?? '')
  await until(() => unitOfWork.reading)
  first.release()
  expect(summary(await sent)).toEqual(['completed'])
  const next = app.message('b')
  await until(() => app.model.calls.length === 2)
  goOn()
  await sleep(50)
  second.release()
  expect(summary(await next)).toEqual(['completed'])
})

it('takes nothing under a name that counts as dead: after an outage it first says that it lives', async () => {
  const silentMs = 1_000
  const opened = await TestApplication.start()
  await opened.application.shutDown(0)
  const { store, folder } = opened
  const heartbeats = new Disturbed(store.unitOfWork)
  const replicas = { fanOut: new Hub().join('a'), silentMs, heartbeats }
  await using app = await TestApplication.start({ folder, beside: { store }, replicas })
  await app.send({ kind: 'switch', agent: 'coder', content: '' })
  const answer = held('hello')
  app.model.push(answer.script)
  heartbeats.away = true
  await sleep(silentMs * 1.2)
  await expect(app.message('a')).rejects.toMatchObject({ code: 'storage_busy' })
  await sleep(silentMs)
  // The next sign by itself would come a little later.
  heartbeats.away = false
  const sent = app.message('b')
  await until(() => app.model.calls.length === 1)
  // What others do as soon as they are back.
  const taken = await takeOver(
    { store: store.unitOfWork, clock: systemClock, channels: new Channels(alone), log: silentLog },
    silentMs,
  )
  expect(taken).toEqual({ turns: 0, inputs: 0 })
  answer.release()
  expect(summary(await sent)).toEqual(['completed'])
})

it('ends a run in a store that is away for long as soon as it is back', async () => {
  const opened = await TestApplication.start()
  await opened.application.shutDown(0)
  const { store, folder } = opened
  const unitOfWork = new Disturbed(store.unitOfWork)
  const clock = { ...systemClock, sleep: (ms: number, signal?: AbortSignal) => systemClock.sleep(ms / 50, signal) }
  await using app = await TestApplication.start({ folder, beside: { store, unitOfWork }, clock })
  await app.send({ kind: 'switch', agent: 'coder', content: '' })
  const answer = held('hello')
  app.model.push(answer.script)
  const sent = app.message('a')
  await until(() => app.model.calls.length === 1)
  unitOfWork.away = true
  answer.release()
  // A minute, as this clock waits.
  await sleep(1_200)
  expect(app.application.busy).toBe(true)
  unitOfWork.away = false
  expect(summary(await sent)).toEqual(['failed storage_busy'])
  expect(await app.state()).toBe('idle')
})
