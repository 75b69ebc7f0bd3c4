import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createAgents } from '../../src/application/agents.ts'
import {
  type Application,
  type ClientProfile,
  createApplication,
  type InputBody,
  type RunFrame,
  type SessionEvent,
} from '../../src/application/index.ts'
import type { Clock } from '../../src/application/ports/clock.ts'
import type { FanOut } from '../../src/application/ports/fan-out.ts'
import type { Log } from '../../src/application/ports/log.ts'
import type { NamedModel } from '../../src/application/ports/model-source.ts'
import type { UnitOfWork } from '../../src/application/ports/store.ts'
import { commandKnowledge } from '../../src/catalogue/commands.ts'
import { contractPolicy } from '../../src/catalogue/policy.ts'
import { tools } from '../../src/catalogue/tools/index.ts'
import type { CleanupSettings } from '../../src/domain/cleanup.ts'
import { createMarkdownAgents } from '../../src/infrastructure/agents/markdown-agents.ts'
import { createWorkspaceAgentReader } from '../../src/infrastructure/agents/workspace-agents.ts'
import type { EventHandler } from '../../src/infrastructure/handlers/event-handler.ts'
import { createEventHandlers, type RunningHandlers } from '../../src/infrastructure/handlers/event-handlers.ts'
import type { OpenedStore } from '../../src/infrastructure/persistence/opened-store.ts'
import { systemClock } from '../../src/infrastructure/system-clock.ts'
import { uuidIds } from '../../src/infrastructure/uuid-ids.ts'
import { named, onlyModels } from '../fakes/only-model.ts'
import { ScriptedModel } from '../fakes/scripted-model.ts'
import { openTestStore, removeTestStore } from '../test-store.ts'

export const owner = 'service'

const quiet: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }

export interface StartOptions {
  readonly folder?: string
  readonly mode?: 'multi' | 'single'
  readonly hitl?: { readonly approve: 'run' | 'acknowledge'; readonly strict: boolean }
  readonly limits?: Partial<Parameters<typeof createApplication>[0]['limits']>
  readonly cleanup?: CleanupSettings
  readonly clock?: Clock
  readonly handlers?: readonly EventHandler[]
  /** Beside another one, over its store. */
  readonly beside?: { readonly store: OpenedStore; readonly unitOfWork?: UnitOfWork }
  readonly replicas?: { readonly fanOut: FanOut; readonly silentMs: number; readonly heartbeats?: UnitOfWork }
  /** Models behind the scripted one, in the order in which they are asked. */
  readonly others?: readonly NamedModel[]
}

/** The whole application over a real SQLite file and a scripted model; no HTTP. */
export class TestApplication implements AsyncDisposable {
  readonly application: Application
  readonly model: ScriptedModel
  readonly store: OpenedStore
  readonly folder: string

  /** Those of the options; they stand still until they are started. */
  readonly handlers: RunningHandlers | undefined

  private constructor(parts: {
    application: Application
    model: ScriptedModel
    store: OpenedStore
    folder: string
    handlers: RunningHandlers | undefined
  }) {
    this.application = parts.application
    this.model = parts.model
    this.store = parts.store
    this.folder = parts.folder
    this.handlers = parts.handlers
  }

  static async start(options: StartOptions = {}): Promise<TestApplication> {
    const clock = options.clock ?? systemClock
    const folder = options.folder ?? (await mkdtemp(join(tmpdir(), 'codelab-app-')))
    const model = new ScriptedModel()
    const store = options.beside?.store ?? (await openTestStore(folder, { clock, log: quiet }))
    const unitOfWork = options.beside?.unitOfWork ?? store.unitOfWork
    const handlers = options.handlers && createEventHandlers(options.handlers, { store: unitOfWork, clock, log: quiet })
    const knownTools = tools.map((tool) => tool.name)
    const catalogue = await createMarkdownAgents({ knownTools }).load()
    const fragments = catalogue.fragments ?? new Map()
    const application = createApplication({
      store: unitOfWork,
      models: onlyModels(named(model), ...(options.others ?? [])),
      agents: createAgents(catalogue, options.mode ?? 'multi'),
      workspaceAgents: createWorkspaceAgentReader({ knownTools, aliases: [], fragments }),
      tools,
      policy: contractPolicy,
      commands: commandKnowledge,
      hitl: options.hitl ?? { approve: 'run', strict: false },
      ...(handlers && { handlers }),
      ...(options.replicas && { replicas: { heartbeats: unitOfWork, ...options.replicas } }),
      ...(options.cleanup && { cleanup: options.cleanup }),
      limits: {
        runMs: 60_000,
        turnSteps: 50,
        turnTokens: 1_000_000,
        queueLength: 8,
        queueWaitMs: 60_000,
        ...options.limits,
      },
      clock,
      ids: uuidIds,
      log: quiet,
    })
    await application.recover()
    return new TestApplication({ application, model, store, folder, handlers })
  }

  /** Sends an input and reads its run to the end. */
  async send(
    body: InputBody,
    options: { readonly session?: string; readonly client?: ClientProfile } = {},
  ): Promise<RunFrame[]> {
    const frames: RunFrame[] = []
    const input = { ownerId: owner, sessionId: options.session ?? 's1', client: options.client ?? null, body }
    for await (const frame of this.application.commands.streamInput(input, new AbortController().signal))
      frames.push(frame)
    return frames
  }

  message(
    content: string,
    options: { readonly session?: string; readonly client?: ClientProfile } = {},
  ): Promise<RunFrame[]> {
    return this.send({ kind: 'message', content }, options)
  }

  /** Roles and texts of the stored messages, calls as `tool(callId)`. */
  async history(session = 's1'): Promise<string[]> {
    const { messages } = await this.application.sessions.history({ ownerId: owner, sessionId: session })
    return messages.map(({ role, parts, status }) => {
      const texts = parts.map((part) => (part.type === 'tool-call' ? `${part.tool}(${part.callId})` : part.text))
      return `${role}${status === 'interrupted' ? '!' : ''}: ${texts.join(' | ')}`
    })
  }

  async state(session = 's1'): Promise<string> {
    return (await this.application.sessions.get({ ownerId: owner, sessionId: session })).state
  }

  async stop(): Promise<void> {
    await this.application.shutDown(0)
    await this.handlers?.stop()
    await this.store.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
    await removeTestStore(this.folder)
  }
}

export function client(features: readonly string[] = [], more: Partial<ClientProfile> = {}): ClientProfile {
  return { id: null, name: 'test', version: null, features, tools: null, limits: {}, context: null, ...more }
}

export function events(frames: readonly RunFrame[]): SessionEvent[] {
  return frames.flatMap((frame) => (frame.kind === 'event' ? [frame.event] : []))
}

/** What matters to a client, a word each. */
export function summary(frames: readonly RunFrame[]): string[] {
  return frames.flatMap((frame) => {
    if (frame.kind !== 'event') return frame.kind === 'queued' ? [`queued ${frame.position}`] : []
    const { event } = frame
    switch (event.type) {
      case 'agent.switched':
        return [`switched ${event.facts.from}>${event.facts.to}`]
      case 'tool_call.dispatched':
        return [`call ${event.facts.tool}${event.facts.requiresApproval ? '?' : ''}`]
      case 'run.ended':
        return [event.facts.error ? `${event.facts.outcome} ${event.facts.error.code}` : event.facts.outcome]
      default:
        return []
    }
  })
}
