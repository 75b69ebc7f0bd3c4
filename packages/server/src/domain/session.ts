import type { Part } from './message.ts'

/** What a session does right now. `running`: a run works on it; `awaiting_*`: a call waits for its client or for a person. */
export type SessionState = 'idle' | 'running' | 'awaiting_tool' | 'awaiting_approval'

/** A conversation and what belongs to it. Times are epoch milliseconds. */
export interface Session {
  /** Ours, unique for ever. */
  readonly sid: string
  readonly ownerId: string
  /** The id that clients use; unique per owner among sessions that are not deleted. */
  readonly externalId: string
  readonly title: string | null
  readonly description: string | null
  readonly createdAt: number
  readonly lastActivity: number
  readonly isActive: boolean
  readonly currentAgent: string
  /** Whether a person chose the agent: then it stays until they say `auto`. */
  readonly agentChosen: boolean
  /** Alias of the model that a person chose for it. */
  readonly model: string | null
  readonly switchCount: number
  readonly lastSwitchAt: number | null
  readonly messageCount: number
  /** Sequence number of the last event in its log. */
  readonly lastSeq: number
  readonly state: SessionState
  /** The turn that runs or waits. */
  readonly turnId: string | null
  /** The replica that works on its run; null while nothing runs, or when the run was handed over. */
  readonly owner: string | null
  /** Grows with every run: a run whose fence is older may not write any more. */
  readonly fence: number
  /** Why its run is to stop, as somebody has asked. */
  readonly stop: 'cancelled' | 'interrupted' | null
}

export type SessionPatch = Partial<
  Pick<
    Session,
    | 'title'
    | 'lastActivity'
    | 'isActive'
    | 'currentAgent'
    | 'agentChosen'
    | 'model'
    | 'switchCount'
    | 'lastSwitchAt'
    | 'state'
    | 'turnId'
    | 'owner'
    | 'fence'
    | 'stop'
    | 'messageCount'
    | 'lastSeq'
  >
>

/** A message as it is stored. `position` counts from 1 without a gap; it is the order, times are not. */
export interface StoredMessage {
  readonly id: string
  readonly sid: string
  readonly position: number
  readonly turnId: string | null
  readonly createdAt: number
  readonly agent: string | null
  /** `interrupted`: an answer that was cut; it is never shown as a finished one. */
  readonly status: 'complete' | 'interrupted'
  readonly role: 'user' | 'assistant' | 'tool'
  readonly parts: readonly Part[]
}

export type TurnState =
  | 'running'
  | 'awaiting_tool'
  | 'awaiting_approval'
  | 'interrupted'
  | 'completed'
  | 'failed'
  | 'cancelled'

/** One user message to the final answer; may span several requests and days. */
export interface Turn {
  readonly turnId: string
  readonly sid: string
  readonly state: TurnState
  readonly startedAt: number
  readonly endedAt: number | null
  /** Model calls so far. */
  readonly steps: number
  /** Output and uncached input of its model calls so far, the router's too. */
  readonly tokens: number
  /** Who runs the tools of this turn and what it can do; null for a client that declared nothing. */
  readonly client: ClientProfile | null
}

/** What a client said of itself (DESIGN 7). Bound at turn start. */
export interface ClientProfile {
  readonly id: string | null
  readonly name: string | null
  readonly version: string | null
  /** Only names that we know. */
  readonly features: readonly string[]
  /** Null: the six tools of the shipped IDE. */
  readonly tools: readonly string[] | null
  readonly limits: Readonly<Record<string, number>>
  readonly context: Readonly<Record<string, unknown>> | null
}

export type RunOutcome =
  | 'completed'
  | 'awaiting_tool'
  | 'awaiting_approval'
  | 'rejected'
  | 'switched'
  | 'failed'
  | 'cancelled'
  | 'interrupted'

/** The work done for one input of a turn. */
export interface Run {
  readonly runId: string
  readonly sid: string
  readonly turnId: string
  /** The agent that had the session when the run started. */
  readonly agent: string
  readonly inputKind: InputKind
  readonly startedAt: number
  readonly endedAt: number | null
  readonly outcome: RunOutcome | null
  readonly errorCode: string | null
  readonly errorText: string | null
  /** How often a replica that shut down left it to another. */
  readonly handedOver: number
}

export type InputKind = 'message' | 'steer' | 'tool_result' | 'decision' | 'switch' | 'resume'
