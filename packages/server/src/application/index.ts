import type { CleanupSettings } from '../domain/cleanup.ts'
import type { CommandKnowledge } from '../domain/command-reach.ts'
import { RuntimeError } from '../domain/errors.ts'
import type { Policy } from '../domain/policy.ts'
import type { Tool } from '../domain/tool.ts'
import type { Agents } from './agents.ts'
import { createCancelTurn } from './commands/cancel-turn.ts'
import { createCreateRule, createDeleteRule } from './commands/change-rules.ts'
import { createChooseModel } from './commands/choose-model.ts'
import { createConnectClient } from './commands/connect-client.ts'
import { createCreateSession } from './commands/create-session.ts'
import { createDeleteSession } from './commands/delete-session.ts'
import { createHandOutCalls } from './commands/hand-out-calls.ts'
import { createPause, refusedWhilePaused } from './commands/pause.ts'
import { createPreviewCall } from './commands/preview-call.ts'
import { createRenameSession } from './commands/rename-session.ts'
import { createResumeTurn } from './commands/resume-turn.ts'
import { createStreamInput } from './commands/stream-input.ts'
import { createSwitchAgent } from './commands/switch-agent.ts'
import type { SubmitInput, Taken } from './inputs/input.ts'
import { createInputs, type Inputs } from './inputs/submit.ts'
import { createKeys } from './keys.ts'
import { createMaintenance } from './maintenance.ts'
import type { WorkspaceAgentReader } from './ports/agent-source.ts'
import type { Clock } from './ports/clock.ts'
import type { FanOut } from './ports/fan-out.ts'
import type { EventHandlers } from './ports/handlers.ts'
import type { Ids } from './ports/ids.ts'
import type { Log } from './ports/log.ts'
import type { Backups } from './ports/maintenance.ts'
import type { Meters } from './ports/meters.ts'
import type { ModelSource } from './ports/model-source.ts'
import type { UnitOfWork } from './ports/store.ts'
import { createApprovalsQuery } from './queries/approvals-query.ts'
import { createContextQuery } from './queries/context-query.ts'
import { createEventQueries } from './queries/event-queries.ts'
import { createFollowEvents } from './queries/follow-events.ts'
import { createOverviewQuery } from './queries/overview-query.ts'
import { createRecentUsage } from './queries/recent-usage.ts'
import { createRuleQueries } from './queries/rule-queries.ts'
import { createSessionQueries } from './queries/session-queries.ts'
import { createTimeline } from './queries/timeline.ts'
import { createUsageQuery } from './queries/usage-query.ts'
import { Channels } from './readers/channels.ts'
import { Drafts } from './readers/drafts.ts'
import { alone } from './replicas/alone.ts'
import { ConnectedClients } from './replicas/connected-clients.ts'
import { Membership } from './replicas/membership.ts'
import { Neighbours } from './replicas/neighbours.ts'
import { leaseLost } from './replicas/owned-session.ts'
import { adoptRuns, takeOver } from './replicas/take-over.ts'
import { Histories } from './run/histories.ts'
import { createRuns } from './run/loop.ts'
import { createSessionAgents } from './session-agents.ts'

export type { AgentDefinition } from '../domain/agent.ts'
export type { ApiKey, Rate } from '../domain/api-key.ts'
export { parseDuration } from '../domain/duration.ts'
export { RuntimeError } from '../domain/errors.ts'
export type { EventType, Failure, SessionEvent } from '../domain/event.ts'
export { type Part, textOf, toolCallsOf } from '../domain/message.ts'
export { isUserName, type Owner, service } from '../domain/owner.ts'
export type { Ruling } from '../domain/rules.ts'
export type { ClientProfile, Session, StoredMessage } from '../domain/session.ts'
export {
  argumentsOf,
  type CallPreview,
  type Decision,
  planOf,
  type ToolCall,
  titleOfPlan,
} from '../domain/tool-call.ts'
export { dayText, readDay } from '../domain/usage.ts'
export type { CreatedRule } from './commands/change-rules.ts'
export type { CleanUpReport } from './commands/clean-up.ts'
export type { InputBody, OnBusy, SubmitInput } from './inputs/input.ts'
export type { AuthAnswer, AuthService } from './ports/auth-service.ts'
export type { DeadLetter } from './ports/handlers.ts'
export type { Log } from './ports/log.ts'
export type { ListedModel } from './ports/model-source.ts'
export type { RateCounter } from './ports/rate-counter.ts'
export type { AgentSwitch, AuditRow, ListedSession, ModelCall, ModelUsage } from './ports/store.ts'
export type { TokenVerifier } from './ports/token-verifier.ts'
export { type UsageDimension, type UsageRow, usageDimensions } from './ports/usage.ts'
export type { ShownApproval } from './queries/approvals-query.ts'
export type { SessionContext } from './queries/context-query.ts'
export type { EventFigures, RuntimeFigures } from './queries/event-queries.ts'
export type { CallFigures, RecentHours, RecentUsage } from './queries/recent-usage.ts'
export { type Explained, type ListedRule, type Tried, wasDecided } from './queries/rule-queries.ts'
export type { ShownCall } from './queries/session-queries.ts'
export type { Timeline, TimelineDetails } from './queries/timeline.ts'
export type { Usage } from './queries/usage-query.ts'
export type { RunFrame } from './readers/follow-run.ts'

export interface ApplicationDeps {
  readonly store: UnitOfWork
  readonly models: ModelSource
  readonly agents: Agents
  /** Left out: agents of workspaces are not read. */
  readonly workspaceAgents?: WorkspaceAgentReader
  readonly tools: readonly Tool[]
  /** For clients that say nothing of themselves. */
  readonly policy: Policy
  /** What rules for all others know of commands. */
  readonly commands: CommandKnowledge
  readonly hitl: { readonly approve: 'run' | 'acknowledge'; readonly strict: boolean }
  readonly limits: {
    readonly runMs: number
    readonly turnSteps: number
    readonly turnTokens: number
    readonly queueLength: number
    readonly queueWaitMs: number
  }
  /** Left out: nothing goes by itself. */
  readonly cleanup?: CleanupSettings
  readonly backups?: Backups
  /** Left out: nobody follows the log. */
  readonly handlers?: EventHandlers
  readonly meters?: Meters
  /** Whether keys are masked before a model reads them; they are when it is left out. */
  readonly masks?: boolean
  /** Left out: this process has the store for itself. */
  readonly replicas?: {
    readonly fanOut: FanOut
    /** For signs of life: units here wait behind no others. */
    readonly heartbeats: UnitOfWork
    readonly silentMs: number
  }
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Log
}

/** The face of the application: all that the API, the command line and the composition root see of it. */
export type Application = ReturnType<typeof createApplication>

export function createApplication(deps: ApplicationDeps) {
  const { store, clock, ids, agents, tools } = deps
  const fanOut = deps.replicas?.fanOut ?? alone
  const channels = new Channels(fanOut)
  const drafts = new Drafts({ ...deps, fanOut })
  const silentMs = deps.replicas?.silentMs
  const lease = new Membership({
    ...deps,
    store: deps.replicas?.heartbeats ?? store,
    listener: fanOut.listener,
    ...(silentMs !== undefined && { silentMs }),
    onLost: () => runs.active.stopAll(leaseLost()),
    onBeat: async (lost) => {
      if (lost) fanOut.renew()
      await pause.load()
      await neighbours.poll()
      const { turns, inputs: dropped } = await takeOver({ ...deps, channels }, silentMs ?? 0)
      if (turns > 0 || dropped > 0) deps.log.info('took over from another replica', { turns, inputs: dropped })
      if (accepting) await active.taking(() => adoptRuns({ store, clock, lease }, silentMs ?? 0, adopt))
      await store.transact((tx) => tx.replicas.forgetSilent((silentMs ?? 0) * 10))
    },
  })
  const connected = new ConnectedClients()
  const adopt = (taken: Taken): void => runs.start(taken, Promise.resolve())
  const sessionAgents = createSessionAgents(agents, deps.workspaceAgents)
  const pause = createPause({ store, clock })
  let accepting = true
  const advance = (sid: string): void => {
    inputs.advance(sid).catch((error) => deps.log.error('the next input was not taken', { sid, error }))
  }
  const histories = new Histories()
  const runs = createRuns(
    {
      ...deps,
      histories,
      lease,
      connected,
      ...(silentMs !== undefined && { silentMs }),
      masks: deps.masks ?? true,
      sessionAgents,
      channels,
      drafts,
      steer: (taken) => inputs.steer(taken),
      paused: () => pause.paused,
    },
    advance,
  )
  const inputs: Inputs = createInputs({
    ...deps,
    histories,
    sessionAgents,
    channels,
    lease,
    connected,
    active: runs.active,
    startRun: runs.start,
  })
  const neighbours = new Neighbours({ store, channels, active: runs.active, inputs, drafts, log: deps.log })
  const streamInput = createStreamInput({ store, channels, inputs, active: runs.active })
  const resumeTurn = createResumeTurn({ inputs })
  const { active } = runs

  return {
    /** In order of registration. */
    agents: agents.list,
    /** Every model that can be named, the one that answers by default first. */
    models: () => deps.models.list(),
    /** Names of all tools there are. */
    toolNames: tools.map((tool) => tool.name),
    /** Names of those that only clients which say what they run are given. */
    extraTools: new Set(tools.filter((tool) => tool.forDeclared).map((tool) => tool.name)),
    commands: {
      streamInput: (...[input, signal]: Parameters<typeof streamInput>) => {
        if (!accepting) throw shuttingDown()
        // Results and decisions of a turn are still stored; a new turn is not begun.
        if (pause.paused && !endsWait(input)) throw refusedWhilePaused()
        return streamInput(input, signal)
      },
      createSession: createCreateSession({ store, clock, ids, agents }),
      renameSession: createRenameSession({ store, clock, channels }),
      deleteSession: createDeleteSession({ store, clock, channels, active }),
      resumeTurn: async (...[command]: Parameters<typeof resumeTurn>) => {
        if (!accepting) throw shuttingDown()
        if (pause.paused) throw refusedWhilePaused()
        return await resumeTurn(command)
      },
      previewCall: createPreviewCall({ store }),
      handOutCalls: createHandOutCalls({
        ...deps,
        channels,
        lease,
        connected,
        ...(silentMs !== undefined && { silentMs }),
      }),
      connectClient: createConnectClient({ ...deps, lease, connected, ...(silentMs !== undefined && { silentMs }) }),
      cancelTurn: createCancelTurn({ store, clock, ids, channels, active, advance }),
      switchAgent: createSwitchAgent({ store, clock, agents: sessionAgents, channels }),
      createRule: createCreateRule({ ...deps, channels }),
      deleteRule: createDeleteRule({ store, clock, channels }),
      chooseModel: createChooseModel({ store, clock, models: deps.models, channels }),
    },
    sessions: createSessionQueries({ store, agents, sessionAgents, models: deps.models }),
    context: createContextQuery({ ...deps, sessionAgents }),
    followEvents: createFollowEvents({ store, channels }),
    events: createEventQueries(deps),
    timeline: createTimeline({ store }),
    usage: createUsageQuery({ store, clock }),
    recentUsage: createRecentUsage({ store, clock }),
    approvals: createApprovalsQuery({ store }),
    overview: createOverviewQuery(deps),
    rules: createRuleQueries(deps),
    keys: createKeys(deps),
    maintenance: createMaintenance({ ...deps, channels, pause }),

    /** Call it once, before anything else is asked. */
    recover: async () => {
      await pause.load()
      await lease.enter()
      // Of this process nothing is orphaned yet: what is silent has ended, or is about to be told so.
      const recovered = await takeOver({ ...deps, channels }, silentMs ?? 0)
      await fanOut.start(neighbours)
      lease.start()
      return recovered
    },

    /** Whether a run works right now. */
    get busy(): boolean {
      return active.size > 0
    },

    /** What goes on right now. */
    get activity() {
      const { oldestStartedAt, size: runs } = active
      const oldestRunMs = oldestStartedAt === undefined ? 0 : clock.monotonic() - oldestStartedAt
      return { runs, oldestRunMs, inputsWaiting: inputs.waiting }
    },

    /** An operator paused it: no new turns. */
    get paused(): boolean {
      return pause.paused
    },

    /** False as soon as it shuts down. */
    get accepting(): boolean {
      return accepting
    },

    /** Takes nothing new, lets what runs finish for `graceMs`, then ends it with `shutting_down`. Resolves when every run has ended, at the
     *  latest 5 s after that. */
    shutDown: async (graceMs: number): Promise<void> => {
      accepting = false
      const stop = new AbortController()
      await Promise.race([active.drained(), clock.sleep(graceMs, stop.signal)])
      stop.abort()
      active.close(shuttingDown())
      await Promise.race([active.drained(), clock.sleep(lastWordMs)])
      await lease.leave()
      await fanOut.stop()
    },
  }
}

/** What a run that was stopped has to store its end. */
const lastWordMs = 5_000

function shuttingDown(): RuntimeError {
  return new RuntimeError('shutting_down', 'The server is shutting down', {
    details: { hint: 'Try again in a few seconds.', retryAfterMs: 5_000 },
  })
}

/** What a turn waits for. */
function endsWait({ body }: SubmitInput): boolean {
  return body.kind === 'tool_result' || body.kind === 'decision'
}
