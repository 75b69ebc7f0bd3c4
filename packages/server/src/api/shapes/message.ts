import type { SessionDetail, SessionHistory } from '@codelab/protocol'
import { type Part, type StoredMessage, textOf, toolCallsOf } from '../../application/index.ts'
import { timestamp } from './time.ts'

type SessionMessage = NonNullable<SessionDetail['session']['messages']>[number]
type HistoryMessage = SessionHistory['messages'][number]
type ToolCallEntry = NonNullable<HistoryMessage['tool_calls']>[number]

/** A message as `GET /sessions/{id}` lists it: every key, content never null (PROTOCOL 2.4). */
export function sessionMessage(message: StoredMessage): SessionMessage {
  const result = resultOf(message)
  const calls = toolCallEntries(message.parts)
  return {
    id: message.id,
    role: message.role,
    content: result?.text ?? textOf(message.parts),
    name: result?.tool ?? null,
    tool_call_id: result?.callId ?? null,
    tool_calls: calls.length > 0 ? calls : null,
    created_at: timestamp(message.createdAt),
  }
}

/** A message in the form that a model is given; unset keys are left out, content is null only beside calls without a text (PROTOCOL 2.5). */
export function historyMessage(message: StoredMessage): HistoryMessage {
  const result = resultOf(message)
  if (result) return { role: 'tool', content: result.text, tool_call_id: result.callId, name: result.tool }
  const text = textOf(message.parts)
  const calls = toolCallEntries(message.parts)
  if (calls.length === 0) return { role: message.role, content: text }
  return { role: message.role, content: text === '' ? null : text, tool_calls: calls }
}

function resultOf(message: StoredMessage) {
  return message.parts.find((part) => part.type === 'tool-result')
}

function toolCallEntries(parts: readonly Part[]): ToolCallEntry[] {
  return toolCallsOf(parts).map(({ callId, tool, argumentsJson }) => ({
    id: callId,
    type: 'function',
    function: { name: tool, arguments: argumentsJson },
  }))
}
