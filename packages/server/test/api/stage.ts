import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyInstance, InjectOptions } from 'fastify'
import { buildApp } from '../../src/api/app.ts'
import type { ApiOptions } from '../../src/api/options.ts'
import { createAgents } from '../../src/application/agents.ts'
import { type Application, createApplication } from '../../src/application/index.ts'
import type { LanguageModel, ModelEvent, ModelRequest } from '../../src/application/ports/language-model.ts'
import type { Log } from '../../src/application/ports/log.ts'
import { commandKnowledge } from '../../src/catalogue/commands.ts'
import { contractPolicy } from '../../src/catalogue/policy.ts'
import { tools } from '../../src/catalogue/tools/index.ts'
import { followLog } from '../../src/compose/handlers.ts'
import { createMarkdownAgents } from '../../src/infrastructure/agents/markdown-agents.ts'
import { MemoryRateCounter } from '../../src/infrastructure/rates/memory-rate-counter.ts'
import { systemClock } from '../../src/infrastructure/system-clock.ts'
import { uuidIds } from '../../src/infrastructure/uuid-ids.ts'
import { named, onlyModels } from '../fakes/only-model.ts'
import { RoundRobin } from '../replicas/round-robin.ts'
import { openTestReplica, removeTestStore, replicasOfAll } from '../test-store.ts'

export const key = 'test-key-0123456789'

export type Script = readonly ModelEvent[] | ((request: ModelRequest, signal: AbortSignal) => AsyncIterable<ModelEvent>)

/** A model that says what the test wrote, one script for each answer; it always routes to coder. */
export class ScriptedModel implements LanguageModel {
  readonly provider = 'scripted'
  readonly model = 'scripted-1'
  readonly calls: ModelRequest[] = []
  readonly #scripts: Script[] = []

  script(...scripts: Script[]): void {
    this.#scripts.push(...scripts)
  }

  async *stream(request: ModelRequest, signal: AbortSignal): AsyncGenerator<ModelEvent> {
    if (request.purpose === 'classify') {
      yield* says('{"agent":"coder","confidence":"high","reasoning":"code"}')
      return
    }
    this.calls.push(request)
    const script = this.#scripts.shift() ?? says('An answer.')
    if (typeof script === 'function') yield* script(request, signal)
    else yield* script
  }
}

export const usage = { inputTokens: 10, cachedTokens: 2, outputTokens: 5, reasoningTokens: 1 }

export function says(...pieces: string[]): ModelEvent[] {
  return [
    ...pieces.map((text) => ({ type: 'text-delta' as const, text })),
    { type: 'usage', usage },
    { type: 'finish', reason: 'stop' },
  ]
}

export function asks(callId: string, tool: string, args: object, text = ''): ModelEvent[] {
  return [
    ...(text === '' ? [] : [{ type: 'text-delta' as const, text }]),
    { type: 'tool-call', callId, tool, argumentsJson: JSON.stringify(args) },
    { type: 'usage', usage },
    { type: 'finish', reason: 'tool-calls' },
  ]
}

export interface LogLine {
  readonly level: string
  readonly message: string
  readonly facts: Readonly<Record<string, unknown>>
}

interface Replica {
  readonly app: FastifyInstance
  readonly application: Application
  close(): Promise<void>
}

/** The API over the real application and store, in a folder of its own, with a scripted model. With CODELAB_TEST_REPLICAS it is several of
 *  them over one PostgreSQL that know of each other by nothing else, and each request goes to the next. */
export class Stage implements AsyncDisposable {
  readonly app: FastifyInstance
  readonly application: Application
  readonly model: ScriptedModel
  readonly lines: LogLine[]
  readonly #replicas: readonly Replica[]
  readonly #folder: string
  #balancer: RoundRobin | undefined

  private constructor(
    replicas: readonly [Replica, ...Replica[]],
    model: ScriptedModel,
    lines: LogLine[],
    folder: string,
  ) {
    const [{ app, application }] = replicas
    let turn = 0
    const next = () => replicas[turn++ % replicas.length]?.app ?? app
    this.app = Object.create(app, { inject: { value: (request: InjectOptions) => next().inject(request) } })
    const shutDown = async (graceMs: number) => {
      for (const replica of replicas) await replica.application.shutDown(graceMs)
    }
    this.application = Object.create(application, { shutDown: { value: shutDown } })
    this.model = model
    this.lines = lines
    this.#replicas = replicas
    this.#folder = folder
  }

  static async open(options: Partial<ApiOptions> = {}): Promise<Stage> {
    const folder = mkdtempSync(join(tmpdir(), 'codelab-api-'))
    const lines: LogLine[] = []
    const model = new ScriptedModel()
    const protection = {
      rateLimit: 'off',
      strangers: { max: 100_000, windowMs: 60_000 },
      counter: new MemoryRateCounter(),
      strangersCounter: new MemoryRateCounter(),
      maxStreams: 1_000,
      maxStreamsPerUser: 20,
      overloaded: () => false,
    } as const
    const start = () => startReplica(folder, model, logInto(lines), { protection, ...options })
    const first = await start()
    const others = await Promise.all(Array.from({ length: replicasOfAll - 1 }, start))
    return new Stage([first, ...others], model, lines, folder)
  }

  /** Listens on a free port of this machine. */
  async listen(): Promise<number> {
    const urls = await Promise.all(this.#replicas.map(({ app }) => app.listen({ host: '127.0.0.1', port: 0 })))
    if (urls.length > 1) this.#balancer = await RoundRobin.start(urls)
    return Number(new URL(this.#balancer?.url ?? urls[0] ?? '').port)
  }

  /** A request with the key. */
  async call(method: 'GET' | 'POST' | 'PATCH' | 'DELETE' | 'HEAD' | 'PUT' | 'OPTIONS', url: string, body?: unknown) {
    const response = await this.app.inject({
      method,
      url,
      headers: { 'x-internal-auth': key, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { payload: JSON.stringify(body) }),
    })
    return { status: response.statusCode, headers: response.headers, text: response.body, body: parsed(response.body) }
  }

  /** Sends one message and gives the frames of the answer. */
  async send(sessionId: string, message: unknown, more: { client?: unknown; headers?: object; query?: string } = {}) {
    const response = await this.app.inject({
      method: 'POST',
      url: `/agent/message/stream${more.query ?? ''}`,
      headers: { 'x-internal-auth': key, 'content-type': 'application/json', ...more.headers },
      payload: JSON.stringify({
        session_id: sessionId,
        message,
        ...(more.client === undefined ? {} : { client: more.client }),
      }),
    })
    if (response.statusCode !== 200) throw new Error(`${response.statusCode}: ${response.body}`)
    return framesOf(response.body)
  }

  /** A session that coder has, without a message. */
  async coderSession(id: string): Promise<void> {
    await this.call('POST', '/sessions', { session_id: id })
    const { status } = await this.call('POST', `/agents/${id}/switch`, { target_agent: 'coder', reason: 'test' })
    if (status !== 200) throw new Error(`switch: ${status}`)
  }

  async untilRunning(id: string): Promise<void> {
    while ((await this.call('GET', `/sessions/${id}`)).body.state !== 'running') await sleep(5)
  }

  async historyLength(id: string): Promise<number> {
    const { status, body } = await this.call('GET', `/sessions/${id}/history`)
    return status === 404 ? 0 : body.message_count
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const replica of this.#replicas) await replica.close()
    await this.#balancer?.[Symbol.asyncDispose]()
    await removeTestStore(this.#folder)
  }
}

async function startReplica(folder: string, model: LanguageModel, log: Log, options: ReplicaOptions): Promise<Replica> {
  const clock = systemClock
  const { replicas, ...store } = await openTestReplica(folder, { clock, log })
  const catalogue = await createMarkdownAgents({ knownTools: tools.map((tool) => tool.name) }).load()
  const application = createApplication({
    store: store.unitOfWork,
    ...(replicas && { replicas }),
    handlers: followLog(store.unitOfWork, clock, log).handlers,
    models: onlyModels(named(model)),
    agents: createAgents(catalogue, 'multi'),
    tools,
    policy: contractPolicy,
    commands: commandKnowledge,
    hitl: { approve: 'run', strict: false },
    limits: { runMs: 60_000, turnSteps: 50, turnTokens: 1_000_000, queueLength: 8, queueWaitMs: 10_000 },
    clock,
    ids: uuidIds,
    log,
  })
  if (replicas) await application.recover()
  const app = buildApp(application, {
    keys: [key, 'another-key-0123456789'],
    version: '1.2.3',
    model: { provider: 'scripted', model: 'scripted-1' },
    log,
    requestId: uuidIds.next,
    health: async () => ({ status: 'healthy', details: { database: 'ok' } }),
    heartbeatMs: 15_000,
    drainMs: 60_000,
    socketAccess: 'local',
    openSignIn: false,
    settings: [{ name: 'PORT', value: '8001', source: 'default', about: 'port to listen on' }],
    consoleFolder: join(folder, 'no-console'),
    browsers: { hosts: null, origins: [] },
    meters: { request() {}, show: async () => ({ contentType: 'text/plain', text: '' }) },
    ...options,
  })
  await app.ready()
  const close = async () => {
    await application.shutDown(0)
    await app.close()
    await store.close()
  }
  return { app, application, close }
}

type ReplicaOptions = Partial<ApiOptions> & Pick<ApiOptions, 'protection'>

export interface TestFrame {
  readonly event: string
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  readonly data: any
}

/** Frames of a stream, without its comments. */
export function framesOf(text: string): TestFrame[] {
  return text
    .split('\r\n\r\n')
    .filter((block) => block !== '' && !block.startsWith(':'))
    .map((block) => {
      const match = /^event: (\w+)\r\ndata: (.*)$/s.exec(block)
      if (!match) throw new Error(`no frame: ${JSON.stringify(block)}`)
      return { event: match[1] ?? '', data: JSON.parse(match[2] ?? '') }
    })
}

export const doneFrame: TestFrame = { event: 'done', data: { status: 'completed' } }

// biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
function parsed(text: string): any {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function logInto(lines: LogLine[]): Log {
  const add =
    (level: string) =>
    (message: string, facts: Readonly<Record<string, unknown>> = {}) => {
      lines.push({ level, message, facts })
    }
  return { debug: add('debug'), info: add('info'), warn: add('warn'), error: add('error') }
}
