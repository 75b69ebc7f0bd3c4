import { once } from 'node:events'
import { Agent, createServer, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { parseArgs } from 'node:util'
import { internalKey, ServerProcess } from '../server-process.ts'
import { memoryOf } from './memory.ts'

/** Many streams at once against the built server and a model that talks slowly: `npm run test:load -- --streams 500 --seconds 60`.
 *  Ends with 1 unless every stream had every token, in order and once. */
export interface LoadOptions {
  readonly streams: number
  /** How long each answer takes. */
  readonly seconds: number
}

export interface LoadReport {
  readonly streams: number
  readonly tokens: number
  readonly seconds: number
  /** What was wrong with a stream; the first ten. */
  readonly faults: readonly string[]
  readonly firstTokenMs: { readonly p50: number; readonly p99: number }
  readonly peakRssBytes: number
}

const tokenMs = 100
const shownFaults = 10
/** What the answers may take beyond their own time. */
const patienceMs = 30_000

export async function runLoad({ streams, seconds }: LoadOptions): Promise<LoadReport> {
  const tokens = Math.round((seconds * 1000) / tokenMs)
  await using upstream = await startSlowModel(tokens)
  await using server = await ServerProcess.start({
    env: {
      OPENAI_BASE_URL: `${upstream.url}/v1`,
      OPENAI_API_KEY: 'sk-load',
      CODELAB_MULTI_AGENT_MODE: 'false',
      CODELAB_LOG_LEVEL: 'ERROR',
    },
  })
  const agent = new Agent({ keepAlive: true, maxSockets: streams })
  const limit = AbortSignal.timeout(seconds * 1000 + patienceMs)
  const started = performance.now()
  const answers = await Promise.all(
    Array.from({ length: streams }, (_, n) => readStream(server.url, agent, `load-${n}`, limit)),
  )
  agent.destroy()
  const faults = answers.flatMap(({ text, end }, n) => {
    const expected = tokensOf(`load-${n}`, tokens).join('')
    if (text === expected && end === 'done') return []
    return [`load-${n}: ended by ${end} with ${text.length} of ${expected.length} characters: …${text.slice(-60)}`]
  })
  const first = answers.map(({ firstMs }) => firstMs).sort((a, b) => a - b)
  const at = (share: number) => Math.round(first[Math.min(first.length - 1, Math.floor(first.length * share))] ?? 0)
  return {
    streams,
    tokens: streams * tokens,
    seconds: (performance.now() - started) / 1000,
    faults: faults.slice(0, shownFaults),
    firstTokenMs: { p50: at(0.5), p99: at(0.99) },
    peakRssBytes: memoryOf(server).peak,
  }
}

/** Different for each stream, so that a token of another one is noticed. */
function tokensOf(name: string, count: number): string[] {
  return Array.from({ length: count }, (_, n) => `${name}:${n} `)
}

interface Answer {
  /** All tokens, joined. */
  readonly text: string
  /** The last event, or what ended it before. */
  readonly end: string
  readonly firstMs: number
}

function readStream(url: string, agent: Agent, name: string, signal: AbortSignal): Promise<Answer> {
  const started = performance.now()
  const tokens: string[] = []
  let firstMs = Number.POSITIVE_INFINITY
  let last = ''
  return new Promise((resolve) => {
    const finish = (end: string) => resolve({ text: tokens.join(''), end, firstMs })
    const headers = { 'x-internal-auth': internalKey, 'content-type': 'application/json' }
    const sent = request(`${url}/agent/message/stream`, { method: 'POST', agent, headers, signal }, (response) => {
      let rest = ''
      response.setEncoding('utf8').on('data', (piece: string) => {
        const blocks = (rest + piece).split('\r\n\r\n')
        rest = blocks.pop() ?? ''
        for (const block of blocks) {
          if (block.startsWith(':')) continue
          const [, event = '', data = ''] = /^event: (\w+)\r\ndata: (.*)$/.exec(block) ?? []
          last = event
          if (event !== 'message') continue
          const chunk = JSON.parse(data) as { token?: string; error?: string }
          if (chunk.error !== undefined) last = chunk.error
          if (!chunk.token) continue
          if (tokens.length === 0) firstMs = performance.now() - started
          tokens.push(chunk.token)
        }
      })
      response.on('end', () => finish(last)).on('error', (error) => finish(error.message))
    })
    sent.on('error', (error) => finish(error.message))
    const client = { features: ['deltas'] }
    sent.end(JSON.stringify({ session_id: name, message: { content: `stream ${name} please` }, client }))
  })
}

/** An OpenAI-compatible server that says a token every `tokenMs`; the name of the stream stands in what the person said. */
async function startSlowModel(count: number) {
  const server = createServer((incoming, response) => {
    let body = ''
    incoming.setEncoding('utf8').on('data', (piece: string) => {
      body += piece
    })
    incoming.on('end', () => talk(response, tokensOf(/stream (load-\d+) please/.exec(body)?.[1] ?? 'nobody', count)))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

function talk(response: ServerResponse, tokens: readonly string[]): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  const say = (delta: object, finish: string | null) => {
    const choices = [{ index: 0, delta, finish_reason: finish }]
    const chunk = { id: 'c', object: 'chat.completion.chunk', created: 1, model: 'slow', choices }
    response.write(`data: ${JSON.stringify(chunk)}\n\n`)
  }
  let next = 0
  const timer = setInterval(() => {
    const token = tokens[next]
    next += 1
    if (token !== undefined) return say({ content: token }, null)
    clearInterval(timer)
    say({}, 'stop')
    response.end('data: [DONE]\n\n')
  }, tokenMs)
  response.once('close', () => clearInterval(timer))
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: { streams: { type: 'string', default: '500' }, seconds: { type: 'string', default: '60' } },
  })
  const report = await runLoad({ streams: Number(values.streams), seconds: Number(values.seconds) })
  console.log(JSON.stringify(report, undefined, 2))
  process.exitCode = report.faults.length === 0 ? 0 : 1
}
