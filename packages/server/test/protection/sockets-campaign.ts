import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { Worker } from 'node:worker_threads'
import { startStrictUpstream } from '../crash/strict-upstream.ts'
import { finalTextOf, sendInput } from '../crash/wire.ts'
import { internalKey, ServerProcess } from '../server-process.ts'
import type { IdleSocketsData } from './idle-sockets.ts'
import { memoryOf, pidOf } from './memory.ts'

/** Idle and slow connections against the built server: `npm run test:sockets -- 10000 --seconds 30`. A quarter each says nothing, stays after
 *  its answer, sends its head slowly, sends its body slowly. With `--websockets` all of them are WebSockets that say nothing. Ends with 1 when a
 *  turn failed meanwhile or memory grew too much. */
export interface SocketsOptions {
  readonly sockets: number
  /** How long they are held. */
  readonly seconds: number
  readonly webSockets?: boolean
}

export interface SocketsReport {
  /** Connections that were held, as the server's process has them at the end. */
  readonly sockets: number
  /** Those that the server closed for being too slow; each was made again. */
  readonly closedByServer: number
  readonly rssGrowthBytes: number
  /** Of that, for each that was held. */
  readonly bytesEach: number
  readonly turns: number
  readonly failedTurns: number
  /** A whole turn: the message, the model's answer, the last frame. */
  readonly turnMs: { readonly before: Times; readonly meanwhile: Times }
}

interface Times {
  readonly p50: number
  readonly p99: number
}

const warmUp = 20
const before = 40

export async function runSockets({ sockets, seconds, webSockets = false }: SocketsOptions): Promise<SocketsReport> {
  const upstream = await startStrictUpstream()
  await using server = await ServerProcess.start({ env: { ...upstream.env, CODELAB_LOG_LEVEL: 'ERROR' } })
  let turns = 0
  let failedTurns = 0
  const turn = async () => {
    const started = performance.now()
    const message = { type: 'user_message', content: 'hello #plain', agent_type: 'coder' }
    const answer = await sendInput(server.url, `turn-${turns++}`, message).catch(() => undefined)
    if (answer?.end !== 'done' || !finalTextOf(answer)?.startsWith('Reply to hello')) failedTurns++
    return performance.now() - started
  }
  const several = async (goesOn: (n: number) => boolean) => {
    const took: number[] = []
    while (goesOn(took.length)) took.push(await turn())
    return timesOf(took)
  }
  await several((n) => n < warmUp)
  const turnsBefore = await several((n) => n < before)
  const rssBefore = memoryOf(server).rss
  const held = descriptorsOf(server)
  const { port } = new URL(server.url)
  const data: IdleSocketsData = { port: Number(port), count: sockets, key: internalKey, webSockets }
  const crowd = new Worker(new URL('./idle-sockets.ts', import.meta.url), { workerData: data })
  try {
    await once(crowd, 'message')
    const end = performance.now() + seconds * 1000
    let rss = memoryOf(server).rss
    const meanwhile = await several(() => {
      rss = Math.max(rss, memoryOf(server).rss)
      return performance.now() < end
    })
    // Those that were just closed are made again.
    await sleep(500)
    const open = descriptorsOf(server) - held
    const said = once(crowd, 'message')
    crowd.postMessage('stop')
    const [{ reopened }] = (await said) as [{ reopened: number }]
    return {
      sockets: open,
      closedByServer: reopened,
      rssGrowthBytes: rss - rssBefore,
      bytesEach: Math.round((rss - rssBefore) / Math.max(1, open)),
      turns,
      failedTurns,
      turnMs: { before: turnsBefore, meanwhile },
    }
  } finally {
    await crowd.terminate()
    await upstream.close()
  }
}

function descriptorsOf(server: ServerProcess): number {
  return readdirSync(`/proc/${pidOf(server)}/fd`).length
}

function timesOf(took: number[]): Times {
  const sorted = took.sort((a, b) => a - b)
  const at = (share: number) => Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0)
  return { p50: at(0.5), p99: at(0.99) }
}

export function isSound({ failedTurns, rssGrowthBytes }: SocketsReport): boolean {
  return failedTurns === 0 && rssGrowthBytes <= 200 * 1024 * 1024
}

if (import.meta.main) {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { seconds: { type: 'string', default: '30' }, websockets: { type: 'boolean', default: false } },
  })
  const { seconds, websockets: webSockets } = values
  const report = await runSockets({ sockets: Number(positionals[0] ?? 10_000), seconds: Number(seconds), webSockets })
  console.log(JSON.stringify(report, undefined, 2))
  process.exitCode = isSound(report) ? 0 : 1
}
