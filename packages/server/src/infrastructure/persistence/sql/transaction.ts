import type { Transaction } from '../../../application/ports/store.ts'
import { createAgentFileStore } from './agent-files.ts'
import { createApiKeyStore } from './api-keys.ts'
import { createArtifactStore } from './artifacts.ts'
import { createDraftStore } from './drafts.ts'
import type { Engine } from './engine.ts'
import { createGrantStore } from './grants.ts'
import { createHandlerStore } from './handlers.ts'
import { createInputStore } from './inputs.ts'
import { createEventLog } from './log.ts'
import { createMaintenanceStore } from './maintenance.ts'
import { createMessageStore } from './messages.ts'
import { createModelCallStore } from './model-calls.ts'
import { createOverviewStore } from './overview.ts'
import { createPreviewStore } from './previews.ts'
import { createReplicaStore } from './replicas.ts'
import { createRunStore } from './runs.ts'
import type { Queries } from './schema.ts'
import { createSessionStore } from './sessions.ts'
import { createStatistics } from './statistics.ts'
import { createSwitchStore } from './switches.ts'
import { createToolCallStore } from './tool-calls.ts'
import { createTurnStore } from './turns.ts'
import { createUsageStore } from './usage.ts'
import { createWorkspaceStore } from './workspaces.ts'

/** The stores over one connection, which is inside a transaction. */
export function createTransaction(db: Queries, engine: Engine): Transaction {
  return {
    sessions: createSessionStore(db, engine),
    messages: createMessageStore(db, engine),
    calls: createToolCallStore(db),
    previews: createPreviewStore(db),
    artifacts: createArtifactStore(db),
    turns: createTurnStore(db, engine),
    runs: createRunStore(db, engine),
    modelCalls: createModelCallStore(db, engine),
    switches: createSwitchStore(db),
    inputs: createInputStore(db, engine),
    drafts: createDraftStore(db, engine),
    replicas: createReplicaStore(db, engine),
    grants: createGrantStore(db, engine),
    workspaces: createWorkspaceStore(db, engine),
    agentFiles: createAgentFileStore(db, engine),
    log: createEventLog(db, engine),
    statistics: createStatistics(db),
    maintenance: createMaintenanceStore(db, engine),
    handlers: createHandlerStore(db, engine),
    usage: createUsageStore(db),
    overview: createOverviewStore(db),
    apiKeys: createApiKeyStore(db),
  }
}
