import { mkdtempSync, rmSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { DatabaseSync } from 'node:sqlite'
import { setImmediate, setTimeout as sleep } from 'node:timers/promises'
import type { Transaction } from '../../src/application/ports/store.ts'
import { openSqliteStore } from '../../src/infrastructure/persistence/sqlite/open-store.ts'
import { SharedSync } from '../../src/infrastructure/persistence/sqlite/shared-sync.ts'
import { Statements } from '../../src/infrastructure/persistence/sqlite/statements.ts'
import { SqliteUnitOfWork } from '../../src/infrastructure/persistence/sqlite/unit-of-work.ts'
import { systemClock } from '../../src/infrastructure/system-clock.ts'
import { newMessage, newSession } from '../contract/store/samples.ts'
import { silentLog } from '../contract/store/surroundings.ts'

/** Ways to make a commit durable (decision 0007). `shared` is the one that is shipped; `normal` does not survive a loss of power. */
export const mechanisms = ['shared', 'full', 'normal'] as const
export type Mechanism = (typeof mechanisms)[number]

export interface MeasureOptions {
  readonly mechanism: Mechanism
  /** Every sync takes so much longer, as on a slower disk. */
  readonly slowerMs: number
  readonly writers: number
  readonly seconds: number
  /** Where the database is made: the disk that is measured. */
  readonly folder: string
}

export interface Measured {
  readonly commitsPerSecond: number
  /** Of the whole process, user and system. */
  readonly cpuMicrosPerCommit: number
  readonly loopDelayP99Ms: number
  /** From the question to the durable answer. */
  readonly commitMs: { readonly p50: number; readonly p99: number }
}

const warmUpMs = 500
const resolutionMs = 1

/** Writers that each store a message with two events in a session of their own, one after the other, as fast as they are let. */
export async function measure(options: MeasureOptions): Promise<Measured> {
  await using stage = await openStage(options)
  const { unitOfWork } = stage
  const latencies: number[] = []
  const writing = new AbortController()
  const writers = Array.from({ length: options.writers }, async (_, index) => {
    for (let n = 1; !writing.signal.aborted; n += 1) {
      const begun = performance.now()
      // As a request would, it comes through the event loop.
      await setImmediate()
      await unitOfWork.transact((tx) => storeMessage(tx, `s${index}`, n))
      latencies.push(performance.now() - begun)
    }
  })
  await sleep(Math.min(warmUpMs, options.seconds * 500))
  const delays = monitorEventLoopDelay({ resolution: resolutionMs })
  delays.enable()
  latencies.length = 0
  const [begun, cpu] = [performance.now(), process.cpuUsage()]
  await sleep(options.seconds * 1000)
  const [elapsedMs, spent] = [performance.now() - begun, process.cpuUsage(cpu)]
  const commits = latencies.length
  const sorted = latencies.toSorted((a, b) => a - b)
  delays.disable()
  writing.abort()
  await Promise.all(writers)
  return {
    commitsPerSecond: (commits * 1000) / elapsedMs,
    cpuMicrosPerCommit: (spent.user + spent.system) / Math.max(1, commits),
    loopDelayP99Ms: delays.count === 0 ? elapsedMs : Math.max(0, delays.percentile(99) / 1e6 - resolutionMs),
    commitMs: { p50: at(sorted, 0.5), p99: at(sorted, 0.99) },
  }
}

const text = 'x'.repeat(500)

async function storeMessage(tx: Transaction, sid: string, n: number): Promise<void> {
  const id = `${sid}-${n}`
  await tx.messages.append(newMessage(sid, id, { parts: [{ type: 'text', text }] }))
  await tx.log.append(sid, n, [
    { type: 'message.created', facts: { messageId: id, role: 'user' } },
    { type: 'session.renamed', facts: {} },
  ])
}

interface Stage extends AsyncDisposable {
  readonly unitOfWork: SqliteUnitOfWork
}

/** The store as it is shipped, but for the way of its commits. */
async function openStage({ mechanism, slowerMs, writers, folder: parent }: MeasureOptions): Promise<Stage> {
  const folder = mkdtempSync(join(parent, 'codelab-durability-'))
  const file = join(folder, 'a.db')
  const onFatal = (error: unknown) => {
    throw error
  }
  const made = await openSqliteStore({ file, durability: 'full', clock: systemClock, log: silentLog, onFatal })
  await made.unitOfWork.transact(async (tx) => {
    for (let index = 0; index < writers; index += 1) await tx.sessions.create(newSession(`s${index}`))
  })
  await made.close()
  const database = new DatabaseSync(file, { timeout: 0 })
  database.exec(`pragma journal_mode = wal; pragma synchronous = ${mechanism === 'full' ? 'full' : 'normal'};
    pragma foreign_keys = on; pragma temp_store = memory; pragma cache_size = -32000; pragma wal_autocheckpoint = 1000`)
  const wal = mechanism === 'shared' ? await open(`${file}-wal`, 'r+') : undefined
  const statements = mechanism === 'full' ? new SlowCommits(database, slowerMs) : new Statements(database)
  const syncLog = async (): Promise<void> => {
    await wal?.datasync()
    if (slowerMs > 0) await sleep(slowerMs)
  }
  const sync = wal && new SharedSync({ sync: syncLog, onFailure: onFatal })
  const unitOfWork = new SqliteUnitOfWork({ statements, sync, clock: systemClock, onFatal })
  return {
    unitOfWork,
    async [Symbol.asyncDispose]() {
      await unitOfWork.close()
      await wal?.close()
      database.close()
      rmSync(folder, { recursive: true })
    },
  }
}

/** With `synchronous=FULL` SQLite syncs inside `COMMIT`, on the main thread: a slower sync keeps that thread so much longer. */
class SlowCommits extends Statements {
  readonly #slowerMs: number
  readonly #never = new Int32Array(new SharedArrayBuffer(4))

  constructor(database: DatabaseSync, slowerMs: number) {
    super(database)
    this.#slowerMs = slowerMs
  }

  override execute(...[sql, parameters]: Parameters<Statements['execute']>): ReturnType<Statements['execute']> {
    const executed = super.execute(sql, parameters)
    if (sql === 'commit' && this.#slowerMs > 0) Atomics.wait(this.#never, 0, 0, this.#slowerMs)
    return executed
  }
}

function at(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
}
