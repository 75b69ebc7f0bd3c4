import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { answerParent } from './child.ts'
import { type Script, stamp } from './script.ts'

// A model behind an OpenAI-style endpoint. It speaks HTTP by hand and answers with bytes made once, because it must never be what
// the others wait for.

const okHead = 'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n'
/** So many tokens a write when it answers as fast as it can: what a socket gives at once then, it gives to all. */
const tokensPerWrite = 20
const tickMs = 2

/** How an answer is written: as OpenAI does, or as we do, so that the load can be measured against nothing but this. */
interface Tongue {
  token(text: string): string
  ending(tokens: number): string
}

interface Paced {
  readonly socket: Socket
  readonly tongue: Tongue
  left: number
  next: number
}

const openai: Tongue = {
  token: (text) => event({ content: text }),
  ending: (tokens) => ending('stop', tokens),
}

const ours: Tongue = {
  token: (token) => frame('message', { type: 'assistant_message', token, is_final: false, requires_approval: false }),
  ending: (tokens) => {
    const content = 'word '.repeat(tokens)
    const last = { type: 'assistant_message', content, token: '', is_final: true, requires_approval: false }
    return `${chunk(frame('message', last) + frame('done', { status: 'completed' }))}0\r\n\r\n`
  },
}

let script: Script = { tokens: 8, perSecond: 0 }
let calls = 0
const fast = new Map<Tongue, readonly Buffer[]>()
const paced = new Set<Paced>()

function frame(name: string, data: object): string {
  return `event: ${name}\r\ndata: ${JSON.stringify(data)}\r\n\r\n`
}

function event(delta: object, finish: string | null = null, more: object = {}): string {
  const choices = [{ index: 0, delta, finish_reason: finish }]
  return `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices, ...more })}\n\n`
}

function chunk(text: string): string {
  return `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`
}

function ending(finish: string, tokens: number): string {
  const usage = { prompt_tokens: 10, completion_tokens: tokens, total_tokens: 10 + tokens }
  return `${chunk(`${event({}, finish, { usage })}data: [DONE]\n\n`)}0\r\n\r\n`
}

function play(next: Script): void {
  script = next
  for (const tongue of [openai, ours]) fast.set(tongue, writesOf(tongue))
}

function writesOf(tongue: Tongue): Buffer[] {
  const writes: string[] = []
  for (let from = 0; from < script.tokens; from += tokensPerWrite) {
    const count = Math.min(tokensPerWrite, script.tokens - from)
    writes.push(chunk(Array.from({ length: count }, (_, n) => tongue.token(`word${(from + n) % 10} `)).join('')))
  }
  const last = `${writes.pop() ?? ''}${tongue.ending(script.tokens)}`
  const [first = '', ...rest] = [...writes, last]
  return [okHead + first, ...rest].map((text) => Buffer.from(text))
}

function answer(socket: Socket, tongue: Tongue, body: string): void {
  const hasResult = body.slice(body.lastIndexOf('"role":')).startsWith('"role":"tool"')
  if (script.call && !hasResult) sayCall(socket)
  else if (script.perSecond === 0) writeAll(socket, fast.get(tongue) ?? [], 0)
  else {
    socket.write(okHead + chunk(tongue.token(`~${stamp()} `)))
    paced.add({ socket, tongue, left: script.tokens - 1, next: performance.now() + 1000 / script.perSecond })
  }
}

function writeAll(socket: Socket, writes: readonly Buffer[], from: number): void {
  const bytes = writes[from]
  if (bytes === undefined || socket.destroyed) return
  socket.write(bytes)
  if (from + 1 < writes.length) setImmediate(() => writeAll(socket, writes, from + 1))
}

function sayCall(socket: Socket): void {
  const called = { name: script.call?.tool, arguments: script.call?.arguments }
  const delta = { tool_calls: [{ index: 0, id: `call_${++calls}`, type: 'function', function: called }] }
  socket.write(okHead + chunk(event(delta)) + ending('tool_calls', 5))
}

setInterval(() => {
  const now = performance.now()
  for (const stream of paced) {
    if (stream.next > now) continue
    let text = ''
    while (stream.left > 0 && stream.next <= now) {
      text += stream.tongue.token(`~${stamp()} `)
      stream.left -= 1
      stream.next += 1000 / script.perSecond
    }
    const ended = stream.left === 0
    if (ended || stream.socket.destroyed) paced.delete(stream)
    stream.socket.write(`${chunk(text)}${ended ? stream.tongue.ending(script.tokens) : ''}`)
  }
}, tickMs)

const server = createServer({ noDelay: true }, (socket) => {
  let received = ''
  socket.on('error', () => {})
  socket.on('data', (bytes) => {
    received += bytes.toString('latin1')
    for (;;) {
      const end = received.indexOf('\r\n\r\n')
      if (end < 0) return
      const head = received.slice(0, end)
      const length = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? 0)
      if (received.length < end + 4 + length) return
      const body = received.slice(end + 4, end + 4 + length)
      received = received.slice(end + 4 + length)
      answer(socket, head.startsWith('POST /agent') ? ours : openai, body)
    }
  })
}).listen(0, '127.0.0.1', 4096)
await once(server, 'listening')
play(script)

const commands = {
  url: () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
  play,
}

export type Upstream = typeof commands

answerParent(commands)
