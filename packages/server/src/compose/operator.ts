import type {
  ApiKeyList,
  BackupFile,
  CleanupReport,
  CreatedApiKey,
  DeadLetters,
  PauseState,
  ReplayedDeadLetters,
  RevokedApiKeys,
  SessionTimeline,
  Usage,
} from '@codelab/protocol'
import { apiKeyList, createdApiKey } from '../api/shapes/keys.ts'
import { cleanupReport, sessionTimeline } from '../api/shapes/maintenance.ts'
import { deadLetters } from '../api/shapes/metrics.ts'
import { usageBody } from '../api/shapes/usage.ts'
import { createPause } from '../application/commands/pause.ts'
import { type CreateKey, createKeys } from '../application/keys.ts'
import { createMaintenance } from '../application/maintenance.ts'
import type { Log } from '../application/ports/log.ts'
import { createEventQueries } from '../application/queries/event-queries.ts'
import { createTimeline } from '../application/queries/timeline.ts'
import { createUsageQuery } from '../application/queries/usage-query.ts'
import { Channels } from '../application/readers/channels.ts'
import { alone } from '../application/replicas/alone.ts'
import type { Config } from '../config.ts'
import { service } from '../domain/owner.ts'
import { readDay } from '../domain/usage.ts'
import { systemClock } from '../infrastructure/system-clock.ts'
import { uuidIds } from '../infrastructure/uuid-ids.ts'
import { backupsOf, openDatabase } from './database.ts'
import { followLog } from './handlers.ts'

export type {
  ApiKeyItem,
  ApiKeyList,
  BackupFile,
  CleanupReport,
  CreatedApiKey,
  DeadLetters,
  PauseState,
  ReplayedDeadLetters,
  RevokedApiKeys,
  SessionTimeline,
  TimelineEvent,
  Usage,
} from '@codelab/protocol'
export { backupFolder, copyDatabase } from '../infrastructure/persistence/sqlite/backup.ts'
export { restoreDatabase } from '../infrastructure/persistence/sqlite/restore.ts'

/** As typed and checked: days such as `2026-01-18`. */
export interface UsageWanted {
  readonly from?: string
  readonly to?: string
  readonly by: readonly ('day' | 'user' | 'model')[]
  readonly user?: string
}

/** What the operating commands do, over a running server or over the database itself. */
export interface Operator extends AsyncDisposable {
  /** At most 1,000 sessions a call. */
  cleanUp(command: { readonly dryRun: boolean; readonly olderThanMs?: number }): Promise<CleanupReport>
  setPaused(paused: boolean): Promise<PauseState>
  /** Throws `not_found`. */
  timeline(sessionId: string, limit: number): Promise<SessionTimeline>
  backUp(): Promise<BackupFile>
  usage(wanted: UsageWanted): Promise<Usage>
  /** Oldest first. */
  deadLetters(limit: number): Promise<DeadLetters>
  /** One dead letter, or the oldest 1,000. Throws `not_found`. */
  replay(id?: number): Promise<ReplayedDeadLetters>
  /** Throws `invalid_input`. */
  createKey(command: CreateKey): Promise<CreatedApiKey>
  keys(user: string | undefined): Promise<ApiKeyList>
  /** Throws `not_found`. */
  revokeKeys(which: { readonly id: string } | { readonly user: string }): Promise<RevokedApiKeys>
}

/** Opens the database for these commands alone, and brings its schema up to date as a start would. Throws `storage_unavailable`. */
export async function openOperator(config: Config, log: Log): Promise<Operator> {
  const { cleanup } = config
  const clock = systemClock
  const failed = (error: unknown) => log.error('the store failed', { error })
  const opened = await openDatabase(config, { clock, log, onFatal: failed })
  const store = opened.unitOfWork
  const pause = createPause({ store, clock })
  const { handlers } = followLog(store, clock, log)
  const maintenance = createMaintenance({
    store,
    handlers,
    clock,
    channels: new Channels(alone),
    pause,
    cleanup,
    backups: backupsOf(config),
  })
  const timeline = createTimeline({ store })
  const keys = createKeys({ store, clock, ids: uuidIds, log })
  const events = createEventQueries({ store, handlers })
  const usage = createUsageQuery({ store, clock })
  return {
    cleanUp: async (command) =>
      cleanupReport(await maintenance.cleanUp(command, new AbortController().signal), command.dryRun),
    setPaused: async (paused) => {
      await maintenance.setPaused(paused)
      return { paused, running: false }
    },
    timeline: async (sessionId, limit) => sessionTimeline(await timeline({ ...service, sessionId }, limit)),
    backUp: maintenance.backUp,
    usage: async ({ from, to, by, user }) => {
      const question = { from: dayIn(from), to: dayIn(to), by, ownerId: user, limit: 1_000 }
      return usageBody(await usage(question), by, user ?? null)
    },
    deadLetters: async (limit) => {
      const { letters, total } = await events.deadLetters(limit)
      return deadLetters(letters, total)
    },
    replay: events.replay,
    createKey: async (command) => createdApiKey(await keys.create(command)),
    keys: async (user) => apiKeyList(await keys.list(user)),
    revokeKeys: async (which) => ({ revoked: await keys.revoke(which) }),
    [Symbol.asyncDispose]: () => opened.close(),
  }
}

function dayIn(text: string | undefined): number | undefined {
  return text === undefined ? undefined : readDay(text)
}
