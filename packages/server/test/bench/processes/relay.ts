import { once } from 'node:events'
import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { DatabaseSync } from 'node:sqlite'
import { answerParent, settingsOfChild } from './child.ts'

// The bare relay that everything is measured against: what a turn costs when nothing is done but to read JSON, ask the model, read its
// server-sent events, write our chunks and store the turn with one insert.

const { upstream = '', file = ':memory:', synchronous = 'full' } = settingsOfChild()
const agent = new Agent({ keepAlive: true, maxSockets: 4096 })
const { hostname, port } = new URL(upstream)
const database = new DatabaseSync(file)
database.exec(`
  pragma journal_mode = wal;
  pragma synchronous = ${synchronous};
  create table if not exists turns (id integer primary key, session text not null, asked text not null, said text not null, at integer not null);
  create table if not exists sessions (id text primary key, owner text not null, title text, at integer not null) without rowid;
  create index if not exists sessions_listed on sessions (owner, at desc);
  create table if not exists messages (session text not null, position integer not null, role text not null, text text not null,
    primary key (session, position)) without rowid;
`)
const store = database.prepare('insert into turns (session, asked, said, at) values (?, ?, ?, ?)')
const create = database.prepare("insert into sessions (id, owner, title, at) values (?, 'service', null, ?)")
const find = database.prepare('select * from sessions where id = ?')
const list = database.prepare("select * from sessions where owner = 'service' order by at desc limit ?")
const page = database.prepare('select role, text from messages where session = ? order by position limit ? offset ?')
let created = 0

interface Turn {
  readonly session_id: string
  readonly message: { readonly content: string }
  /** The relay remembers nothing: who talks to it sends the conversation. */
  readonly history?: readonly object[]
}

const frame = (event: string, data: object) => `event: ${event}\r\ndata: ${JSON.stringify(data)}\r\n\r\n`
const chunk = (token: string) =>
  frame('message', { type: 'assistant_message', token, is_final: false, requires_approval: false })

async function readText(incoming: IncomingMessage): Promise<string> {
  let text = ''
  for await (const piece of incoming.setEncoding('utf8')) text += piece
  return text
}

function relay({ session_id: session, message, history = [] }: Turn, response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' })
  const messages = [...history, { role: 'user', content: message.content }]
  const body = JSON.stringify({ model: 'm', messages, stream: true, stream_options: { include_usage: true } })
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
  const options = { hostname, port, path: '/v1/chat/completions', method: 'POST', agent, headers }
  request(options, (incoming) => {
    let rest = ''
    let said = ''
    incoming.setEncoding('utf8').on('data', (piece: string) => {
      const events = (rest + piece).split('\n\n')
      rest = events.pop() ?? ''
      let out = ''
      for (const event of events) {
        const data = event.slice('data: '.length)
        if (data === '[DONE]') continue
        const token = JSON.parse(data).choices[0]?.delta?.content
        if (!token) continue
        said += token
        out += chunk(token)
      }
      if (out !== '') response.write(out)
    })
    incoming.on('end', () => {
      store.run(session, message.content, said, Date.now())
      const last = { type: 'assistant_message', content: said, token: '', is_final: true, requires_approval: false }
      response.end(frame('message', last) + frame('done', { status: 'completed' }))
    })
  }).end(body)
}

function json(response: ServerResponse, status: number, value: unknown): void {
  const body = JSON.stringify(value)
  response
    .writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) })
    .end(body)
}

async function handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(incoming.url ?? '/', 'http://relay')
  const [, root, id = '', part] = url.pathname.split('/')
  if (root === 'agent') return relay(JSON.parse(await readText(incoming)), response)
  const limit = Number(url.searchParams.get('limit') ?? 50)
  if (incoming.method === 'POST') {
    await readText(incoming)
    const session = `made-${++created}`
    create.run(session, Date.now())
    return json(response, 201, { id: session })
  }
  if (part === 'history') {
    return json(response, 200, { messages: page.all(id, limit, Number(url.searchParams.get('offset') ?? 0)) })
  }
  if (id === '') return json(response, 200, { sessions: list.all(limit), limit })
  return json(response, 200, find.get(id) ?? null)
}

const server = createServer({ keepAliveTimeout: 75_000, noDelay: true }, (incoming, response) => {
  handle(incoming, response).catch(() => response.destroy())
}).listen(0, '127.0.0.1', 4096)
await once(server, 'listening')

const commands = { url: () => `http://127.0.0.1:${(server.address() as AddressInfo).port}` }

export type Relay = typeof commands

answerParent(commands)
