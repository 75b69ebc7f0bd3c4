import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { asciiJson } from '@codelab/protocol'
import { exchange, type Incoming } from './exchange.ts'
import { type ScriptedUpstream, startScriptedUpstream } from './scripted-upstream.ts'
import { internalKey, ServerProcess } from './server-process.ts'

/** A golden transcript: JSON lines, one action or one piece of an answer each. `golden/README.md` explains them. */
export type Line =
  | {
      readonly golden: string
      readonly because: string
      readonly provider?: 'openai'
      readonly env?: Record<string, string>
    }
  | { readonly note: string }
  | {
      readonly send: object
      readonly headers?: Record<string, string>
      readonly query?: string
      readonly begin?: string
    }
  | { readonly end: string }
  | { readonly get: string }
  | { readonly post: string; readonly body?: object }
  | { readonly restart: NodeJS.Signals }
  | { readonly frame: string }
  | { readonly status: number; readonly body: unknown }
  | { readonly asked: readonly string[] }

const folder = new URL('golden/', import.meta.url)

export function transcriptFiles(): string[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.jsonl'))
    .sort()
}

export function readTranscript(file: string): Line[] {
  const lines = readFileSync(new URL(file, folder), 'utf8').trimEnd().split('\n')
  return lines.map((line) => JSON.parse(line))
}

export function writeTranscript(file: string, lines: readonly string[]): void {
  writeFileSync(new URL(file, folder), `${lines.join('\n')}\n`)
}

function isAnswer(line: Line): boolean {
  return 'frame' in line || 'status' in line || 'asked' in line
}

/** Does what the transcript's actions say, with a server and a model of its own. Returns it with the answers that came. */
export async function play(lines: readonly Line[]): Promise<string[]> {
  const head = lines[0]
  if (head === undefined || !('golden' in head)) throw new Error('the first line of a transcript is its head')
  const upstream = await startScriptedUpstream()
  try {
    await using server = await ServerProcess.start({
      env: { ...modelSettings(head.provider, upstream.url), ...head.env },
    })
    const stage = new Stage(server, upstream)
    const out: string[] = []
    for (const line of lines) {
      if (isAnswer(line)) continue
      out.push(JSON.stringify(line))
      for (const answer of await stage.act(line)) out.push(JSON.stringify(answer))
    }
    return out
  } finally {
    await upstream.close()
  }
}

function modelSettings(provider: 'openai' | undefined, url: string): Record<string, string> {
  if (provider === undefined) return { AGENT_RUNTIME__LLM_PROXY_URL: url }
  return { OPENAI_BASE_URL: `${url}/v1`, OPENAI_API_KEY: 'sk-golden' }
}

const waitMs = 10_000

class Stage {
  readonly #server: ServerProcess
  readonly #upstream: ScriptedUpstream
  readonly #open = new Map<string, Promise<Incoming | undefined>>()
  readonly #names = new Map<string, string>()
  #seen = 0

  constructor(server: ServerProcess, upstream: ScriptedUpstream) {
    this.#server = server
    this.#upstream = upstream
  }

  async act(line: Line): Promise<Line[]> {
    if ('send' in line) return this.#send(line)
    if ('end' in line) return this.#streamAnswer(await this.#open.get(line.end))
    if ('get' in line) return [this.#plainAnswer(await this.#request('GET', line.get))]
    if ('post' in line) return [this.#plainAnswer(await this.#request('POST', line.post, line.body))]
    if ('restart' in line) await this.#server.restart(line.restart)
    return []
  }

  async #send(line: Extract<Line, { send: object }>): Promise<Line[]> {
    const path = `/agent/message/stream${line.query ?? ''}`
    const answer = this.#request('POST', path, line.send, line.headers)
    if (line.begin === undefined) return this.#streamAnswer(await answer)
    answer.catch(() => undefined)
    this.#open.set(line.begin, answer)
    const limit = Date.now() + waitMs
    while (this.#upstream.requests.length === this.#seen) {
      if (Date.now() > limit) throw new Error(`the model was not asked within ${waitMs} ms`)
      await sleep(10)
    }
    return this.#asked()
  }

  #request(method: string, path: string, body?: object, headers?: Record<string, string>) {
    const type = body && { 'content-type': 'application/json' }
    return exchange(this.#server.url, {
      method,
      path,
      headers: { 'x-internal-auth': internalKey, ...type, ...headers },
      ...(body && { body: JSON.stringify(body) }),
    })
  }

  #streamAnswer(answer: Incoming | undefined): Line[] {
    if (answer === undefined) throw new Error('no stream of that name was begun')
    if (answer.status !== 200) return [this.#plainAnswer(answer)]
    const frames = joinDeltas(answer.body.split(/(?<=\r\n\r\n)/).filter((frame) => !frame.startsWith(':')))
    return [...frames.map((frame) => ({ frame: this.#fixed(frame) })), ...this.#asked()]
  }

  #plainAnswer(answer: Incoming | undefined): Line {
    if (answer === undefined) throw new Error('no answer')
    return { status: answer.status, body: JSON.parse(this.#fixed(answer.body)) }
  }

  /** What the model was asked since the last time: the roles and contents of each request, one line each. */
  #asked(): Line[] {
    const requests = this.#upstream.requests.slice(this.#seen)
    this.#seen = this.#upstream.requests.length
    return requests.map(({ kind, body }) => ({
      asked: [
        `${kind}${body.stream === true ? ' streamed' : ''}`,
        ...body.messages
          .slice(1)
          .map((message) => this.#fixed(JSON.stringify(kind === 'classifier' ? message.role : message))),
      ],
    }))
  }

  /** Ids and times, which differ from run to run, as `<UUID_n>` and `<TS>`; a request's id as `<REQUEST>`. */
  #fixed(text: string): string {
    return text
      .replaceAll(/(\\?"request_id\\?":\\?")(?!call_)[^"\\]+/g, '$1<REQUEST>')
      .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, (id) => {
        const name = this.#names.get(id) ?? `<UUID_${this.#names.size + 1}>`
        this.#names.set(id, name)
        return name
      })
      .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z/g, '<TS>')
  }
}

/** In how many pieces a text arrives is a matter of timing: neighbouring deltas become one. */
function joinDeltas(frames: readonly string[]): string[] {
  const joined: string[] = []
  let text = ''
  for (const frame of frames) {
    const token = deltaOf(frame)
    const before = joined.at(-1)
    if (token !== undefined && before !== undefined && deltaOf(before) !== undefined) {
      text += token
      joined[joined.length - 1] = frame.replace(/"token":"(?:[^"\\]|\\.)*"/, () => `"token":${asciiJson(text)}`)
    } else {
      text = token ?? ''
      joined.push(frame)
    }
  }
  return joined
}

function deltaOf(frame: string): string | undefined {
  const data = /^event: message\r\ndata: (.*)\r\n\r\n$/.exec(frame)?.[1]
  if (data === undefined) return undefined
  const chunk = JSON.parse(data) as { type: string; token?: string; content?: string; is_final: boolean }
  return chunk.type === 'assistant_message' && !chunk.is_final && chunk.content === undefined ? chunk.token : undefined
}
