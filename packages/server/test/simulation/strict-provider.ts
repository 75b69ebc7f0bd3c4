import type { ModelRequest } from '../../src/application/ports/language-model.ts'
import { type Message, textOf, toolCallsOf } from '../../src/domain/message.ts'

const toolName = /^[a-zA-Z0-9_-]{1,64}$/

/** What a strict provider would refuse the request for; undefined: nothing. */
export function refusedBecause({ purpose, messages, tools }: ModelRequest): string | undefined {
  const last = messages.at(-1)
  if (!last) return 'there are no messages'
  if (messages[0]?.role !== 'user') return `the first message is of ${messages[0]?.role}`
  if (last.role === 'assistant') return 'the last message is of the assistant'
  if (purpose === 'classify' && tools.length > 0) return 'the routing call offers tools'
  const names = new Set<string>()
  for (const { name } of tools) {
    if (names.has(name)) return `the tool ${name} is offered twice`
    names.add(name)
  }
  return badMessage(messages)
}

function badMessage(messages: readonly Message[]): string | undefined {
  const ids = new Set<string>()
  for (let at = 0; at < messages.length; at++) {
    const message = messages[at] as Message
    if (message.role === 'tool') return `message ${at} is a result without its call (${message.parts[0].callId})`
    const text = textOf(message.parts)
    if (message.role === 'user') {
      if (text.trim() === '') return `message ${at} of the user is empty`
      continue
    }
    const calls = toolCallsOf(message.parts)
    if (calls.length === 0 && text === '') return `message ${at} of the assistant is empty`
    for (const call of calls) {
      if (call.callId === '' || ids.has(call.callId)) return `the call id '${call.callId}' is empty or used twice`
      ids.add(call.callId)
      if (!toolName.test(call.tool)) return `the tool name '${call.tool}' is not one`
      if (!isObject(call.argumentsJson)) return `the arguments of ${call.callId} are no JSON object`
      at += 1
      const result = messages[at]
      const answered = result?.role === 'tool' ? result.parts[0].callId : undefined
      if (answered !== call.callId)
        return `the call ${call.callId} is followed by ${answered ?? result?.role ?? 'nothing'}`
    }
  }
  return undefined
}

function isObject(json: string): boolean {
  try {
    const value: unknown = JSON.parse(json)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
  } catch {
    return false
  }
}
