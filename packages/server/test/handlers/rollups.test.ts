import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Transaction, UnitOfWork } from '../../src/application/ports/store.ts'
import type { NewEvent } from '../../src/domain/event.ts'
import type { EventHandler } from '../../src/infrastructure/handlers/event-handler.ts'
import { createEventHandlers } from '../../src/infrastructure/handlers/event-handlers.ts'
import { metricRollups } from '../../src/infrastructure/handlers/metric-rollups.ts'
import { openSqliteStore } from '../../src/infrastructure/persistence/sqlite/open-store.ts'
import { newRun, newSession, OWNER } from '../contract/store/samples.ts'
import { realClock, silentLog, temporaryFolder } from '../contract/store/surroundings.ts'

const clock = { ...realClock, sleep: (_ms: number, signal?: AbortSignal) => realClock.sleep(1, signal) }

async function openStage(file: string) {
  const store = await openSqliteStore({
    file,
    durability: 'normal',
    clock: realClock,
    log: silentLog,
    onFatal: (error) => {
      throw error
    },
  })
  await store.unitOfWork.transact(async (tx) => {
    await tx.sessions.create(newSession('s1'))
    await tx.sessions.create(newSession('s2'))
    await tx.sessions.create(newSession('foreign', { ownerId: 'other' }))
    for (const sid of ['s1', 's2', 'foreign']) {
      for (const agent of ['coder', 'ask'])
        await tx.runs.create(newRun(sid, `${sid}-${agent}`, { agent, startedAt: 100 }))
    }
  })
  return store
}

async function figures(store: UnitOfWork) {
  return await store.read(async ({ statistics }) => ({
    switches: await statistics.switches(OWNER),
    agents: await statistics.agents(OWNER),
    tools: await statistics.tools(OWNER),
    errors: await statistics.errors(OWNER),
  }))
}

const ids = (tool: string) => ({ callId: 'c', tool })
const agent = fc.constantFrom('coder', 'ask')
const tool = fc.constantFrom('read_file', 'write_file')
const anyEvent: fc.Arbitrary<(sid: string) => NewEvent> = fc.oneof(
  fc.tuple(agent, agent).map(
    ([from, to]) =>
      (): NewEvent => ({
        type: 'agent.switched',
        facts: { from, to, reason: '', confidence: null, by: 'router', only: false },
      }),
  ),
  fc.tuple(agent, fc.boolean()).map(
    ([of, failed]) =>
      (sid: string): NewEvent => ({
        type: 'run.ended',
        runId: `${sid}-${of}`,
        facts: failed ? { outcome: 'failed', error: { code: 'upstream_timeout', text: '' } } : { outcome: 'completed' },
      }),
  ),
  fc.tuple(tool, fc.boolean()).map(
    ([name, requiresApproval]) =>
      (): NewEvent => ({
        type: 'tool_call.created',
        facts: { ...ids(name), requiresApproval },
      }),
  ),
  fc.tuple(tool, fc.boolean()).map(
    ([name, failed]) =>
      (): NewEvent => ({
        type: 'tool_result.created',
        facts: { ...ids(name), messageId: 'm', failed },
      }),
  ),
  fc.tuple(tool, fc.constantFrom('system', null)).map(
    ([name, by]) =>
      (): NewEvent => ({
        type: 'approval.decided',
        facts: { ...ids(name), decision: 'reject', implicit: false, by },
      }),
  ),
  fc.constant((): NewEvent => ({ type: 'session.renamed', facts: {} })),
)
const batches = fc.array(fc.tuple(fc.constantFrom('s1', 's2', 'foreign'), fc.array(anyEvent, { maxLength: 12 })), {
  maxLength: 8,
})

describe('the figures', () => {
  it('count what was committed, before the handler has seen it', async () => {
    using folder = temporaryFolder()
    const store = await openStage(join(folder.path, 'a.db'))
    const call = (requiresApproval: boolean): NewEvent => ({
      type: 'tool_call.created',
      facts: { ...ids('write_file'), requiresApproval },
    })
    const decided = (by: string | null): NewEvent => ({
      type: 'approval.decided',
      facts: { ...ids('write_file'), decision: 'reject', implicit: false, by },
    })
    const result = {
      type: 'tool_result.created',
      facts: { ...ids('write_file'), messageId: 'm', failed: false },
    } as const
    await store.unitOfWork.transact(async (tx) => {
      await tx.log.append('foreign', 350, [call(true)])
      await tx.log.append('s1', 350, [
        call(true),
        call(false),
        decided(null),
        decided('system'),
        result,
        { ...result, facts: { ...result.facts, byDecision: true } },
        { type: 'run.ended', runId: 's1-coder', facts: { outcome: 'failed', error: { code: 'internal', text: '' } } },
      ])
    })
    expect(await figures(store.unitOfWork)).toEqual({
      switches: [],
      agents: [{ agent: 'coder', runs: 1, failed: 1, totalMs: 250 }],
      tools: [
        {
          tool: 'write_file',
          requested: 2,
          completed: 1,
          failed: 0,
          requiredApproval: 1,
          approved: 0,
          edited: 0,
          rejected: 1,
        },
      ],
      errors: [{ agent: 'coder', code: 'internal', count: 1 }],
    })
    await store.close()
  })

  it('are the same whenever they are counted, and however often the handler is killed', async () => {
    await fc.assert(
      fc.asyncProperty(
        batches,
        fc.array(fc.constantFrom('before', 'after', 'never'), { maxLength: 12 }),
        async (log, kills) => {
          using folder = temporaryFolder()
          const file = join(folder.path, 'a.db')
          const store = await openStage(file)
          const { unitOfWork } = store
          const pending = [...kills]
          for (const [sid, events] of log) {
            await unitOfWork.transact((tx) =>
              tx.log.append(
                sid,
                400,
                events.map((event) => event(sid)),
              ),
            )
            const counted = await figures(unitOfWork)
            const handlers = createEventHandlers([metricRollups], {
              store: killed(unitOfWork, pending.shift() ?? 'never'),
              clock,
              log: silentLog,
            })
            handlers.start()
            await handlers.caughtUp()
            await handlers.stop()
            expect(await figures(unitOfWork)).toEqual(counted)
          }
          const followed = await figures(unitOfWork)
          using database = new DatabaseSync(file)
          database.exec('delete from metric_rollups; delete from cursors')
          expect(await figures(unitOfWork)).toEqual(followed)
          const again = createEventHandlers([metricRollups], { store: unitOfWork, clock, log: silentLog })
          again.start()
          const behind = () =>
            unitOfWork.read(
              async (tx) => (await tx.handlers.lastPosition()) - (await tx.handlers.cursor('metric_rollups')),
            )
          await expect.poll(behind).toBe(0)
          await again.stop()
          database.exec('delete from events')
          expect(await figures(unitOfWork)).toEqual(followed)
          await store.close()
        },
      ),
      { numRuns: 25 },
    )
  })
})

/** A process that dies once, just before a commit of the handler or just after it. */
function killed(store: UnitOfWork, when: 'before' | 'after' | 'never'): UnitOfWork {
  let left = when === 'never' ? 0 : 1
  return {
    ...wrapped(store),
    async commit(work) {
      if (left === 0) return await store.commit(work)
      left -= 1
      if (when === 'after') await store.commit(work)
      return await store.commit(async (tx) => {
        await work(tx)
        throw new Error('killed')
      })
    },
  }
}

function wrapped(store: UnitOfWork): UnitOfWork {
  return {
    read: (work) => store.read(work),
    transact: (work) => store.transact(work),
    commit: (work) => store.commit(work),
  }
}

describe('a failing handler', () => {
  it('is tried five times, loses nothing, holds up nobody, and can be replayed', async () => {
    using folder = temporaryFolder()
    const store = await openStage(join(folder.path, 'a.db'))
    const { unitOfWork } = store
    let broken = true
    const seen: number[] = []
    const failing: EventHandler = {
      name: 'failing',
      types: new Set(['session.renamed']),
      async handle(_tx: Transaction, events) {
        for (const { position } of events) {
          if (broken && position === 2) {
            seen.push(position)
            throw new Error('x'.repeat(600))
          }
        }
      },
    }
    const renamed: NewEvent = { type: 'session.renamed', facts: {} }
    await unitOfWork.transact((tx) => tx.log.append('s1', 1, [renamed, renamed, renamed]))
    const handlers = createEventHandlers([failing, metricRollups], { store: unitOfWork, clock, log: silentLog })
    handlers.start()
    const progress = () => unitOfWork.read((tx) => tx.handlers.progress())
    await expect.poll(progress).toEqual([
      { handler: 'failing', position: 3, handled: 2, failed: 1 },
      { handler: 'metric_rollups', position: 3, handled: 0, failed: 0 },
    ])
    // One attempt in its batch, five alone.
    expect(seen).toHaveLength(6)
    const [letter] = await unitOfWork.read((tx) => tx.handlers.deadLetters({ limit: 10 }))
    expect(letter).toMatchObject({ handler: 'failing', position: 2, sid: 's1', seq: 2, code: 'internal', attempts: 5 })
    expect(letter?.text).toBe('x'.repeat(500))

    expect(await handlers.replay()).toEqual({ replayed: 0, failed: 1, remaining: 1 })
    expect(await unitOfWork.read((tx) => tx.handlers.deadLetters({ limit: 10 }))).toMatchObject([{ attempts: 6 }])
    broken = false
    expect(await handlers.replay()).toEqual({ replayed: 1, failed: 0, remaining: 0 })
    expect((await progress())[0]).toEqual({ handler: 'failing', position: 3, handled: 3, failed: 0 })
    await expect(handlers.replay(1)).rejects.toMatchObject({ code: 'not_found' })
    await handlers.stop()
    await store.close()
  })
})
