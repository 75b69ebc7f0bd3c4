import type { ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'

/** What a fault may do: the call is the `attempt`-th of its kind, `step` counts the results that it was given in this turn. */
export interface Call {
  readonly response: ServerResponse
  readonly attempt: number
  readonly step: number
}

/** Never to be seen by a client. */
export const secret = 'SECRET-OF-THE-UPSTREAM'

export function json(response: ServerResponse, status: number, body: unknown, headers: object = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
}

export function open(response: ServerResponse, type = 'text/event-stream'): void {
  response.writeHead(200, { 'content-type': type })
  response.flushHeaders()
}

export function chunk(delta: object, finish: string | null = null, more: object = {}): string {
  const choices = [{ index: 0, delta, finish_reason: finish }]
  return `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', model: 'm', choices, ...more })}\n\n`
}

/** The frames of a whole answer. */
export function frames(...texts: readonly string[]): string {
  return [...texts.map((content) => chunk({ content })), chunk({}, 'stop'), 'data: [DONE]\n\n'].join('')
}

export function says(response: ServerResponse, ...texts: readonly string[]): void {
  open(response)
  response.end(frames(...texts))
}

export interface Wanted {
  readonly id?: string
  readonly name: string
  readonly arguments: string
}

export function calls(
  response: ServerResponse,
  wanted: readonly Wanted[],
  finish = 'tool_calls',
  usage?: object,
): void {
  open(response)
  for (const [index, { id, ...called }] of wanted.entries()) {
    response.write(
      chunk({ tool_calls: [{ index, ...(id === undefined ? {} : { id }), type: 'function', function: called }] }),
    )
  }
  response.end(`${chunk({}, finish, usage ? { usage } : {})}data: [DONE]\n\n`)
}

/** Sends the pieces apart, so that each is a piece of the network of its own. */
export async function drip(response: ServerResponse, pieces: Iterable<string | Uint8Array>, ms: number): Promise<void> {
  for (const piece of pieces) {
    if (response.destroyed) return
    response.write(piece)
    await sleep(ms)
  }
}
