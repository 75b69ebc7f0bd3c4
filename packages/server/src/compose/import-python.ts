import { existsSync, realpathSync } from 'node:fs'
import { resolve } from 'node:path'
import { createAgents } from '../application/agents.ts'
import { type ImportReport, importSessions } from '../application/import-python/import-sessions.ts'
import type { Log } from '../application/ports/log.ts'
import type { SessionSource } from '../application/ports/session-source.ts'
import { tools } from '../catalogue/tools/index.ts'
import type { Config } from '../config.ts'
import { RuntimeError } from '../domain/errors.ts'
import { isUserName, service } from '../domain/owner.ts'
import { createMarkdownAgents } from '../infrastructure/agents/markdown-agents.ts'
import type { OpenedStore } from '../infrastructure/persistence/opened-store.ts'
import { openSqliteSource } from '../infrastructure/python-service/sqlite-source.ts'
import { systemClock } from '../infrastructure/system-clock.ts'
import { uuidIds } from '../infrastructure/uuid-ids.ts'
import { openDatabase } from './database.ts'

export type { ImportCounts, ImportReport, LeftOutReason } from '../application/import-python/import-sessions.ts'

export interface PythonImport {
  /** A file, or the database URL of the Python service. */
  readonly from: string
  readonly cwd: string
  /** Whose sessions they become; absent, those of the internal key. */
  readonly owner: string | undefined
  readonly apply: boolean
}

export interface PythonImportReport extends ImportReport {
  readonly source: string
  readonly sourceMayBeInUse: boolean
  readonly owner: string
}

/** Opens both databases for this import alone. A dry run makes none. Throws RuntimeError. */
export async function importFromPython(config: Config, log: Log, wanted: PythonImport): Promise<PythonImportReport> {
  const { apply, owner = service.ownerId } = wanted
  if (owner !== service.ownerId && !isUserName(owner)) {
    throw new RuntimeError('invalid_input', 'The owner is no name of a user', {
      details: { hint: 'Use 1 to 255 visible ASCII characters, without a comma.' },
    })
  }
  await using source = await openSource(config, log, wanted)
  const knownTools = tools.map((tool) => tool.name)
  const catalogue = await createMarkdownAgents({ knownTools, userFolder: config.agentsDir }).load()
  const agents = createAgents(catalogue, config.multiAgent ? 'multi' : 'single')
  const { database } = config
  const exists = database.kind !== 'sqlite' || existsSync(database.file)
  const target = apply || exists ? await openTarget(config, log) : undefined
  try {
    const store = target?.unitOfWork
    const report = await importSessions(
      { source, store, agents, tools, clock: systemClock, ids: uuidIds },
      { ownerId: owner, apply },
    )
    return { ...report, source: source.shown, sourceMayBeInUse: source.mayBeInUse, owner }
  } finally {
    await target?.close()
  }
}

async function openTarget(config: Config, log: Log): Promise<OpenedStore> {
  const onFatal = (error: unknown) => log.error('the store failed', { error })
  return await openDatabase(config, { clock: systemClock, log, onFatal })
}

async function openSource({ database }: Config, log: Log, { from, cwd }: PythonImport): Promise<SessionSource> {
  if (/^postgres(ql)?(\+\w+)?:/i.test(from)) {
    const { openPostgresSource } = await import('../infrastructure/python-service/postgres-source.ts')
    return await openPostgresSource(from, log)
  }
  const file = resolve(cwd, /^sqlite(?:\+\w+)?:\/\/\/([^?]*)/i.exec(from)?.[1] ?? from)
  if (database.kind === 'sqlite' && isSameFile(file, database.file)) {
    throw new RuntimeError('invalid_input', 'The database of this server is set to the file to import from', {
      details: {
        hint: 'Set CODELAB_DATABASE_URL to a new file, and take AGENT_RUNTIME__DB_URL out of the environment.',
      },
    })
  }
  return await openSqliteSource(file)
}

/** Also by another path. */
function isSameFile(a: string, b: string): boolean {
  return a === b || (existsSync(a) && existsSync(b) && realpathSync(a) === realpathSync(b))
}
