import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { parseArgs } from 'node:util'
import { ServerProcess } from '../server-process.ts'
import { AnswerReader } from './answer-reader.ts'
import { diceOf, type Malformed, malformedRequest } from './malformed-requests.ts'
import { memoryOf } from './memory.ts'

/** Malformed requests against the built server: `npm run test:malformed -- 100000 --seed 1`. Ends with 1 when the server did not stand it. */
export interface CampaignOptions {
  readonly count: number
  readonly seed: number
  /** Requests under way at once. */
  readonly connections?: number
  /** Megabytes of heap for the server. With few, growth is what it holds on to and not what V8 has left uncollected. */
  readonly heapMb?: number
}

export interface CampaignReport {
  readonly seed: number
  readonly sent: number
  /** Answers by their status; `closed` for a connection that was ended without one. */
  readonly answers: Readonly<Record<string, number>>
  /** What was sent where the answer was 5xx, or none came in time. */
  readonly failures: readonly string[]
  readonly hangs: number
  readonly rssGrowthBytes: number
  readonly seconds: number
}

const answerLimitMs = 10_000
/** Requests before the memory is measured: code and pools are there then. */
const warmUp = 1_000
const shownFailures = 10

export async function runCampaign({ count, seed, connections = 16, heapMb }: CampaignOptions): Promise<CampaignReport> {
  const smallHeap = heapMb ? { NODE_OPTIONS: `--max-old-space-size=${heapMb} --max-semi-space-size=4` } : {}
  await using server = await ServerProcess.start({ env: { CODELAB_LOG_LEVEL: 'ERROR', ...smallHeap } })
  const port = Number(new URL(server.url).port)
  const answers: Record<string, number> = {}
  const failures: string[] = []
  let hangs = 0
  const work = async (from: number, to: number) => {
    let next = from
    const lines = Array.from({ length: connections }, async (_, line) => {
      using client = new Client(port, line)
      while (next < to) {
        const n = next++
        const request = malformedRequest(diceOf(seed + n))
        const answer = await client.send(request)
        answers[answer] = (answers[answer] ?? 0) + 1
        if (answer === 'none') hangs += 1
        if (answer !== 'none' && !answer.startsWith('5')) continue
        if (failures.length < shownFailures) failures.push(shownFailure(seed + n, answer, request))
      }
    })
    await Promise.all(lines).catch((error) => {
      throw new Error(`the campaign broke off; the server had written:\n${server.output}`, { cause: error })
    })
  }
  const started = performance.now()
  await work(0, Math.min(warmUp, count))
  const before = memoryOf(server).rss
  await work(Math.min(warmUp, count), count)
  const rssGrowthBytes = memoryOf(server).rss - before
  const health = await fetch(`${server.url}/health`)
  if (!health.ok) failures.push(`/health answered ${health.status} after it`)
  return { seed, sent: count, answers, failures, hangs, rssGrowthBytes, seconds: (performance.now() - started) / 1000 }
}

function shownFailure(seed: number, answer: string, { kind, bytes }: Malformed): string {
  return `${answer} (seed ${seed}, ${kind}): ${JSON.stringify(bytes.toString('latin1').slice(0, 300))}`
}

/** One connection, made again when it is closed. */
class Client implements Disposable {
  readonly #port: number
  readonly #localAddress: string
  #socket: Socket | undefined
  #reader = new AnswerReader()

  constructor(port: number, line: number) {
    this.#port = port
    // Several addresses of this machine: one would run out of ports for so many connections.
    this.#localAddress = `127.0.0.${1 + (line % 8)}`
  }

  /** The status, `closed`, or `none` when nothing came in time. */
  async send({ bytes, whole }: Malformed): Promise<string> {
    const socket = this.#socket ?? (await this.#open())
    const answered = Promise.withResolvers<string>()
    const read = (data: Buffer) => {
      const status = this.#reader.add(data)
      if (status === undefined) return
      // A stream of events has no end of its own.
      if (!whole || this.#reader.endless) socket.destroy()
      answered.resolve(status)
    }
    const closed = () => answered.resolve(this.#reader.status ?? 'closed')
    const late = setTimeout(() => answered.resolve('none'), answerLimitMs)
    socket.on('data', read).once('close', closed)
    if (whole) socket.write(bytes)
    else socket.end(bytes)
    const status = await answered.promise
    clearTimeout(late)
    socket.off('data', read).off('close', closed)
    if (!whole || status === 'none' || this.#reader.closes || socket.destroyed) this.#close()
    this.#reader = new AnswerReader()
    return status
  }

  [Symbol.dispose](): void {
    this.#close()
  }

  async #open(): Promise<Socket> {
    const socket = connect({
      port: this.#port,
      host: '127.0.0.1',
      localAddress: this.#localAddress,
      allowHalfOpen: true,
    })
    socket.on('error', () => undefined)
    await once(socket, 'connect')
    socket.once('close', () => {
      if (this.#socket === socket) this.#socket = undefined
    })
    socket.once('end', () => socket.end())
    this.#socket = socket
    return socket
  }

  #close(): void {
    this.#socket?.destroy()
    this.#socket = undefined
  }
}

export function isSound({ failures, hangs, rssGrowthBytes }: CampaignReport): boolean {
  return failures.length === 0 && hangs === 0 && rssGrowthBytes <= 100 * 1024 * 1024
}

if (import.meta.main) {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { seed: { type: 'string', default: '1' }, heap: { type: 'string', default: '0' } },
  })
  const report = await runCampaign({
    count: Number(positionals[0] ?? 100_000),
    seed: Number(values.seed),
    heapMb: Number(values.heap),
  })
  console.log(JSON.stringify(report, undefined, 2))
  process.exitCode = isSound(report) ? 0 : 1
}
