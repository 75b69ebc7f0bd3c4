import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import type { CompiledQuery, DatabaseConnection } from 'kysely'
import { beforeEach, describe, expect, it } from 'vitest'
import {
  newCall,
  newMessage,
  newModelCall,
  newRun,
  newSession,
  OWNER,
} from '../../../../test/contract/store/samples.ts'
import type { Transaction } from '../../../application/ports/store.ts'
import type { NewEvent } from '../../../domain/event.ts'
import { migrations } from '../migrations/index.ts'
import { migrate } from '../migrations/migrate.ts'
import { kyselyOver, UnitConnection } from '../sqlite/connection.ts'
import { Statements } from '../sqlite/statements.ts'
import { sqliteEngine } from './engine.ts'
import { createTransaction } from './transaction.ts'

// What a statement costs as the tables grow is what SQLite plans for it: a SEARCH follows an index, a SCAN reads all, and a temporary
// tree sorts all. So the plans are checked, not the time.

let database: DatabaseSync
let tx: Transaction
let asked: CompiledQuery[]

beforeEach(async () => {
  database = new DatabaseSync(':memory:')
  const connection = new UnitConnection(new Statements(database), true)
  await migrate({ db: kyselyOver(connection), migrations, shown: 'test', instead: '', beforeChange: () => {} })
  asked = []
  const listening: DatabaseConnection = {
    executeQuery: (query) => {
      asked.push(query)
      return connection.executeQuery(query)
    },
    streamQuery: () => connection.streamQuery(),
  }
  tx = createTransaction(kyselyOver(listening), { ...sqliteEngine, connection: listening })
  await tx.sessions.create(newSession('s1'))
})

/** The steps of the plans of all statements that `work` executes. */
async function plansOf(work: () => Promise<unknown>): Promise<string[]> {
  asked = []
  await work()
  return asked.flatMap(({ sql, parameters }) =>
    database
      .prepare(`explain query plan ${sql}`)
      .all(...(parameters as SQLInputValue[]))
      .map((row) => String(row['detail'])),
  )
}

/** Lists that stand in the statement itself are as short as the caller made them. */
const ofTheStatement = /^SCAN \d+(-ROW VALUES CLAUSE| CONSTANT ROWS)|^SCAN CONSTANT ROW/

function readsAll(step: string): boolean {
  return /^SCAN |TEMP B-TREE/.test(step) && !ofTheStatement.test(step)
}

const event: NewEvent = { type: 'turn.started', facts: { agent: 'coder' } }
const result: NewEvent = {
  type: 'tool_result.created',
  facts: { callId: 'c1', tool: 'read_file', messageId: 'm0', failed: true },
}
const requested: NewEvent = { type: 'approval.requested', facts: { callId: 'c1', tool: 'read_file', reason: null } }

const idle = { ownerId: OWNER, before: 9, after: { lastActivity: 3, sid: 'x' }, limit: 50 }

const bounded: readonly (readonly [string, () => Promise<unknown>])[] = [
  ['appending a message', () => tx.messages.append(newMessage('s1', 'm1'))],
  ['appending events', () => tx.log.append('s1', 1, [event, event, event])],
  ['finding a session', () => tx.sessions.find(OWNER, 'ext-s1')],
  ['finding a session of anybody', () => tx.sessions.findOnly('ext-s1')],
  ['a key of a person', () => tx.apiKeys.findByHash('h')],
  ['noting its use', () => tx.apiKeys.touch('k1', 1)],
  ['revoking all of a person', () => tx.apiKeys.revoke({ ownerId: OWNER }, 1)],
  ['creating a session', () => tx.sessions.create(newSession('s2'))],
  ['changing a session', () => tx.sessions.update('s1', { state: 'running' })],
  ['deleting a session', () => tx.sessions.remove('s1', 1)],
  ['a page of messages', () => tx.messages.list('s1', { limit: 10, offset: 1000 })],
  ['messages by id', () => tx.messages.listByIds('s1', ['m1', 'm2'])],
  ['the last text of the user', () => tx.messages.lastUserText('s1')],
  ['finding a call', () => tx.calls.find('s1', 'c1')],
  ['which calls there are', () => tx.calls.existing('s1', ['c1', 'c2'])],
  ['the calls of a message', () => tx.calls.listByMessage('s1', 'm1')],
  ['the rules of a session', () => tx.grants.ofSession('s1')],
  ['the rules of a project', () => tx.grants.ofProject(OWNER, 'p1')],
  ['a rule', () => tx.grants.find(OWNER, 'g1')],
  ['removing a rule', () => tx.grants.remove('g1')],
  ['all rules of an owner', () => tx.grants.list(OWNER, 10)],
  ['open calls', () => tx.calls.list('s1', 'open')],
  ['pending calls', () => tx.calls.list('s1', 'pending')],
  ['creating a call', () => tx.calls.create(newCall('s1', 'c2'))],
  ['changing a call', () => tx.calls.update('s1', 'c1', 'open', { state: 'answered' })],
  ['keeping a preview', () => tx.previews.put('s1', 'c1', { oldSha256: null, diff: '', truncated: false })],
  ['finding a preview', () => tx.previews.find('s1', 'c1')],
  ['the previews of calls', () => tx.previews.listByCalls('s1', ['c1', 'c2'])],
  ['keeping a full result', () => tx.artifacts.put('s1', 'c1', 'x')],
  ['finding a full result', () => tx.artifacts.find('s1', 'c1')],
  ['the newest turn', () => tx.turns.latest('s1')],
  ['a turn', () => tx.turns.get('t1')],
  ['starting a run', () => tx.runs.create(newRun('s1', 'r1'))],
  ['ending a run', () => tx.runs.end('r0', { at: 1, outcome: 'completed' })],
  ['noting a model call', () => tx.modelCalls.add(newModelCall('s1', 'x1'))],
  ['starting a turn', () => tx.turns.create({ turnId: 't9', sid: 's1', startedAt: 1, client: null })],
  ['agents of a workspace', () => tx.agentFiles.put('s1', '[]')],
  ['reading them', () => tx.agentFiles.get('s1')],
  ['what a session used', () => tx.modelCalls.usage('s1')],
  ['the newest model calls', () => tx.modelCalls.list('s1', 'answer', 10)],
  ['the switches of a session', () => tx.switches.list('s1')],
  ['the first waiting input', () => tx.inputs.firstWaiting('s1')],
  ['counting waiting inputs', () => tx.inputs.countWaiting('s1')],
  ['a batch of a handler', () => tx.handlers.readAfter(0, 200)],
  ['moving a cursor', () => tx.handlers.advance('h', { to: 1, handled: 1, failed: 0 })],
  ['settling an input', () => tx.inputs.settle('i1', 'taken')],
  ['the next owner', () => tx.maintenance.nextOwner('a')],
  ['idle sessions', () => tx.maintenance.listIdle({ ...idle, emptyOnly: false })],
  ['idle sessions without a message', () => tx.maintenance.listIdle({ ...idle, emptyOnly: true })],
  ['what may go of them', () => tx.maintenance.listRemovable({ before: 9, emptyOnly: false }, ['s1'])],
  ['removing those', () => tx.maintenance.removeIdle({ before: 9, emptyOnly: false }, ['s1'], 10)],
  ['a timeline', () => tx.maintenance.timeline('s1', 100)],
  ['counting deleted sessions', () => tx.maintenance.countPurgeable({ before: 9, reached: 100 })],
  ['whether it is paused', () => tx.maintenance.isOn('paused')],
]

describe('a statement of every request', () => {
  it.each(bounded)('reads by an index only: %s', async (_, work) => {
    expect((await plansOf(work)).filter(readsAll)).toEqual([])
    expect(asked.length).toBeGreaterThan(0)
  })

  it('appends a message in two statements, events in two, however many', async () => {
    await plansOf(() => tx.messages.append(newMessage('s1', 'm1')))
    expect(asked.map(({ query }) => query.kind)).toEqual(['UpdateQueryNode', 'InsertQueryNode'])
    await plansOf(() => tx.log.append('s1', 1, Array<NewEvent>(40).fill(event)))
    expect(asked.map(({ query }) => query.kind)).toEqual(['UpdateQueryNode', 'InsertQueryNode'])
  })

  it('reads the log by its number, and what events point at in at most two more statements', async () => {
    await tx.messages.append(newMessage('s1', 'm0', { role: 'tool' }))
    await tx.calls.create(newCall('s1', 'c1'))
    await tx.log.append('s1', 1, [event, result, requested, result, requested])
    const steps = await plansOf(() => tx.log.readAfter('s1', 0, 100))
    expect(asked).toHaveLength(3)
    expect(steps.filter(readsAll)).toEqual([])
  })
})

describe('the newest calls', () => {
  it('are taken from the end of the table, and only they are sorted', async () => {
    const steps = await plansOf(() => tx.calls.newest(OWNER, undefined, 1000))
    expect(steps.slice(0, 2)).toEqual(['CO-ROUTINE tool_calls', 'SCAN tool_calls'])
    expect(asked[0]?.sql).toMatch(/order by "position" desc limit \?/)
  })
})

describe('a purge', () => {
  it('reads by an index only, table after table', async () => {
    await tx.log.append('s1', 1, [event])
    await tx.sessions.remove('s1', 1)
    const steps = await plansOf(() => tx.maintenance.purge({ before: 9, reached: 100 }, 100))
    expect(asked.length).toBeGreaterThan(10)
    expect(steps.filter(readsAll)).toEqual([])
  })
})

describe('lists', () => {
  it.each([true, false])(
    'of sessions are read in the order of their index, and only inactive ones are counted (active only: %s)',
    async (activeOnly) => {
      const steps = await plansOf(() => tx.sessions.list({ ownerId: OWNER, limit: 10, offset: 0, activeOnly }))
      expect(steps).toEqual([
        'SEARCH sessions USING INDEX sessions_listed (owner_id=?)',
        'CORRELATED SCALAR SUBQUERY 1',
        'SEARCH turns USING INDEX turns_session (sid=?)',
        'SEARCH session_totals USING INDEX sqlite_autoindex_session_totals_1 (owner_id=?)',
        ...(activeOnly
          ? ['SEARCH sessions USING COVERING INDEX sessions_inactive (owner_id=? AND is_active=? AND deleted_at=?)']
          : []),
      ])
    },
  )

  it('of all that waits, or was decided, follow their own indexes', async () => {
    expect((await plansOf(() => tx.overview.pending(OWNER, 10)))[0]).toMatch(
      /^SCAN tool_calls USING INDEX tool_calls_pending/,
    )
    expect((await plansOf(() => tx.overview.decided(OWNER, 10)))[0]).toMatch(/USING INDEX tool_calls_decided/)
  })

  it.each([OWNER, undefined])('of what was lately are read from a time on (%s)', async (ownerId) => {
    const query = { ownerId, since: 5, limit: 10 }
    for (const [read, index] of [
      [() => tx.overview.modelCalls(query), 'model_calls_at'],
      [() => tx.overview.turns(query), 'turns_started'],
      [() => tx.overview.failures(query), 'runs_failed'],
      [() => tx.overview.decisions(query), 'tool_calls_decided'],
    ] as const) {
      const steps = await plansOf(read)
      expect(steps[0]).toMatch(new RegExp(`^SEARCH \\w+ USING INDEX ${index} \\(`))
      expect(steps.filter(readsAll)).toEqual([])
    }
  })

  it.each([
    ['runs that never ended', () => tx.replicas.orphanedRuns(0, 10), 'runs_unended'],
    ['waiting inputs', () => tx.replicas.orphanedInputs(0, 10), 'inputs_waiting'],
  ])('of the start read nothing else: %s', async (_, work, index) => {
    const [step] = await plansOf(work)
    expect(step).toMatch(new RegExp(`^SCAN \\w+ USING INDEX ${index}$`))
  })

  it.each([
    [undefined, 'SEARCH events USING INDEX events_audited (type=?)'],
    ['s1', 'SEARCH events USING INDEX events_audited_session (sid=? AND type=?)'],
  ])('of the audit follow its index and end at their limit (session: %s)', async (sid, first) => {
    const query = { ownerId: OWNER, types: ['agent.switched', 'run.ended'] as const, limit: 5, ...(sid && { sid }) }
    const steps = await plansOf(() => tx.statistics.audit(query))
    expect(asked).toHaveLength(2)
    expect(steps[0]).toBe(first)
    expect(steps.filter(readsAll)).toEqual([])
  })

  it('of usage follow the person, or the days', async () => {
    const days = { from: 5, to: 9, by: [], limit: 10 } as const
    expect(await plansOf(() => tx.usage.read({ ...days, ownerId: OWNER }))).toEqual([
      'SEARCH usage_days USING INDEX sqlite_autoindex_usage_days_1 (owner_id=? AND day>? AND day<?)',
    ])
    expect(await plansOf(() => tx.usage.read({ ...days, ownerId: undefined }))).toEqual([
      'SEARCH usage_days USING INDEX usage_days_all (day>? AND day<?)',
    ])
  })

  it('of figures read what is kept, and the log from where it ends', async () => {
    const steps = await plansOf(() => tx.statistics.agents(OWNER))
    expect(steps.filter(readsAll)).toEqual([])
    expect(steps).toContain('SEARCH events USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)')
  })

  it('of figures read one event to know how many there are', async () => {
    await plansOf(() => tx.statistics.events())
    expect(asked.map(({ sql }) => sql)).toEqual([expect.stringMatching(/order by "position" desc limit \?$/)])
  })
})

it('sees a statement that reads all', async () => {
  const steps = await plansOf(() => tx.replicas.orphanedRuns(0, 10))
  expect(steps.some(readsAll)).toBe(true)
})
