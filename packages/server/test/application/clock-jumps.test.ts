import { describe, expect, it } from 'vitest'
import type { RunFrame } from '../../src/application/index.ts'
import { says } from '../fakes/scripted-model.ts'
import { JumpingClock } from '../jumping-clock.ts'
import { events, owner, type StartOptions, summary, TestApplication } from './start-application.ts'
import { runsNow, until } from './waiting.ts'

const hour = 3_600_000
const never = new AbortController().signal

/** A session that ask has, so that each message is one model call. */
async function start(
  options: StartOptions = {},
): Promise<{ readonly app: TestApplication; readonly clock: JumpingClock }> {
  const clock = new JumpingClock()
  const app = await TestApplication.start({ ...options, clock })
  await app.send({ kind: 'switch', agent: 'ask', content: '' })
  return { app, clock }
}

function isDrafted(app: TestApplication): Promise<boolean> {
  return app.store.unitOfWork.transact(async (tx) => {
    const [run] = await runsNow(tx)
    return run !== undefined && (await tx.drafts.takeOfRun(run.runId)).length > 0
  })
}

const hanging = [{ type: 'text-delta' as const, text: 'half' }, new Promise(() => {})]

describe.each([
  ['ahead', hour],
  ['back', -hour],
])('a clock that jumps an hour %s', (_, jump) => {
  it('changes nothing of the order in a session', async () => {
    const { app, clock } = await start()
    await using _app = app
    app.model.push(says('one'), says('two'), says('three'))
    await app.message('a')
    clock.jump(jump)
    await app.message('b')
    clock.jump(-jump)
    await app.message('c')
    expect(await app.history()).toEqual([
      'user: a',
      'assistant: one',
      'user: b',
      'assistant: two',
      'user: c',
      'assistant: three',
    ])
    const { sid } = await app.application.sessions.get({ ownerId: owner, sessionId: 's1' })
    const log = await app.store.unitOfWork.read((tx) => tx.log.readAfter(sid, 0, 1_000))
    expect(log.map(({ seq }) => seq)).toEqual(log.map((_event, index) => index + 1))
    expect(app.model.calls.at(-1)?.messages.filter(({ role }) => role === 'user')).toHaveLength(3)
  })

  it('ends no run early, and none late', async () => {
    const { app, clock } = await start({ limits: { runMs: 500 } })
    await using _app = app
    const slow = Promise.withResolvers<void>()
    app.model.push([slow.promise, ...says('done')], hanging)
    const answered = app.message('a')
    await until(() => app.model.calls.length === 1)
    clock.jump(jump)
    expect(app.application.activity.oldestRunMs).toBeLessThan(60_000)
    slow.resolve()
    const frames = await answered
    expect(summary(frames)).toEqual(['completed'])
    const ended = events(frames).find((event) => event.type === 'run.ended')
    expect(ended?.facts.durationMs).toBeGreaterThanOrEqual(0)
    expect(ended?.facts.durationMs).toBeLessThan(60_000)

    const stopped = app.message('b')
    await until(() => app.model.calls.length === 2)
    clock.jump(jump)
    expect(summary(await stopped)).toEqual(['failed run_timeout'])
  })

  it('lets an input wait in line as long as it may', async () => {
    const { app, clock } = await start({ limits: { queueWaitMs: 30_000 } })
    await using _app = app
    const slow = Promise.withResolvers<void>()
    app.model.push([slow.promise, ...says('one')], says('two'))
    const first = app.message('a')
    await until(() => app.model.calls.length === 1)
    const second = app.message('b')
    await until(() => app.application.activity.inputsWaiting > 0)
    clock.jump(jump)
    slow.resolve()
    expect(summary(await first)).toEqual(['completed'])
    expect(summary(await second)).toEqual(['queued 1', 'completed'])
  })

  it('does not keep what a model writes from being stored', async () => {
    const { app, clock } = await start()
    await using _app = app
    app.model.push(hanging)
    const sent = app.message('a')
    await until(() => app.model.calls.length === 1)
    clock.jump(jump)
    await until(() => isDrafted(app))
    await app.application.commands.cancelTurn({ ownerId: owner, sessionId: 's1' })
    expect(summary(await sent)).toEqual(['cancelled cancelled'])
  })

  it('makes nothing old: cleanup and purge leave what has been left alone for minutes', async () => {
    const rule = { idleMs: hour / 2, emptyOnly: false }
    const { app, clock } = await start({ cleanup: { rule, purgeAfterMs: hour / 2 } })
    await using _app = app
    app.model.push(says('one'))
    await app.message('a')
    await app.application.commands.createSession({ ownerId: owner, sessionId: 'deleted' })
    await app.application.commands.deleteSession({ ownerId: owner, sessionId: 'deleted' })
    clock.jump(jump)
    const { cleanUp } = app.application.maintenance
    expect(await cleanUp({ dryRun: true }, never)).toMatchObject({ sessions: [], purged: 0 })
    expect(await cleanUp({ dryRun: false }, never)).toMatchObject({ sessions: [], purged: 0 })
    expect(await app.state()).toBe('idle')
  })

  it('still knows a message that comes again under its key', async () => {
    const { app, clock } = await start()
    await using _app = app
    app.model.push(says('one'))
    const send = async () => {
      const body = { kind: 'message' as const, content: 'a' }
      const input = { ownerId: owner, sessionId: 's1', client: null, body, repeatKey: 'k1' }
      const frames: RunFrame[] = []
      for await (const frame of app.application.commands.streamInput(input, never)) frames.push(frame)
      return summary(frames)
    }
    expect(await send()).toEqual(['completed'])
    clock.jump(jump)
    expect(await send()).toEqual(['completed'])
    expect(app.model.calls).toHaveLength(1)
  })

  it('is in no figure: they tell how long runs worked', async () => {
    const { app, clock } = await start()
    await using _app = app
    const slow = Promise.withResolvers<void>()
    app.model.push([slow.promise, ...says('done')])
    const answered = app.message('a')
    await until(() => app.model.calls.length === 1)
    clock.jump(jump)
    slow.resolve()
    await answered
    const { agents } = await app.application.events.figures(owner)
    const ask = agents.find(({ agent }) => agent === 'ask')
    expect(ask?.totalMs).toBeGreaterThanOrEqual(0)
    expect(ask?.totalMs).toBeLessThan(60_000)
  })
})
