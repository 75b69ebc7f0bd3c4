import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { Agent, createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { cpuOfTree } from '../bench/cpu.ts'
import { internalKey, ServerProcess } from '../server-process.ts'

export interface Throughput {
  readonly replicas: number
  readonly turns: number
  readonly turnsPerSecond: number
  readonly failed: number
  /** CPU time, per turn: of all replicas, and of the database. */
  readonly serverCpuMs: number
  readonly databaseCpuMs: number
  /** Per turn. `writes`: transactions that changed something; `commits`: all that ended, reads and what replicas tell each other included. */
  readonly statements: number
  /** Of those, what sets the limits of a transaction. */
  readonly settings: number
  /** How often something was sent on a connection on which nothing was under way. */
  readonly roundTrips: number
  readonly commits: number
  readonly writes: number
  readonly rows: { readonly events: number; readonly bytes: number }
}

const answer = [
  ...['one ', 'two ', 'three ', 'four ', 'five ', 'six ', 'seven ', 'eight'].map((content) => ({
    choices: [{ index: 0, delta: { content } }],
  })),
  {
    choices: [{ index: 0, delta: {}, finish_reason: 'stop' }],
    usage: { prompt_tokens: 10, completion_tokens: 8, total_tokens: 18 },
  },
]
  .map((chunk) => `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', model: 'm', ...chunk })}\n\n`)
  .join('')

/** A model that answers at once with eight tokens. */
async function startModel() {
  const server = createServer((incoming, outgoing) => {
    incoming.resume().on('end', () => {
      outgoing.writeHead(200, { 'content-type': 'text/event-stream' }).end(`${answer}data: [DONE]\n\n`)
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => server.close() }
}

/** Plain turns on a chosen agent, as fast as so many sessions at once give them, each to the next replica in turn. */
export async function measureThroughput(replicas: number, sessions: number, seconds: number): Promise<Throughput> {
  const model = await startModel()
  await using server = await ServerProcess.start({
    replicas,
    postgres: true,
    preload: 'count-statements.mjs',
    env: {
      OPENAI_BASE_URL: `${model.url}/v1`,
      OPENAI_API_KEY: 'sk-bench',
      CODELAB_MODEL: 'openai:m',
      CODELAB_LOG_LEVEL: 'ERROR',
      CODELAB_DATABASE_POOL: '20',
      CODELAB_REPLICA_SILENT_MS: '10000',
    },
  })
  const urls = server.replicas.map(({ url }) => url)
  const agent = new Agent({ keepAlive: true, maxSockets: 256 })
  const work = (id: string, until: () => boolean) => talk(urls, agent, id, until)
  await Promise.all(Array.from({ length: sessions }, (_, n) => work(`s-${n}`, times(3))))
  await sleep(1_000)
  const before = await countsOf(server)
  const end = performance.now() + seconds * 1000
  const started = performance.now()
  const done = await Promise.all(
    Array.from({ length: sessions }, (_, n) => work(`s-${n}`, () => performance.now() < end)),
  )
  const took = (performance.now() - started) / 1000
  await sleep(500)
  const after = await countsOf(server)
  agent.destroy()
  model.close()
  const turns = done.reduce((sum, { turns }) => sum + turns, 0)
  const per = (name: keyof typeof after) => (after[name] - before[name]) / turns
  return {
    replicas,
    turns,
    turnsPerSecond: turns / took,
    failed: done.reduce((sum, { failed }) => sum + failed, 0),
    serverCpuMs: per('serverCpuMs'),
    databaseCpuMs: per('databaseCpuMs'),
    statements: per('statements'),
    settings: per('settings'),
    roundTrips: per('roundTrips'),
    commits: per('commits'),
    writes: per('writes'),
    rows: { events: per('events'), bytes: per('bytes') },
  }
}

function times(count: number): () => boolean {
  let left = count
  return () => left-- > 0
}

async function talk(urls: readonly string[], agent: Agent, id: string, goesOn: () => boolean) {
  let turns = 0
  let failed = 0
  const offset = Number(id.split('-')[1])
  for (let n = 0; goesOn(); n++) {
    const said = await say(urls[(n + offset) % urls.length] ?? '', agent, id)
    if (said.includes('one two three four five six seven eight')) turns++
    else failed++
  }
  return { turns, failed }
}

async function say(url: string, agent: Agent, id: string): Promise<string> {
  const body = JSON.stringify({
    session_id: id,
    message: { type: 'user_message', content: 'go on', agent_type: 'coder' },
  })
  const headers = { 'content-type': 'application/json', 'x-internal-auth': internalKey }
  const asked = request(`${url}/agent/message/stream`, { method: 'POST', agent, headers }).end(body)
  const [answered] = await once(asked, 'response')
  let text = ''
  for await (const piece of answered.setEncoding('utf8')) text += piece
  return text
}

/** See `preload/count-statements.mjs`. */
interface Said {
  readonly statements: number
  readonly settings: number
  readonly roundTrips: number
  readonly commits: number
}

async function countsOf(server: ServerProcess) {
  const { folder, database } = server
  const said = readdirSync(folder)
    .filter((name) => /^statements-\d+\.json$/.test(name))
    .map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as Said)
  const pids = readdirSync(folder)
    .filter((name) => /^server\d*\.json$/.test(name))
    .map((name) => (JSON.parse(readFileSync(join(folder, name), 'utf8')) as { pid: number }).pid)
  const [row] = (await database?.execute(`select
    (select coalesce(sum(last_seq), 0) from sessions)::float as events,
    pg_database_size(current_database())::float as bytes,
    (select array_to_json(array_agg(pid)) from pg_stat_activity where datname = current_database()) as backends,
    pg_current_xact_id()::text::float as writes,
    (select (regexp_match(pg_read_file('postmaster.pid', true), '^\\d+'))[1]) as postmaster`)) ?? [{}]
  return {
    statements: sum(said.map(({ statements }) => statements)),
    settings: sum(said.map(({ settings }) => settings)),
    roundTrips: sum(said.map(({ roundTrips }) => roundTrips)),
    commits: sum(said.map(({ commits }) => commits)),
    serverCpuMs: sum(pids.map(cpuOfTree)),
    databaseCpuMs: cpuOfTree(Number(row?.['postmaster'])),
    events: Number(row?.['events']),
    bytes: Number(row?.['bytes']),
    writes: Number(row?.['writes']),
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
