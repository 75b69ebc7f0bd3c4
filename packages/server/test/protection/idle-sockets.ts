import { connect } from 'node:net'
import { parentPort, workerData } from 'node:worker_threads'
import { WebSocket } from 'ws'

/** A thread that keeps many connections open and uses none of them as it should: one that is closed is made again. */
export interface IdleSocketsData {
  readonly port: number
  readonly count: number
  readonly key: string
  /** WebSockets that say nothing, instead. */
  readonly webSockets: boolean
}

const dripMs = 5_000
/** Connections that are being made at once. */
const opening = 200

const { port, count, key, webSockets } = workerData as IdleSocketsData
const post = `POST /agent/message/stream HTTP/1.1\r\nhost: x\r\nx-internal-auth: ${key}\r\ncontent-type: application/json\r\n`
/** What each kind sends at once, and then a character at a time. */
const kinds = [
  { first: '', rest: '' },
  { first: 'GET /health HTTP/1.1\r\nhost: x\r\n\r\n', rest: '' },
  { first: 'GET /sessions HTTP/1.1\r\nhost: x\r\nx-slow: ', rest: 'a'.repeat(1_000) },
  { first: `${post}content-length: 1000\r\n\r\n`, rest: ' '.repeat(999) },
] as const

let open = 0
let reopened = 0
let next = 0
let stopping = false

function hold(n: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const { first, rest } = kinds[n % kinds.length] ?? kinds[0]
  const socket = connect({ port, host: '127.0.0.1', localAddress: `127.0.0.${1 + (n % 8)}` })
  let sent = 0
  const drip = setInterval(() => {
    if (sent < rest.length) socket.write(rest[sent++] ?? '')
  }, dripMs)
  socket.on('error', () => undefined).resume()
  socket.once('connect', () => {
    open++
    if (first !== '') socket.write(first)
    resolve()
    socket.once('close', () => open--)
  })
  socket.once('close', () => {
    clearInterval(drip)
    resolve()
    if (stopping) return
    reopened++
    setTimeout(() => hold(n), 10)
  })
  return promise
}

/** Answers pings, as every client does, and says nothing. */
function holdWebSocket(n: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const socket = new WebSocket(`ws://127.0.0.1:${port}/ws/idle-${n}`)
  socket.on('error', () => undefined)
  socket.once('open', () => {
    open++
    resolve()
    socket.once('close', () => open--)
  })
  socket.once('close', () => {
    resolve()
    if (stopping) return
    reopened++
    setTimeout(() => holdWebSocket(n), 10)
  })
  return promise
}

async function line(): Promise<void> {
  while (next < count) await (webSockets ? holdWebSocket : hold)(next++)
}

await Promise.all(Array.from({ length: opening }, line))
parentPort?.postMessage('open')
parentPort?.on('message', () => {
  stopping = true
  parentPort?.postMessage({ open, reopened })
  process.exit(0)
})
