import type { CleanupRule, CleanupSettings } from '../../domain/cleanup.ts'
import type { Clock } from '../ports/clock.ts'
import type { IdleCursor, PurgeQuery, RemovableSession } from '../ports/maintenance.ts'
import type { Transaction, UnitOfWork } from '../ports/store.ts'
import type { Channels } from '../readers/channels.ts'

export interface CleanUpCommand {
  /** Only says what would go. */
  readonly dryRun: boolean
  /** All sessions without activity for so long, instead of the configured rule. */
  readonly olderThanMs?: number
}

export interface CleanUpReport {
  /** Null: cleanup is off and no age was given, so no session went. */
  readonly rule: CleanupRule | null
  /** Those that went, or would go; at most 1,000 a call. */
  readonly sessions: readonly RemovableSession[]
  /** There are more than these. */
  readonly more: boolean
  /** Sessions, deleted earlier, whose rows went for good, or would go. */
  readonly purged: number
}

/** Sessions of one transaction. */
const sessionsAStep = 50
/** Rows of one transaction of a purge. */
const rowsAStep = 100
/** Between two transactions, so that streams go first. */
const pauseMs = 20
const sessionsACall = 1_000
const purgeStepsACall = 1_000

/** Removes sessions by inactivity (soft, with their event), then rows of sessions that were deleted long ago. Never one that runs, waits for
 *  a tool or a person, or has inputs in line. A signal that fires stops it between two transactions. */
export function createCleanUp(deps: {
  readonly store: UnitOfWork
  readonly clock: Clock
  readonly channels: Channels
  readonly settings: CleanupSettings
  /** Handlers that follow the log: no event goes that one of them has not come to. */
  readonly followers: readonly string[]
}) {
  const { store, clock, channels, settings, followers } = deps
  const age = createSteadyTime(clock)

  async function removeSessions(rule: CleanupRule, now: number, dryRun: boolean, signal: AbortSignal) {
    const query = { before: now - rule.idleMs, emptyOnly: rule.emptyOnly }
    const sessions: RemovableSession[] = []
    let owner = await store.read((tx) => tx.maintenance.nextOwner(null))
    while (owner !== undefined) {
      const ownerId: string = owner
      let after: IdleCursor | null = null
      for (;;) {
        if (signal.aborted) return { sessions, more: true }
        const page: IdlePage = {
          ...query,
          ownerId,
          after,
          limit: Math.min(sessionsAStep, sessionsACall - sessions.length),
        }
        if (page.limit === 0) return { sessions, more: true }
        const step = dryRun ? await store.read((tx) => look(tx, page)) : await remove(page)
        sessions.push(...step.sessions)
        after = step.last
        if (after === null) break
        await clock.sleep(pauseMs, signal)
      }
      owner = await store.read((tx) => tx.maintenance.nextOwner(ownerId))
    }
    return { sessions, more: false }
  }

  async function remove(page: IdlePage): Promise<IdleStep> {
    const at = clock.now()
    const { step, events } = await store.transact(async (tx) => {
      const found = await look(tx, page)
      const sids = found.sessions.map(({ sid }) => sid)
      const removed = new Set(await tx.maintenance.removeIdle(page, sids, at))
      const appended = new Map<string, Awaited<ReturnType<typeof tx.log.append>>>()
      for (const sid of removed)
        appended.set(sid, await tx.log.append(sid, at, [{ type: 'session.deleted', facts: {} }]))
      const sessions = found.sessions.filter(({ sid }) => removed.has(sid))
      return { step: { sessions, last: found.last }, events: appended }
    })
    for (const [sid, appended] of events) channels.publish(sid, appended)
    return step
  }

  async function purge(signal: AbortSignal): Promise<{ readonly purged: number; readonly more: boolean }> {
    const before = age.now() - settings.purgeAfterMs
    let purged = 0
    for (let step = 0; step < purgeStepsACall && !signal.aborted; step++) {
      const { rows, sessions } = await store.transact(async (tx) =>
        tx.maintenance.purge(await purgeQuery(tx, before), rowsAStep),
      )
      if (rows === 0) return { purged, more: false }
      purged += sessions
      await clock.sleep(pauseMs, signal)
    }
    return { purged, more: true }
  }

  async function purgeQuery(tx: Transaction, before: number): Promise<PurgeQuery> {
    const cursors: number[] = []
    for (const name of followers) cursors.push(await tx.handlers.cursor(name))
    return { before, reached: cursors.length === 0 ? null : Math.min(...cursors) }
  }

  return async ({ dryRun, olderThanMs }: CleanUpCommand, signal: AbortSignal): Promise<CleanUpReport> => {
    const rule = olderThanMs === undefined ? settings.rule : { idleMs: olderThanMs, emptyOnly: false }
    // Who names an age means the time of day that they see.
    const now = olderThanMs === undefined ? age.now() : clock.now()
    const removed = rule ? await removeSessions(rule, now, dryRun, signal) : { sessions: [], more: false }
    if (dryRun) {
      const before = age.now() - settings.purgeAfterMs
      const purged = await store.read(async (tx) => tx.maintenance.countPurgeable(await purgeQuery(tx, before)))
      return { rule, ...removed, purged }
    }
    const { purged, more } = await purge(signal)
    return { rule, sessions: removed.sessions, more: removed.more || more, purged }
  }
}

/** The time of day, as far as it agrees with the time that has passed since the start: a clock that jumps ahead makes nothing old. */
function createSteadyTime(clock: Clock): { now(): number } {
  const startedAt = clock.now() - clock.monotonic()
  return { now: () => Math.min(clock.now(), Math.ceil(startedAt + clock.monotonic())) }
}

type IdlePage = Parameters<Transaction['maintenance']['listIdle']>[0]

interface IdleStep {
  readonly sessions: readonly RemovableSession[]
  /** Null: that was the last page. */
  readonly last: IdleCursor | null
}

async function look(tx: Transaction, page: IdlePage): Promise<IdleStep> {
  const candidates = await tx.maintenance.listIdle(page)
  const sids = candidates.map(({ sid }) => sid)
  const sessions = await tx.maintenance.listRemovable(page, sids)
  return { sessions, last: candidates.length < page.limit ? null : (candidates.at(-1) ?? null) }
}
