import type { AgentDefinition } from '../../domain/agent.ts'
import type { CommandKnowledge } from '../../domain/command-reach.ts'
import type { HistoryCut } from '../../domain/history-cut.ts'
import type { Policy } from '../../domain/policy.ts'
import type { Session, StoredMessage, Turn } from '../../domain/session.ts'
import type { Tool } from '../../domain/tool.ts'
import type { SessionWorkspace } from '../../domain/workspace.ts'
import type { Agents } from '../agents.ts'
import type { Taken } from '../inputs/input.ts'
import type { Clock } from '../ports/clock.ts'
import type { Ids } from '../ports/ids.ts'
import type { Log } from '../ports/log.ts'
import type { Meters } from '../ports/meters.ts'
import type { ModelSource } from '../ports/model-source.ts'
import type { UnitOfWork } from '../ports/store.ts'
import type { Channel, Channels } from '../readers/channels.ts'
import type { Drafts } from '../readers/drafts.ts'
import type { ConnectedClients } from '../replicas/connected-clients.ts'
import type { Lease } from '../replicas/lease.ts'
import type { SessionAgents } from '../session-agents.ts'
import type { Histories } from './histories.ts'
import type { Remedy } from './remedies.ts'

export interface RunDeps {
  readonly store: UnitOfWork
  readonly channels: Channels
  readonly models: ModelSource
  readonly agents: Agents
  readonly sessionAgents: SessionAgents
  readonly tools: readonly Tool[]
  readonly policy: Policy
  readonly commands: CommandKnowledge
  readonly clock: Clock
  readonly ids: Ids
  readonly lease: Lease
  readonly connected: ConnectedClients
  /** After how long a replica counts as gone; left out: there are no others. */
  readonly silentMs?: number
  readonly log: Log
  readonly meters?: Meters
  /** Lets messages that steer enter the turn. */
  readonly steer: (taken: Taken) => Promise<void>
  readonly drafts: Drafts
  readonly histories: Histories
  /** Whether keys are masked before a model reads them. */
  readonly masks: boolean
  /** An operator paused the service: no further model call. */
  readonly paused?: () => boolean
  readonly limits: { readonly runMs: number; readonly turnSteps: number; readonly turnTokens: number }
}

/** What a run carries from step to step. All else is read from the store: nothing of a turn lives only in memory. */
export interface RunState {
  readonly taken: Taken
  readonly channel: Channel
  readonly signal: AbortSignal
  /** Nothing may be shown before this resolves. */
  readonly shown: Promise<void>
  /** On the monotonic clock. */
  readonly startedAt: number
  faultyAnswers: number
  handoffs: number
  /** What the provider made us do to its requests; they stay so for the rest of the run. */
  readonly remedies: Set<Remedy>
  /** Text of an answer that was not finished. */
  partial: { readonly messageId: string; readonly text: string; readonly agent: string } | undefined
}

/** What a session has that a request is made of. */
export interface RequestSources {
  readonly stored: readonly StoredMessage[]
  readonly workspace: SessionWorkspace
  readonly cut: HistoryCut
}

export interface StepContext {
  readonly session: Session
  readonly turn: Turn
  readonly agent: AgentDefinition
  /** As they were when the step began. */
  readonly sources: RequestSources
}
