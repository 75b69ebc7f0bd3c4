import type { SessionHistory } from '@codelab/protocol'
import { callSubject } from './call-words.ts'
import type { Style } from './style.ts'
import { clean, cut, widthOf } from './text.ts'
import type { Transcript } from './transcript.ts'

type Message = SessionHistory['messages'][number]

/** The last turn of a session as it stands in its history: what was said, which calls were made, the answer. */
export function pastTurnLines(
  history: SessionHistory,
  transcript: Transcript,
  columns: number,
  style: Style,
): string[] {
  const { messages } = history
  const start = messages.findLastIndex((message) => message.role === 'user')
  if (start < 0) return []
  const agent = history.current_agent ?? 'orchestrator'
  const answered = new Map(
    messages.flatMap((message) => (message.tool_call_id ? [[message.tool_call_id, message] as const] : [])),
  )
  return messages.slice(start).flatMap((message) => {
    if (message.role === 'user') return transcript.person(message.content ?? '', columns)
    if (message.role !== 'assistant') return []
    const text = message.content?.trim() ? transcript.message(agent, message.content, columns) : []
    const calls = (message.tool_calls ?? []).map((call) => callLine(call, answered.get(call.id), columns, style))
    return [...text, ...(calls.length > 0 ? transcript.calls(calls) : [])]
  })
}

type ToolCall = NonNullable<Message['tool_calls']>[number]

function callLine(call: ToolCall, answer: Message | undefined, columns: number, style: Style): string {
  const { marks } = style
  const failed =
    answer?.content?.startsWith('Error: ') || /^\{"(?:error|status":"rejected)"/.test(answer?.content ?? '')
  const mark = !answer
    ? style.mark(marks.waits, 'wait')
    : failed
      ? style.mark(marks.failed, 'bad')
      : style.mark(marks.done, 'ok')
  const head = `${mark}${clean(call.function.name)}`
  const subject = callSubject({ tool: call.function.name, arguments: readArguments(call.function.arguments) })
  return `${head} ${style.paint('dim', cut(subject, Math.max(0, columns - widthOf(head) - 1), marks.more))}`
}

function readArguments(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}
