import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { refusalOf, type UpstreamMessage } from '../crash/strict-history.ts'
import { faults } from './faults.ts'
import { json, says } from './replies.ts'

/** An OpenAI-compatible server that misbehaves as the last user message says (`#hang_mid`), answers everything else, and refuses every
 *  conversation that a strict provider would refuse. */
export interface FaultyUpstream {
  readonly url: string
  readonly port: number
  /** Calls so far whose last user message named this fault. */
  calls(fault: string): number
  /** What it refused, and why. */
  readonly refused: readonly string[]
  close(): Promise<void>
}

export async function startFaultyUpstream(port = 0): Promise<FaultyUpstream> {
  const counts = new Map<string, number>()
  const refused: string[] = []
  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy())
  })

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method !== 'POST') return json(response, 404, { error: { message: 'no' } })
    let text = ''
    for await (const piece of request.setEncoding('utf8')) text += piece
    const { messages } = JSON.parse(text) as { messages: readonly UpstreamMessage[] }
    const problem =
      refusalOf(messages) ?? (/\\u0000|\\ud[89a-f]..(?!\\ud)/i.test(text) ? 'text that is none' : undefined)
    if (problem) {
      refused.push(problem)
      return json(response, 400, { error: { message: problem } })
    }
    const asked = messages.findLastIndex((message) => message.role === 'user')
    const name = /#(\w+)/.exec(String(messages[asked]?.content))?.[1] ?? ''
    const attempt = (counts.get(name) ?? 0) + 1
    counts.set(name, attempt)
    const step = messages.slice(asked).filter((message) => message.role === 'tool').length
    const fault = faults[name]
    if (fault) await fault({ response, attempt, step })
    else says(response, 'fine')
  }

  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  const bound = (server.address() as AddressInfo).port
  return {
    url: `http://127.0.0.1:${bound}/v1`,
    port: bound,
    calls: (fault) => counts.get(fault) ?? 0,
    refused,
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
