import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { runDoctor } from '../doctor.ts'
import { createStyle } from '../style.ts'
import type { Finding } from './finding.ts'

type Body = { readonly model: string; readonly tools?: unknown; readonly messages: readonly { content: string }[] }
type Mode = (body: Body, send: Send, response: ServerResponse) => void
type Send = (delta: object, finish?: string, tokens?: number) => void

let cwd: string
const stops: (() => void)[] = []
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'codelab-try-'))
})
afterEach(async () => {
  for (const stop of stops.splice(0)) stop()
  await rm(cwd, { recursive: true })
})

/** A server of the protocol that behaves in one way; it counts a token for each word, as far as `mode` lets it. */
async function upstream(mode: Mode): Promise<string> {
  const server = createServer((request, response) => {
    answer(request, response, mode).catch(() => response.destroy())
  }).listen(0, '127.0.0.1')
  stops.push(
    () => server.close(),
    () => server.closeAllConnections(),
  )
  await once(server, 'listening')
  const address = server.address()
  return `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}/v1`
}

async function answer(request: IncomingMessage, response: ServerResponse, mode: Mode): Promise<void> {
  if (request.method === 'GET') {
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"data":[{"id":"m"}]}')
    return
  }
  let text = ''
  for await (const piece of request) text += String(piece)
  const body: Body = JSON.parse(text)
  const write = (fields: object) => {
    if (!response.headersSent) response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write(
      `data: ${JSON.stringify({ id: 'x', object: 'chat.completion.chunk', model: body.model, ...fields })}\n\n`,
    )
  }
  mode(
    body,
    (delta, finish, tokens) => {
      write({ choices: [{ index: 0, delta, finish_reason: finish ?? null }] })
      if (finish === undefined) return
      if (tokens !== undefined) {
        write({ choices: [], usage: { prompt_tokens: tokens, completion_tokens: 5, total_tokens: tokens + 5 } })
      }
      response.end('data: [DONE]\n\n')
    },
    response,
  )
}

const wordsOf = ({ messages }: Body) => messages.reduce((sum, { content }) => sum + content.split(/\s+/).length, 0)

/** Calls the tool in three pieces, and reads the whole prompt. */
const good: Mode = (body, send) => {
  if (body.tools === undefined) {
    const found = /code word is ([\w-]+)\./.exec(body.messages.at(-1)?.content ?? '')?.[1] ?? 'none'
    send({ role: 'assistant', content: found })
    send({}, 'stop', wordsOf(body))
    return
  }
  const call = (part: object) => send({ tool_calls: [{ index: 0, ...part }] })
  call({ id: 'c1', type: 'function', function: { name: 'note_color', arguments: '' } })
  call({ function: { arguments: '{"color"' } })
  call({ function: { arguments: ': "blue"}' } })
  send({}, 'tool_calls', 60)
}

/** As Ollama does without a word: the last 4,096 tokens are all that the model reads. */
const cutting: Mode = (body, send, response) => {
  if (body.tools !== undefined) return good(body, send, response)
  send({ role: 'assistant', content: 'none' })
  send({}, 'stop', Math.min(4_096, wordsOf(body)))
}

const withoutTools: Mode = (body, send, response) => {
  if (body.tools === undefined) return good(body, send, response)
  send({ role: 'assistant', content: 'I have noted the color blue.' })
  send({}, 'stop', 60)
}

const callAsText: Mode = (body, send, response) => {
  if (body.tools === undefined) return good(body, send, response)
  send({ content: '<tool_call>\n{"name": "note_color", "arguments": {"color": "blue"}}\n</tool_call>' })
  send({}, 'stop', 60)
}

const unauthorized: Mode = (_body, _send, response) => {
  response.writeHead(401, { 'content-type': 'application/json' }).end('{"error":{"message":"bad key"}}')
}

const refusing: Mode = (body, send, response) => {
  if (body.tools !== undefined) return good(body, send, response)
  const error = { message: "This model's maximum context length is 8192 tokens", code: 'context_length_exceeded' }
  response.writeHead(400, { 'content-type': 'application/json' }).end(JSON.stringify({ error }))
}

const uncounted: Mode = (body, send, response) => {
  if (body.tools !== undefined) return good(body, send, response)
  send({ role: 'assistant', content: 'none' })
  send({}, 'stop')
}

async function doctor(mode: Mode, json = true) {
  let text = ''
  const write = (piece: string) => {
    text += piece
  }
  const env = { PORT: '0', OPENAI_BASE_URL: await upstream(mode), OPENAI_API_KEY: 'sk-of-a-test', CODELAB_MODEL: 'm' }
  const output = { json, style: createStyle('plain', 100), write }
  const exitCode = await runDoctor({ flags: {}, env, cwd }, output, { tryModel: true, screen: {} })
  const rows: Finding[] = json ? JSON.parse(text).rows : []
  return {
    exitCode,
    text,
    tool: rows.find(({ name }) => name === 'Tool call'),
    long: rows.find(({ name }) => name === 'Long prompt'),
  }
}

it('a good model calls the tool in pieces and reads the whole prompt', async () => {
  const { tool, long } = await doctor(good)
  expect(tool).toMatchObject({ state: 'ok', text: 'right, streamed' })
  expect(tool?.details[0]).toMatch(/^first token after \d+\.\d s, all of it after \d+\.\d s$/)
  expect(long).toMatchObject({
    state: 'ok',
    text: expect.stringMatching(/^12,000 words sent, 12,0\d\d tokens counted$/),
  })
  expect(long?.details.join()).not.toContain('not found')
})

it('a prompt that is cut silently is named, with the setting to change', async () => {
  const { exitCode, long } = await doctor(cutting)
  expect(exitCode).toBe(1)
  expect(long).toMatchObject({
    state: 'problem',
    text: '12,000 words sent, 4,096 tokens counted: the rest was cut silently',
  })
  expect(long?.details.join()).toContain('OLLAMA_CONTEXT_LENGTH=32768')
  expect(long?.details.join()).toContain('num_ctx')
})

it('a model without tools', async () => {
  const { tool, long } = await doctor(withoutTools)
  expect(tool).toMatchObject({ state: 'problem', text: 'none; it said: I have noted the color blue.' })
  expect(long).toMatchObject({ state: 'ok' })
})

it('a call that comes as text', async () => {
  const { tool } = await doctor(callAsText)
  expect(tool).toMatchObject({ state: 'problem', text: 'written as text: its server does not read tool calls' })
  expect(tool?.details.join()).toContain('--enable-auto-tool-choice')
})

it('a refused key, asked once', async () => {
  const { tool, long, text } = await doctor(unauthorized)
  expect(tool).toMatchObject({ state: 'problem', details: ['fix: Check OPENAI_API_KEY.'] })
  expect(long).toBeUndefined()
  expect(text).not.toContain('sk-of-a-test')
})

it('a prompt that is refused as too long', async () => {
  const { long } = await doctor(refusing)
  expect(long).toMatchObject({ state: 'problem', text: '12,000 words sent: refused, its context is smaller' })
})

it('without a count nothing is claimed', async () => {
  const { long } = await doctor(uncounted)
  expect(long).toMatchObject({
    state: 'skipped',
    text: '12,000 words sent, tokens are not counted; the code word in it was not found',
  })
})

it('says before it asks what it will send', async () => {
  const { text } = await doctor(good, false)
  expect(text).toMatch(/^Two requests go to m via 127\.0\.0\.1:\d+: one tool call, one prompt of 12,000 words/)
  expect(text).toContain('✓ Tool call       right, streamed\n')
})
