import { setTimeout as sleep } from 'node:timers/promises'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { owner, TestApplication } from '../application/start-application.ts'
import { calls, routes, says } from '../fakes/scripted-model.ts'

const never = new AbortController().signal

async function cleanUp(app: TestApplication, olderThanMs: number, dryRun = false) {
  const report = await app.application.maintenance.cleanUp({ dryRun, olderThanMs }, never)
  return { ...report, ids: report.sessions.map(({ externalId }) => externalId).sort() }
}

async function create(app: TestApplication, id: string, at = 1_000, ownerId = owner): Promise<void> {
  await app.store.unitOfWork.transact(async (tx) => {
    await tx.sessions.create({ sid: `sid-${id}`, ownerId, externalId: id, createdAt: at, currentAgent: 'orchestrator' })
  })
}

async function ids(app: TestApplication): Promise<string[]> {
  const { sessions } = await app.application.sessions.list({
    ownerId: owner,
    limit: 1_000,
    offset: 0,
    activeOnly: false,
  })
  return sessions.map(({ externalId }) => externalId).sort()
}

async function rowCounts(app: TestApplication, sid: string) {
  return await app.store.unitOfWork.read(async (tx) => ({
    session: (await tx.sessions.get(sid)) !== undefined,
    messages: (await tx.messages.list(sid)).length,
    calls: (await tx.calls.list(sid, 'all')).length,
    events: (await tx.log.readAfter(sid, 0, 1_000)).length,
    beside: [
      await tx.artifacts.find(sid, `c-${(await tx.sessions.get(sid))?.externalId ?? 'gone'}`),
      await tx.previews.find(sid, 'c'),
    ].filter((value) => value !== undefined).length,
  }))
}

describe('cleanup', () => {
  it('removes by last activity alone, and a dry run says exactly the same and changes nothing', async () => {
    await using app = await TestApplication.start()
    await create(app, 'old', Date.now() - 3_600_000)
    await create(app, 'other-owner', Date.now() - 3_600_000, 'somebody')
    await create(app, 'new', Date.now())
    const preview = await cleanUp(app, 60_000, true)
    expect(preview.ids).toEqual(['old', 'other-owner'])
    expect(await ids(app)).toEqual(['new', 'old'])
    expect((await cleanUp(app, 60_000)).ids).toEqual(preview.ids)
    expect(await ids(app)).toEqual(['new'])
    const events = await app.store.unitOfWork.read((tx) => tx.log.readAfter('sid-old', 0, 10))
    expect(events.map(({ type }) => type)).toEqual(['session.deleted'])
  })

  it('by the rule for sessions without a message leaves those that have one', async () => {
    await using app = await TestApplication.start({
      cleanup: { rule: { idleMs: 1, emptyOnly: true }, purgeAfterMs: 3_600_000 },
    })
    app.model.push(routes('coder'), says('hello'))
    await app.message('hi', { session: 'talked' })
    await create(app, 'empty')
    await sleep(5)
    const report = await app.application.maintenance.cleanUp({ dryRun: false }, never)
    expect(report.sessions.map(({ externalId }) => externalId)).toEqual(['empty'])
    expect(await ids(app)).toEqual(['talked'])
  })

  it('that is off removes nothing', async () => {
    await using app = await TestApplication.start()
    await create(app, 'old')
    expect(await app.application.maintenance.cleanUp({ dryRun: false }, never)).toMatchObject({
      rule: null,
      sessions: [],
    })
    expect(await ids(app)).toEqual(['old'])
  })

  it('never removes a session that waits for a person, however old, also after a restart', async () => {
    await using first = await TestApplication.start()
    first.model.push(routes('coder'), calls(['write_file', { path: 'a.ts', content: 'x' }, 'c1']))
    await first.message('write')
    await sleep(5)
    expect((await cleanUp(first, 1)).ids).toEqual([])
    await first.stop()
    const app = await TestApplication.start({ folder: first.folder })
    expect((await cleanUp(app, 1)).ids).toEqual([])
    expect(await app.application.sessions.pendingApprovals({ ownerId: owner, sessionId: 's1' })).toHaveLength(1)
    await app.stop()
  })

  it('leaves a session that runs, and takes it when it is free', async () => {
    await using app = await TestApplication.start()
    const { promise, resolve } = Promise.withResolvers<void>()
    app.model.push(routes('coder'), [{ type: 'text-delta', text: 'a' }, promise, ...says('b')])
    const sent = app.message('hi')
    while (!app.application.busy) await sleep(2)
    await sleep(10)
    expect((await cleanUp(app, 1)).ids).toEqual([])
    resolve()
    await sent
    await sleep(10)
    expect((await cleanUp(app, 1)).ids).toEqual(['s1'])
  })

  it('racing with messages never removes a session in the middle of its turn', async () => {
    await using app = await TestApplication.start()
    for (let round = 0; round < 30; round++) {
      const session = `race-${round}`
      await create(app, session)
      app.model.push(routes('coder'), says('done'))
      const sending = app.message('hi', { session }).then(
        (frames) => frames.length,
        () => 0,
      )
      const [answered, report] = await Promise.all([sending, cleanUp(app, 60_000)])
      // Either cleanup came first, and the message made a new session, or the message did and nothing went.
      expect(answered).toBeGreaterThan(0)
      expect(await ids(app)).toContain(session)
      expect(report.ids.filter((id) => id !== session)).toEqual([])
      expect(await app.state(session)).toBe('idle')
    }
  })

  it('goes through more sessions than fit into one step, also past some that stay', async () => {
    await using app = await TestApplication.start()
    const before = Date.now() - 3_600_000
    for (let index = 0; index < 130; index++) await create(app, `s${index}`, before + (index % 7))
    await app.store.unitOfWork.transact(async (tx) => {
      for (let index = 0; index < 60; index++) await tx.sessions.update(`sid-s${index}`, { state: 'awaiting_approval' })
    })
    expect((await cleanUp(app, 60_000)).ids).toHaveLength(70)
    expect(await ids(app)).toHaveLength(60)
  })
})

describe('the purge', () => {
  it('removes every row of a session that was deleted long ago, and none of another', async () => {
    await using app = await TestApplication.start({ cleanup: { rule: null, purgeAfterMs: 1 } })
    for (const session of ['gone', 'stays']) {
      app.model.push(routes('coder'), calls(['read_file', { path: 'a.ts' }, `c-${session}`]))
      await app.message('read', { session })
      app.model.push(says('done'))
      await app.send({ kind: 'tool_result', callId: `c-${session}`, result: 'text', artifact: 'all' }, { session })
    }
    const [gone, stays] = await Promise.all(
      ['gone', 'stays'].map((sessionId) => app.application.sessions.get({ ownerId: owner, sessionId })),
    )
    if (!gone || !stays) throw new Error('no session')
    await app.store.unitOfWork.transact(async (tx) => {
      const preview = { oldSha256: null, diff: '', truncated: false }
      for (const { sid } of [gone, stays]) await tx.previews.put(sid, 'c', preview)
    })
    const before = await rowCounts(app, stays.sid)
    expect(before).toMatchObject({ session: true, messages: 4, calls: 1, beside: 2 })
    await app.application.commands.deleteSession({ ownerId: owner, sessionId: 'gone' })
    await sleep(5)
    expect(await app.application.maintenance.cleanUp({ dryRun: true }, never)).toMatchObject({ purged: 1 })
    expect((await app.application.maintenance.cleanUp({ dryRun: false }, never)).purged).toBe(1)
    expect(await rowCounts(app, gone.sid)).toEqual({ session: false, messages: 0, calls: 0, events: 0, beside: 0 })
    expect(await rowCounts(app, stays.sid)).toEqual(before)
  })

  it('waits for every handler that follows the log', async () => {
    const seen: string[] = []
    const handler = (name: string) => ({
      name,
      types: new Set(['session.deleted'] as const),
      handle: async (_tx: unknown, events: readonly { readonly event: { readonly sid: string } }[]) => {
        seen.push(...events.map(({ event }) => `${name} ${event.sid}`))
      },
    })
    await using app = await TestApplication.start({
      cleanup: { rule: null, purgeAfterMs: 1 },
      handlers: [handler('first'), handler('second')],
    })
    await create(app, 's1')
    await app.application.commands.deleteSession({ ownerId: owner, sessionId: 's1' })
    await sleep(5)
    const purge = async (dryRun: boolean) => (await app.application.maintenance.cleanUp({ dryRun }, never)).purged
    expect([await purge(true), await purge(false)]).toEqual([0, 0])

    // One of them has come to the end of the log, the other has not.
    await app.store.unitOfWork.transact(async (tx) => {
      await tx.handlers.advance('second', { to: await tx.handlers.lastPosition(), handled: 1, failed: 0 })
    })
    expect([await purge(true), await purge(false)]).toEqual([0, 0])
    expect((await rowCounts(app, 'sid-s1')).events).toBe(1)

    app.handlers?.start()
    await app.handlers?.caughtUp()
    expect(seen).toEqual(['first sid-s1'])
    expect([await purge(true), await purge(false)]).toEqual([1, 1])
    expect(await rowCounts(app, 'sid-s1')).toEqual({ session: false, messages: 0, calls: 0, events: 0, beside: 0 })
  })

  it('waits for its time', async () => {
    await using app = await TestApplication.start({ cleanup: { rule: null, purgeAfterMs: 3_600_000 } })
    await create(app, 's1')
    await app.application.commands.deleteSession({ ownerId: owner, sessionId: 's1' })
    expect((await app.application.maintenance.cleanUp({ dryRun: false }, never)).purged).toBe(0)
    expect((await rowCounts(app, 'sid-s1')).session).toBe(true)
  })
})

it('whatever sessions there are, exactly those go that are old, idle and waited for by nobody', async () => {
  const states = ['idle', 'running', 'awaiting_tool', 'awaiting_approval'] as const
  const session = fc.record({
    age: fc.integer({ min: 0, max: 10 }),
    state: fc.constantFrom(...states),
    queued: fc.boolean(),
    owner: fc.constantFrom(owner, 'a', 'z'),
  })
  await using app = await TestApplication.start()
  let round = 0
  await fc.assert(
    fc.asyncProperty(fc.array(session, { maxLength: 60 }), fc.integer({ min: 1, max: 9 }), async (made, limit) => {
      const prefix = `p${round++}-`
      const now = Date.now()
      const minute = 60_000
      await app.store.unitOfWork.transact(async (tx) => {
        for (const [index, { age, state, queued, owner: ownerId }] of made.entries()) {
          const sid = `${prefix}${index}`
          const createdAt = now - age * minute - minute / 2
          await tx.sessions.create({ sid, ownerId, externalId: sid, createdAt, currentAgent: 'coder' })
          await tx.sessions.update(sid, { state })
          if (!queued) continue
          await tx.inputs.add({
            id: sid,
            sid,
            kind: 'message',
            state: 'waiting',
            bodyJson: '{}',
            createdAt,
            repeat: null,
            run: null,
            replica: null,
          })
        }
      })
      const { ids: removed } = await cleanUp(app, limit * minute)
      const expected = made.flatMap(({ age, state, queued }, index) =>
        age >= limit && state === 'idle' && !queued ? [`${prefix}${index}`] : [],
      )
      // Of earlier rounds some were too young then.
      expect(removed.filter((id) => id.startsWith(prefix))).toEqual(expected.sort())
    }),
    { numRuns: 20 },
  )
}, 60_000)
