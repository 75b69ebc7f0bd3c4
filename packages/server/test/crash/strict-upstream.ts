import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { isClassifierCall, textOf } from '../scripted-upstream-replies.ts'
import { refusalOf, type UpstreamMessage } from './strict-history.ts'

/** A model behind an API that refuses every conversation a strict provider refuses, and does what the last user message says:
 *  `#read`, `#write`, `#two`, `#mixed` call tools once, `#slow:200` waits between its words, anything else is answered in words. */
export interface StrictUpstream {
  readonly url: string
  /** How many calls have arrived. */
  readonly calls: number
  /** What it refused, and why. */
  readonly refused: readonly string[]
  /** Settings of a server that asks it. */
  readonly env: Readonly<Record<string, string>>
  close(): Promise<void>
}

export interface UpstreamCall {
  readonly path: string
  /** Counts all calls; part of every answer of a `numbered` upstream and of the ids of its calls. */
  readonly number: number
  /** The step of the turn: how many results came since the person said something. Undefined for a classifier's call. */
  readonly results: number | undefined
}

export interface UpstreamWatch {
  /** A call has arrived; `text` is the last thing that the person said. */
  onRequest?(text: string, call: UpstreamCall): void
  /** A piece of the answer went out. */
  onToken?(text: string): void
  /** No two answers are the same: each has the number of its call. */
  readonly numbered?: boolean
}

interface ChatBody {
  readonly model: string
  readonly stream?: boolean
  readonly messages: readonly UpstreamMessage[]
  readonly tools?: readonly { readonly function: { readonly name: string } }[]
}

interface Call {
  readonly name: string
  readonly arguments: string
}

const maxRefused = 100
const read = (path: string): Call => ({ name: 'read_file', arguments: JSON.stringify({ path }) })
const write: Call = { name: 'write_file', arguments: JSON.stringify({ path: 'src/a.ts', content: 'export {}\n' }) }
const scripts: Readonly<Record<string, readonly Call[]>> = {
  read: [read('README.md')],
  write: [write],
  two: [read('README.md'), read('package.json')],
  mixed: [read('README.md'), write],
}

export async function startStrictUpstream(watch: UpstreamWatch = {}): Promise<StrictUpstream> {
  const refused: string[] = []
  let calls = 0

  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy())
  })

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method !== 'POST' || !request.url?.endsWith('/v1/chat/completions')) {
      response.writeHead(404, { 'content-type': 'application/json' }).end('{"error":{"message":"Not Found"}}')
      return
    }
    let text = ''
    for await (const piece of request.setEncoding('utf8')) text += piece
    const body = JSON.parse(text) as ChatBody
    const number = ++calls
    const refusal = refusalOf(body.messages)
    if (refusal !== undefined) {
      if (refused.length < maxRefused) refused.push(`${refusal}\n${JSON.stringify(body.messages.slice(1))}`)
      response.writeHead(400, { 'content-type': 'application/json' })
      response.end(JSON.stringify({ error: { message: refusal, type: 'invalid_request_error' } }))
      return
    }
    const last = body.messages.findLastIndex((message) => message.role === 'user')
    const said = textOf(body.messages[last]?.content)
    const classifies = isClassifierCall(body)
    const results = body.messages.slice(last + 1).filter((message) => message.role === 'tool').length
    watch.onRequest?.(said, { path: request.url, number, results: classifies ? undefined : results })
    if (classifies) return whole(body, response, '{"agent":"coder","confidence":"high","reasoning":"code"}')
    const word = /#(\w+)/.exec(said)?.[1] ?? ''
    const wanted = results === 0 ? (scripts[word] ?? []) : []
    const made = wanted.map((call, index) => ({ ...call, id: `call_${process.pid}_${number}_${index}` }))
    const words = wanted.length > 0 ? [] : wordsOf(said, results, watch.numbered ? number : undefined)
    await stream(body, response, said, { words, made, pauseMs: Number(/#slow:(\d+)/.exec(said)?.[1] ?? 1) })
  }

  async function stream(
    body: ChatBody,
    response: ServerResponse,
    said: string,
    script: { words: readonly string[]; made: readonly (Call & { id: string })[]; pauseMs: number },
  ): Promise<void> {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    const send = (delta: object, finish: string | null = null) => {
      const choices = [{ index: 0, delta, finish_reason: finish }]
      response.write(`data: ${JSON.stringify({ ...envelope(body, 'chat.completion.chunk'), choices })}\n\n`)
      watch.onToken?.(said)
    }
    send({ role: 'assistant', content: '' })
    for (const content of script.words) {
      await sleep(script.pauseMs)
      if (response.destroyed) return
      send({ content })
    }
    for (const [index, call] of script.made.entries()) {
      send({ tool_calls: [{ index, id: call.id, type: 'function', function: { name: call.name, arguments: '' } }] })
      for (const part of call.arguments.match(/[\s\S]{1,12}/g) ?? []) {
        send({ tool_calls: [{ index, function: { arguments: part } }] })
      }
      await sleep(script.pauseMs)
    }
    send({}, script.made.length > 0 ? 'tool_calls' : 'stop')
    response.end('data: [DONE]\n\n')
  }

  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url,
    refused,
    env: { OPENAI_BASE_URL: `${url}/v1`, OPENAI_API_KEY: 'sk-strict' },
    get calls() {
      return calls
    },
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

/** Unlike any other answer, so that it is found again. */
function wordsOf(said: string, results: number, number: number | undefined): string[] {
  const name = said.split(' ', 1)[0] ?? ''
  const told = number === undefined ? '' : ` Call ${number}.`
  return `Reply to ${name} after ${results} results : one two three four five.${told}`.match(/[^ ]* |[^ ]+$/g) ?? []
}

function envelope(body: ChatBody, object: string) {
  return { id: 'chatcmpl-strict', object, created: 1_700_000_000, model: body.model }
}

function whole(body: ChatBody, response: ServerResponse, content: string): void {
  const choices = [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }]
  response.writeHead(200, { 'content-type': 'application/json' })
  response.end(JSON.stringify({ ...envelope(body, 'chat.completion'), choices }))
}
