import type { ApiKey } from '../../domain/api-key.ts'
import type { EventType, NewEvent, SessionEvent } from '../../domain/event.ts'
import type { Grant } from '../../domain/grant.ts'
import type { HistoryCut } from '../../domain/history-cut.ts'
import type { ToolResultPart } from '../../domain/message.ts'
import type {
  ClientProfile,
  InputKind,
  Run,
  RunOutcome,
  Session,
  SessionPatch,
  StoredMessage,
  Turn,
  TurnState,
} from '../../domain/session.ts'
import type { CallPreview, ToolCall } from '../../domain/tool-call.ts'
import type { SessionWorkspace } from '../../domain/workspace.ts'
import type { HandlerStore } from './handlers.ts'
import type { MaintenanceStore } from './maintenance.ts'
import type { OverviewStore } from './overview.ts'
import type { UsageStore } from './usage.ts'

/** The store. Everything is written inside a unit of work; a unit is short and awaits nothing but the store (DESIGN 5). Failures of the
 *  engine are RuntimeErrors: `storage_busy` (another writer held it too long), `storage_unavailable` (disk full, file read-only, gone). */
export interface UnitOfWork {
  // Units of one session never overlap, those of others may: a unit that writes has the session from when it reads it (`find`, `get`) to its
  // end, so it reads the session first. The work may be run again after it met another unit; it changes nothing but the store.
  /** All of `work` is stored, or none of it. Resolves when it will survive what the durability setting promises. */
  transact<T>(work: (tx: Transaction) => Promise<T>): Promise<T>
  /** As `transact`, but resolves at the commit; `durable` resolves when it survives. Nothing of it may be shown before that. */
  commit<T>(work: (tx: Transaction) => Promise<T>): Promise<Committed<T>>
  /** Sees only what is durable. */
  read<T>(work: (tx: Transaction) => Promise<T>): Promise<T>
}

export interface Committed<T> {
  readonly value: T
  readonly durable: Promise<void>
}

/** Throws when it is used after its unit of work has ended. */
export interface Transaction {
  readonly sessions: SessionStore
  readonly messages: MessageStore
  readonly calls: ToolCallStore
  readonly previews: PreviewStore
  readonly artifacts: ArtifactStore
  readonly turns: TurnStore
  readonly runs: RunStore
  readonly modelCalls: ModelCallStore
  readonly switches: SwitchStore
  readonly inputs: InputStore
  readonly drafts: DraftStore
  readonly replicas: ReplicaStore
  readonly grants: GrantStore
  readonly workspaces: WorkspaceStore
  readonly agentFiles: AgentFileStore
  readonly log: EventLog
  readonly statistics: Statistics
  readonly maintenance: MaintenanceStore
  readonly handlers: HandlerStore
  readonly usage: UsageStore
  readonly overview: OverviewStore
  readonly apiKeys: ApiKeyStore
}

export interface SessionStore {
  /** A session that is not deleted. */
  find(ownerId: string, externalId: string): Promise<Session | undefined>
  /** The one of that id, whoever has it; none where several have one. */
  findOnly(externalId: string): Promise<Session | undefined>
  /** The one that was created under this key and is not deleted. */
  findCreated(ownerId: string, key: string): Promise<Session | undefined>
  /** By our own id, deleted ones too (`deleted` tells). */
  get(sid: string): Promise<(Session & { readonly deleted: boolean }) | undefined>
  /** Throws `session_exists` when the owner has one of that id that is not deleted. */
  create(session: NewSession): Promise<Session>
  update(sid: string, patch: SessionPatch): Promise<void>
  /** Soft; the id may come again for a new session. */
  remove(sid: string, at: number): Promise<void>
  /** Newest activity first, never deleted ones. `total` counts all that match, without scanning messages. */
  list(query: SessionQuery): Promise<{ readonly sessions: readonly ListedSession[]; readonly total: number }>
  /** How far those of the given ones are that are stored. */
  heads(sids: readonly string[]): Promise<readonly SessionHead[]>
  /** Takes those of the given ones that no other unit writes to, as `get` does, and waits for none. */
  takeFree(sids: readonly string[]): Promise<ReadonlySet<string>>
  count(): Promise<number>
}

/** How far a session is. */
export interface SessionHead {
  readonly sid: string
  readonly lastSeq: number
  readonly owner: string | null
  readonly fence: number
  readonly stop: Session['stop']
  readonly deleted: boolean
}

export interface NewSession {
  readonly sid: string
  readonly ownerId: string
  readonly externalId: string
  readonly createdAt: number
  readonly currentAgent: string
  /** What a client repeats the creation by. */
  readonly createdKey?: string
}

export interface SessionQuery {
  readonly ownerId: string
  readonly limit: number
  readonly offset: number
  readonly activeOnly: boolean
  /** In the title or the id, whatever the case. */
  readonly text?: string
  readonly agent?: string
  /** `waiting`: for a person. `failed`: its last turn did. */
  readonly status?: 'waiting' | 'running' | 'failed'
}

export interface ListedSession
  extends Pick<
    Session,
    | 'sid'
    | 'externalId'
    | 'title'
    | 'description'
    | 'createdAt'
    | 'lastActivity'
    | 'isActive'
    | 'currentAgent'
    | 'model'
    | 'messageCount'
    | 'state'
  > {
  /** How its last turn stands; null before the first one. */
  readonly lastTurn: TurnState | null
}

export interface MessageStore {
  /** Appends in O(1): the next position comes from the session row, whose count and last activity move with it. */
  append(message: Omit<StoredMessage, 'position'>): Promise<StoredMessage>
  /** For who has read the session's row in this unit, has numbered the message by it, and moves its count himself. */
  add(message: StoredMessage): Promise<void>
  /** Oldest first. */
  list(sid: string, page?: { readonly limit: number; readonly offset: number }): Promise<readonly StoredMessage[]>
  listByIds(sid: string, ids: readonly string[]): Promise<readonly StoredMessage[]>
  /** The text of the newest user message, as a model reads it. */
  lastUserText(sid: string): Promise<string | undefined>
  /** Puts another part into the tool message of a call (PROTOCOL 6.3, acknowledge). */
  replaceResult(sid: string, messageId: string, part: ToolResultPart): Promise<void>
}

export interface ToolCallStore {
  create(call: ToolCall): Promise<void>
  find(sid: string, callId: string): Promise<ToolCall | undefined>
  /** Every id that is taken already, of those given. */
  existing(sid: string, callIds: readonly string[]): Promise<ReadonlySet<string>>
  listByIds(sid: string, callIds: readonly string[]): Promise<readonly ToolCall[]>
  /** Calls of one assistant message, in their order there; the steps of a lowered call follow it. */
  listByMessage(sid: string, messageId: string): Promise<readonly ToolCall[]>
  /** Oldest first; `open` lists those in state open or awaiting_approval. */
  list(sid: string, filter: 'all' | 'open' | 'pending'): Promise<readonly ToolCall[]>
  /** Of the newest calls of all, or of a session, those of the owner's sessions that are not deleted; newest first. */
  newest(
    ownerId: string,
    sid: string | undefined,
    limit: number,
  ): Promise<readonly { readonly call: ToolCall; readonly externalId: string }[]>
  /** Compare-and-set: false when the call was not in state `from` any more. */
  update(sid: string, callId: string, from: ToolCall['state'], patch: ToolCallPatch): Promise<boolean>
}

export type ToolCallPatch = Partial<
  Pick<
    ToolCall,
    | 'state'
    | 'editedJson'
    | 'approval'
    | 'dispatchedAt'
    | 'dispatchedBy'
    | 'heldBy'
    | 'answeredAt'
    | 'failed'
    | 'syntheticReason'
    | 'resultMessageId'
    | 'ruling'
  >
>

/** Full texts of results, where the model was given less. In a table of their own: they are large and seldom read. */
export interface ArtifactStore {
  /** The last one given counts. */
  put(sid: string, callId: string, text: string): Promise<void>
  find(sid: string, callId: string): Promise<string | undefined>
}

/** What calls would do. In a table of its own: it is read only where it is shown. */
export interface PreviewStore {
  /** The last one given counts. */
  put(sid: string, callId: string, preview: CallPreview): Promise<void>
  find(sid: string, callId: string): Promise<CallPreview | undefined>
  /** By call, of those given. */
  listByCalls(sid: string, callIds: readonly string[]): Promise<ReadonlyMap<string, CallPreview>>
}

export interface TurnStore {
  create(turn: {
    readonly turnId: string
    readonly sid: string
    readonly startedAt: number
    readonly client: ClientProfile | null
  }): Promise<void>
  get(turnId: string): Promise<Turn | undefined>
  /** The newest turn of a session. */
  latest(sid: string): Promise<Turn | undefined>
  setState(turnId: string, state: TurnState, endedAt: number | null): Promise<void>
  addStep(turnId: string): Promise<void>
}

export interface RunStore {
  get(runId: string): Promise<Run | undefined>
  create(run: Omit<Run, 'endedAt' | 'outcome' | 'errorCode' | 'errorText' | 'handedOver'>): Promise<void>
  end(
    runId: string,
    end: {
      readonly at: number
      readonly outcome: RunOutcome
      readonly errorCode?: string
      readonly errorText?: string
    },
  ): Promise<void>
  /** Leaves it to another replica. */
  handOver(runId: string): Promise<void>
}

/** One call of a model, the classifier's too. Times in milliseconds; `cost` in US dollars, null when unknown. */
export interface ModelCall {
  readonly id: string
  readonly sid: string
  readonly turnId: string
  readonly runId: string
  readonly purpose: 'answer' | 'classify'
  readonly agent: string
  /** Null for calls of before there were aliases. */
  readonly alias: string | null
  /** Alias of the model that was meant and was away. */
  readonly insteadOf: string | null
  readonly provider: string
  readonly model: string
  readonly answeredBy: string | null
  readonly at: number
  readonly inputTokens: number
  readonly cachedTokens: number
  readonly outputTokens: number
  readonly reasoningTokens: number
  readonly cost: number | null
  readonly firstTokenMs: number | null
  readonly durationMs: number
  readonly finish: string | null
  readonly attempts: number
  readonly toolCalls: number
  /** They came as text and were taken as calls. */
  readonly callsInText: boolean
  readonly errorCode: string | null
  readonly errorText: string | null
  /** Of what every request of the session begins with: model, tools, system text. Two calls with the same one share a provider's cache. */
  readonly prefixHash: string | null
  /** How long the request was thought to be before it was sent. */
  readonly estimatedTokens: number | null
  /** What the model can read; null when nobody said. */
  readonly contextTokens: number | null
}

/** What is stored once for a session: what models are told of the workspace, and how much of the history they are sent. */
export interface WorkspaceStore {
  /** Of a session that has nothing stored: null, and the whole history. */
  get(sid: string): Promise<SessionWorkspace & { readonly cut: HistoryCut }>
  tell(sid: string, workspace: SessionWorkspace): Promise<void>
  cut(sid: string, cut: HistoryCut): Promise<void>
}

export interface ModelCallStore {
  /** Its tokens, and the step that it made, count towards its turn, the tokens also towards the day of its owner. */
  add(call: ModelCall, steps?: 0 | 1): Promise<void>
  /** Oldest first, at most `limit`, the newest ones. */
  list(sid: string, purpose: ModelCall['purpose'], limit: number): Promise<readonly ModelCall[]>
  /** What a session used, by model, the classifier's calls and failed ones too. */
  usage(sid: string): Promise<readonly ModelUsage[]>
}

export interface ModelUsage {
  readonly alias: string | null
  readonly provider: string
  readonly model: string
  readonly calls: number
  readonly inputTokens: number
  readonly cachedTokens: number
  readonly outputTokens: number
  readonly reasoningTokens: number
  /** In US dollars; null when that of a single call is not known. */
  readonly cost: number | null
}

export interface AgentSwitch {
  readonly from: string
  readonly to: string
  readonly reason: string
  readonly confidence: string | null
  readonly at: number
}

export interface SwitchStore {
  add(sid: string, entry: AgentSwitch): Promise<void>
  /** Oldest first. */
  list(sid: string): Promise<readonly AgentSwitch[]>
}

/** What a client sent, as a row: order and waiting (DESIGN 5). */
export interface Input {
  readonly id: string
  readonly sid: string
  readonly kind: InputKind
  readonly state: 'waiting' | 'taken' | 'dropped'
  readonly bodyJson: string
  readonly createdAt: number
  /** What a client repeats it by; null for one that cannot be repeated. */
  readonly repeat: { readonly key: string; readonly bodyHash: string } | null
  /** Null until it is taken. */
  readonly run: { readonly runId: string; readonly afterSeq: number } | null
  /** The replica whose request it belongs to. */
  readonly replica: string | null
}

/** The text of an answer that is not finished, as far as it is stored. */
export interface Draft {
  readonly messageId: string
  readonly sid: string
  readonly runId: string
  readonly agent: string
  readonly text: string
}

/** Of a draft, from `at` on (UTF-16 units). */
export type DraftPiece = Draft & { readonly at: number }

/** How much of the newest draft of a session somebody has. */
export interface DraftPosition {
  readonly sid: string
  readonly messageId: string
  readonly length: number
}

export interface NewestDraft {
  readonly sid: string
  readonly messageId: string
  /** From its beginning, or from the end of what the reader has; undefined: the reader has all of it. */
  readonly news: DraftPiece | undefined
}

export interface DraftStore {
  /** Of runs that have ended, nothing is kept. One piece of a message at most. */
  put(pieces: readonly DraftPiece[]): Promise<void>
  /** The newest of each session that has one. */
  newest(wanted: readonly DraftPosition[]): Promise<readonly NewestDraft[]>
  remove(messageId: string): Promise<void>
  /** Reads and removes them. */
  takeOfRun(runId: string): Promise<readonly Draft[]>
}

/** Rules that people made. All lists are in order of creation. */
export interface GrantStore {
  add(grant: Grant): Promise<void>
  find(ownerId: string, id: string): Promise<Grant | undefined>
  remove(id: string): Promise<void>
  ofSession(sid: string): Promise<readonly Grant[]>
  ofProject(ownerId: string, projectId: string): Promise<readonly Grant[]>
  /** No other unit that holds it adds a rule to the project meanwhile. */
  holdProject(ownerId: string, projectId: string): Promise<void>
  list(ownerId: string, limit: number): Promise<readonly Grant[]>
}

/** Keys of persons, by the hash of each. */
export interface ApiKeyStore {
  add(key: ApiKey): Promise<void>
  findByHash(hash: string): Promise<ApiKey | undefined>
  /** By user, then oldest first; of everybody without one. */
  list(ownerId: string | undefined, limit: number): Promise<readonly ApiKey[]>
  /** Gives the hashes of those that were not revoked before. */
  revoke(which: { readonly id: string } | { readonly ownerId: string }, at: number): Promise<readonly string[]>
  /** Notes that it was used. */
  touch(id: string, at: number): Promise<void>
}

/** Agents that a session's workspace has as files, as JSON text. */
export interface AgentFileStore {
  get(sid: string): Promise<string | undefined>
  put(sid: string, filesJson: string): Promise<void>
}

export interface InputStore {
  add(input: Input): Promise<void>
  get(id: string): Promise<Input | undefined>
  /** Among those of a kind where one is named. */
  countWaiting(sid: string, kinds?: readonly InputKind[]): Promise<number>
  /** The one that waits longest; among those of a kind where one is named. */
  firstWaiting(sid: string, kinds?: readonly InputKind[]): Promise<Input | undefined>
  /** Compare-and-set: false when it waits no more. A dropped one can be sent again under its key. */
  settle(id: string, state: 'taken' | 'dropped'): Promise<boolean>
  /** By the key that a client repeats it by; not older than `since`, never a dropped one. */
  findRepeat(sid: string, key: string, since: number): Promise<Input | undefined>
  /** The run that took it, or that goes on with it. */
  setRun(id: string, run: { readonly runId: string; readonly afterSeq: number }): Promise<void>
}

/** The processes that share the store (DESIGN 5). Who is alive is decided by the store's clock, never by that of a process. */
export interface ReplicaStore {
  /** `listener` is where it hears of the others. */
  enter(id: string, listener: string): Promise<void>
  /** Says that it is alive. False: it was silent for longer, and others may have its sessions. */
  beat(id: string, silentMs: number): Promise<boolean>
  leave(id: string): Promise<void>
  /** Whether there is another one that is alive. */
  hasOthers(id: string, silentMs: number): Promise<boolean>
  isAlive(id: string, silentMs: number): Promise<boolean>
  /** There is nobody but the one that asks. */
  clear(): Promise<void>
  /** Forgets those that have been silent for longer. */
  forgetSilent(silentMs: number): Promise<void>
  /** Runs that nobody works on: their replica is silent for longer, or left them to others (`owner` null). */
  orphanedRuns(silentMs: number, limit: number): Promise<readonly OrphanedRun[]>
  /** Inputs in line whose requests died with their replica. */
  orphanedInputs(silentMs: number, limit: number): Promise<readonly Input[]>
}

export interface OrphanedRun {
  readonly run: Run
  readonly owner: string | null
  readonly fence: number
}

export interface EventLog {
  /** Gives the events their numbers and stores them, thin, in the order given. */
  append(sid: string, at: number, events: readonly NewEvent[]): Promise<readonly SessionEvent[]>
  /** For who has read the session's row in this unit, has numbered the events by it, and moves its count himself. */
  add(events: readonly SessionEvent[]): Promise<void>
  /** Events after `seq`, oldest first, with the messages and calls that they point at. */
  readAfter(sid: string, seq: number, limit: number): Promise<readonly SessionEvent[]>
}

/** A row of the audit: an event with what a reader of it needs. */
export interface AuditRow {
  readonly event: SessionEvent
  readonly externalId: string
  /** Agent of the run it belongs to. */
  readonly agent: string | null
}

export interface AgentFigures {
  readonly agent: string
  readonly runs: number
  readonly failed: number
  readonly totalMs: number
}

export interface ToolFigures {
  readonly tool: string
  readonly requested: number
  readonly completed: number
  readonly failed: number
  readonly requiredApproval: number
  readonly approved: number
  readonly edited: number
  readonly rejected: number
}

/** Figures and the audit, read from what is stored. */
export interface Statistics {
  switches(ownerId: string): Promise<readonly { readonly from: string; readonly to: string; readonly count: number }[]>
  agents(ownerId: string): Promise<readonly AgentFigures[]>
  tools(ownerId: string): Promise<readonly ToolFigures[]>
  errors(ownerId: string): Promise<readonly { readonly agent: string; readonly code: string; readonly count: number }[]>
  /** External ids of sessions that have called a model to answer, oldest first. */
  sessionsWithModelCalls(ownerId: string): Promise<readonly string[]>
  /** The newest `limit` audited events of these types, oldest first. Reads an index, not the log. */
  audit(query: {
    readonly ownerId: string
    readonly sid?: string
    readonly types: readonly EventType[]
    readonly limit: number
  }): Promise<readonly AuditRow[]>
  /** Events ever stored, and the time of the last one. */
  events(): Promise<{ readonly total: number; readonly lastAt: number | null }>
}
