import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

const lineEnd = '\r\n'
const followed = '/sessions/long/events'
const deltaEveryMs = 8

/** A server with one more session: 10,000 events long, then an answer that is written without an end and a command with 5 MB of output. Everything
 *  else is asked of the server behind it. */
export class LongSession implements AsyncDisposable {
  readonly #server: Server
  readonly #behind: URL

  private constructor(behind: string) {
    this.#behind = new URL(behind)
    this.#server = createServer((asked, answer) => {
      if (asked.url?.startsWith(followed)) tell(asked, answer)
      else this.#pass(asked, answer)
    })
  }

  static async start(behind: string): Promise<LongSession> {
    const stage = new LongSession(behind)
    await new Promise<void>((resolve) => stage.#server.listen(0, '127.0.0.1', resolve))
    return stage
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  #pass(asked: IncomingMessage, answer: ServerResponse): void {
    const origin = asked.headers.origin === undefined ? {} : { origin: this.#behind.origin }
    const headers = { ...asked.headers, host: this.#behind.host, ...origin }
    const passed = request(new URL(asked.url ?? '/', this.#behind), { method: asked.method, headers }, (got) => {
      answer.writeHead(got.statusCode ?? 502, got.headers)
      got.pipe(answer)
    })
    passed.on('error', () => answer.destroy())
    answer.on('close', () => passed.destroy())
    asked.pipe(passed)
  }
}

/** Numbers what is told. */
class Log {
  seq = 0

  event(type: string, facts: object): string {
    this.seq++
    const at = new Date().toISOString()
    const data = { v: 1, seq: this.seq, session_id: 'long', turn_id: 'turn', run_id: 'run', at, ...facts }
    return frame(type, data, String(this.seq))
  }

  call(tool: string, values: object): { readonly id: string; readonly made: string } {
    const id = `call-${this.seq}`
    const facts = {
      call_id: id,
      tool,
      requires_approval: false,
      call: { call_id: id, tool_name: tool, arguments: values },
    }
    return { id, made: this.event('tool_call.created', facts) + this.event('tool_call.dispatched', facts) }
  }

  result(id: string, tool: string, result: object): string {
    const message = { role: 'tool', content: JSON.stringify(result) }
    return this.event('tool_result.created', { call_id: id, tool, message_id: `of-${id}`, failed: false, message })
  }

  answer(content: string): string {
    const message = { role: 'assistant', content }
    return this.event('message.created', {
      message_id: `m-${this.seq}`,
      role: 'assistant',
      status: 'complete',
      message,
    })
  }
}

function frame(event: string, data: object, id?: string): string {
  const head = id === undefined ? '' : `id: ${id}${lineEnd}`
  return `${head}event: ${event}${lineEnd}data: ${JSON.stringify(data)}${lineEnd}${lineEnd}`
}

function tell(asked: IncomingMessage, answer: ServerResponse): void {
  const log = new Log()
  const past = tellPast(log)
  answer.writeHead(200, { 'content-type': 'text/event-stream' })
  answer.write(frame('hello', { last_seq: log.seq }))
  answer.write(past)
  const wait = setTimeout(() => {
    answer.write(
      log.event('turn.started', { agent: 'coder' }) + log.event('run.started', { agent: 'coder', input: 'message' }),
    )
    const { id, made } = log.call('execute_command', { command: 'cat long.log' })
    answer.write(made + log.result(id, 'execute_command', { exit_code: 0, stdout: 'line of output\n'.repeat(350_000) }))
    const text = 'Some **bold** and `code`, then\n\n- one\n- two\n\n```ts\nconst x = 1\n```\n\n'
    let offset = 0
    const writing = setInterval(() => {
      const piece = text.slice(offset % text.length).slice(0, 2)
      const id = `${log.seq}:live:${offset + piece.length}`
      answer.write(frame('message.delta', { message_id: 'live', offset, text: piece }, id))
      offset += piece.length
    }, deltaEveryMs)
    asked.on('close', () => clearInterval(writing))
  }, 1000)
  asked.on('close', () => clearTimeout(wait))
}

function tellPast(log: Log): string {
  const told: string[] = []
  while (log.seq < 10_000) {
    told.push(
      log.event('turn.started', { agent: 'coder' }),
      log.event('run.started', { input: 'message', agent: 'coder' }),
    )
    const message = { role: 'user', content: `Message ${log.seq}` }
    told.push(log.event('message.created', { message_id: `u-${log.seq}`, role: 'user', status: 'complete', message }))
    for (let step = 1; step <= 60; step++) {
      told.push(log.event('step.started', { step, agent: 'coder', model: 'demo' }))
      told.push(
        log.event('step.ended', { step, input_tokens: 100, cached_tokens: 0, output_tokens: 10, duration_ms: 20 }),
      )
      told.push(log.answer(`I look at \`file${step}.ts\`:\n\n- one\n- two\n\n\`\`\`ts\nconst a = ${step}\n\`\`\`\n`))
      const { id, made } = log.call('read_file', { path: `src/file${step}.ts` })
      told.push(made, log.result(id, 'read_file', { content: 'x\n'.repeat(200) }))
    }
    told.push(log.event('turn.ended', { outcome: 'completed', steps: 60 }))
  }
  return told.join('')
}
