import type { Migration } from 'kysely/migration'
import { init } from './001-init.ts'
import { repeatsAndDrafts } from './002-repeats-and-drafts.ts'
import { handlers } from './003-handlers.ts'
import { cleanup } from './004-cleanup.ts'
import { turnTokens } from './005-turn-tokens.ts'
import { toolPreviews } from './006-tool-previews.ts'
import { toolArtifacts } from './007-tool-artifacts.ts'
import { grants } from './008-grants.ts'
import { sessionContexts } from './009-session-contexts.ts'
import { models } from './010-models.ts'
import { callsInText } from './011-calls-in-text.ts'
import { agentFiles } from './012-agent-files.ts'
import { loweredCalls } from './013-lowered-calls.ts'
import { replicas } from './020-replicas.ts'
import { usage } from './021-usage.ts'
import { identity } from './022-identity.ts'
import { draftPieces } from './023-draft-pieces.ts'
import { rateWindows } from './024-rate-windows.ts'
import { usageParts } from './025-usage-parts.ts'
import { consoleViews } from './026-console.ts'
import { sessionTotals } from './028-session-totals.ts'
import { heldCalls } from './029-held-calls.ts'

/** Every migration by its name, in order. A released one is never edited. */
export const migrations: Readonly<Record<string, Migration>> = {
  '001-init': init,
  '002-repeats-and-drafts': repeatsAndDrafts,
  '005-turn-tokens': turnTokens,
  '004-cleanup': cleanup,
  '003-handlers': handlers,
  '006-tool-previews': toolPreviews,
  '007-tool-artifacts': toolArtifacts,
  '008-grants': grants,
  '009-session-contexts': sessionContexts,
  '010-models': models,
  '011-calls-in-text': callsInText,
  '012-agent-files': agentFiles,
  '013-lowered-calls': loweredCalls,
  '020-replicas': replicas,
  '021-usage': usage,
  '022-identity': identity,
  '023-draft-pieces': draftPieces,
  '024-rate-windows': rateWindows,
  '025-usage-parts': usageParts,
  '026-console': consoleViews,
  '028-session-totals': sessionTotals,
  '029-held-calls': heldCalls,
}
