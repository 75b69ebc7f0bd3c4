import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Reply, Script, Seen } from './task.ts'

/** A server that speaks OpenAI's protocol and answers as a task's script says. */
export interface ScriptedModel extends AsyncDisposable {
  readonly url: string
  /** How often it was asked. */
  readonly requests: number
  /** What a strict provider would have refused, and what the script did not expect, in words. */
  readonly faults: readonly string[]
}

interface Request {
  readonly model: string
  readonly stream?: boolean
  readonly messages: readonly Message[]
  readonly tools?: readonly { readonly function: { readonly name: string } }[]
}

interface Message {
  readonly role: string
  readonly content?: unknown
  readonly tool_calls?: readonly { readonly id: string }[]
  readonly tool_call_id?: string
}

const requestLimit = 60

export async function startScriptedModel(script: Script, before: (request: number) => void): Promise<ScriptedModel> {
  const faults: string[] = []
  let requests = 0
  let begun = false

  function answer(body: Request): Reply {
    requests++
    if (requests > requestLimit) return { text: 'I was asked too often.' }
    before(requests)
    const fault = openCall(body.messages)
    if (fault !== undefined) faults.push(`a strict provider refuses the request: ${fault}`)
    try {
      const next = begun ? script.next(look(body)) : script.next()
      begun = true
      return next.done === true ? { text: 'I have nothing more to say.' } : next.value
    } catch (error) {
      faults.push(error instanceof Error ? error.message : String(error))
      return { text: 'This is not what I expected.' }
    }
  }

  const server = createServer((request, response) => {
    read(request)
      .then((body) => send(response, body, answer(body)))
      .catch(() => response.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    get requests() {
      return requests
    },
    faults,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

function look({ messages, tools }: Request): Seen {
  const last = messages.findLastIndex((message) => message.role === 'assistant')
  const results = messages.slice(last + 1).filter((message) => message.role === 'tool')
  return {
    results: results.map((message) => textOf(message.content)),
    tools: (tools ?? []).map((tool) => tool.function.name),
    system: textOf(messages[0]?.content),
    messages: messages.length,
  }
}

/** A call without its result right behind it, or a result without its call: OpenAI answers 400. */
function openCall(messages: readonly Message[]): string | undefined {
  let open = new Set<string>()
  for (const [index, message] of messages.entries()) {
    if (message.role === 'tool') {
      if (!open.delete(message.tool_call_id ?? '')) return `message ${index}: a result without its call`
      continue
    }
    if (open.size > 0) return `message ${index}: ${open.size} calls have no result`
    open = new Set((message.tool_calls ?? []).map((made) => made.id))
  }
  return open.size > 0 ? 'the last calls have no result' : undefined
}

function textOf(content: unknown): string {
  if (typeof content === 'string') return content
  if (!Array.isArray(content)) return ''
  return content.map((part: { text?: string }) => part.text ?? '').join('')
}

async function read(request: IncomingMessage): Promise<Request> {
  let text = ''
  for await (const piece of request.setEncoding('utf8')) text += piece
  return JSON.parse(text)
}

let made = 0

function send(response: ServerResponse, body: Request, reply: Reply): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  const chunk = (fields: object) => {
    const envelope = { id: 'chatcmpl-eval', object: 'chat.completion.chunk', created: 1_700_000_000, model: body.model }
    response.write(`data: ${JSON.stringify({ ...envelope, ...fields })}\n\n`)
  }
  const delta = (value: object, finish: string | null = null) => {
    chunk({ choices: [{ index: 0, delta: value, finish_reason: finish }] })
  }
  delta({ role: 'assistant', content: '' })
  for (const piece of (reply.text ?? '').match(/[\s\S]{1,24}/g) ?? []) delta({ content: piece })
  for (const [index, { tool, json }] of (reply.calls ?? []).entries()) {
    delta({ tool_calls: [{ index, id: `call_${++made}`, type: 'function', function: { name: tool, arguments: '' } }] })
    for (const piece of json.match(/[\s\S]{1,200}/g) ?? []) {
      delta({ tool_calls: [{ index, function: { arguments: piece } }] })
    }
  }
  delta({}, reply.finish ?? ((reply.calls ?? []).length > 0 ? 'tool_calls' : 'stop'))
  chunk({ choices: [], usage: { prompt_tokens: 100, completion_tokens: 10, total_tokens: 110 } })
  response.end('data: [DONE]\n\n')
}
