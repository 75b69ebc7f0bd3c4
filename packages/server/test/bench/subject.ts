import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { internalKey, ServerProcess } from '../server-process.ts'
import { cpuOfTree } from './cpu.ts'
import { Child } from './processes/child.ts'
import type { Load as LoadCommands } from './processes/load.ts'
import type { Relay } from './processes/relay.ts'
import type { Upstream as UpstreamCommands } from './processes/upstream.ts'

export type Upstream = Child<UpstreamCommands>
export type Load = Child<LoadCommands>

/** What is measured: the server, or the relay. */
export interface Subject extends AsyncDisposable {
  readonly name: 'server' | 'relay'
  readonly url: string
  readonly pid: number
  readonly file: string
  readonly headers: string
}

export const startUpstream = () => Child.start<UpstreamCommands>(new URL('processes/upstream.ts', import.meta.url))
export const startLoad = () => Child.start<LoadCommands>(new URL('processes/load.ts', import.meta.url))

export async function startRelay(upstream: Upstream, synchronous: 'full' | 'normal' = 'full'): Promise<Subject> {
  const folder = mkdtempSync(join(tmpdir(), 'codelab-relay-'))
  const file = join(folder, 'relay.db')
  const settings = { upstream: await upstream.ask('url', undefined), file, synchronous }
  const child = await Child.start<Relay>(new URL('processes/relay.ts', import.meta.url), settings)
  return {
    name: 'relay',
    url: await child.ask('url', undefined),
    pid: child.pid,
    file,
    headers: '',
    async [Symbol.asyncDispose]() {
      await child[Symbol.asyncDispose]()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

export interface MeasuredServer extends Subject {
  readonly process: ServerProcess
}

/** As it ships, with a model behind it; more settings only where a scenario is about them. */
export async function startServer(
  upstream: Upstream,
  options: { env?: Readonly<Record<string, string>>; preload?: string; postgres?: boolean } = {},
): Promise<MeasuredServer> {
  const process = await ServerProcess.start({
    replicas: 1,
    postgres: false,
    ...options,
    env: { ...modelSettings(await upstream.ask('url', undefined)), ...options.env },
  })
  return measuredServer(process)
}

function modelSettings(upstreamUrl: string): Readonly<Record<string, string>> {
  return { OPENAI_BASE_URL: `${upstreamUrl}/v1`, OPENAI_API_KEY: 'sk-bench', CODELAB_MODEL: 'openai:m' }
}

/** A server that is started again has another port and another number. */
function measuredServer(process: ServerProcess): MeasuredServer {
  return {
    name: 'server',
    get url() {
      return process.url
    },
    get pid() {
      return (JSON.parse(readFileSync(join(process.folder, 'server.json'), 'utf8')) as { pid: number }).pid
    },
    file: join(process.folder, 'data/agent_runtime.db'),
    headers: `x-internal-auth: ${internalKey}\r\nx-codelab-features: deltas\r\n`,
    process,
    [Symbol.asyncDispose]: () => process[Symbol.asyncDispose](),
  }
}

/** What a subject does behind an answer belongs to it as well. */
const settleMs = 150

/** The work, and the CPU time of the subject meanwhile in milliseconds. */
export async function withCpu<T>(subject: Subject, work: () => Promise<T>): Promise<readonly [T, number]> {
  const before = cpuOfTree(subject.pid)
  const result = await work()
  await sleep(settleMs)
  return [result, cpuOfTree(subject.pid) - before]
}
