import { type Message, textOf, toolCallsOf } from '../../../domain/message.ts'
import { isObject, readOutcome, type ToolOutcome } from './outcome.ts'
import { type Request, readRequest } from './request.ts'

/** One answer of the model with calls, and what came of them, in the same order. */
export interface Exchange {
  readonly tools: readonly string[]
  readonly outcomes: readonly ToolOutcome[]
}

/** What has been said since the person last spoke. */
export interface Turn {
  readonly request: Request
  readonly exchanges: readonly Exchange[]
}

/** Reads the messages of a request; the last text of a person is what counts. */
export function readTurn(messages: readonly Message[]): Turn {
  const start = messages.findLastIndex(({ role }) => role === 'user')
  // Before what the person says may stand notes of the client.
  const text = textOf(messages[start]?.parts.slice(-1) ?? [])
  const request = readRequest(text, lastPathIn(messages.slice(0, Math.max(start, 0))))
  return { request, exchanges: exchangesIn(messages.slice(start + 1)) }
}

function exchangesIn(messages: readonly Message[]): Exchange[] {
  const results = new Map<string, string>()
  for (const message of messages) {
    if (message.role === 'tool') results.set(message.parts[0].callId, message.parts[0].text)
  }
  return messages.flatMap((message) => {
    const calls = message.role === 'assistant' ? toolCallsOf(message.parts) : []
    if (calls.length === 0) return []
    const outcomes = calls.map(({ callId, tool }) => readOutcome(tool, results.get(callId) ?? ''))
    return [{ tools: calls.map(({ tool }) => tool), outcomes }]
  })
}

const lookedAt = 40

function lastPathIn(messages: readonly Message[]): string | undefined {
  for (const message of messages.slice(-lookedAt).reverse()) {
    if (message.role !== 'assistant') continue
    const call = toolCallsOf(message.parts).findLast(({ tool }) => tool === 'read_file' || tool === 'write_file')
    if (call === undefined) continue
    try {
      const args: unknown = JSON.parse(call.argumentsJson)
      if (isObject(args) && typeof args['path'] === 'string') return args['path']
    } catch {
      // Arguments that are no JSON name no file; an earlier call may.
    }
  }
  return undefined
}
