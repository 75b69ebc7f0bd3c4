import { badResponse } from '../upstream/failure.ts'
import { fieldsOf, isObject, textIn } from '../upstream/fields.ts'
import type { Answer } from './answer.ts'
import { readFinishReason } from './finish-reason.ts'
import type { ReasoningField } from './messages.ts'
import { readError, readReasoning, textOfElement } from './stream-chunk.ts'
import { readUsage } from './usage.ts'

type MessageField =
  | 'content'
  | 'refusal'
  | 'tool_calls'
  | 'function_call'
  | 'reasoning_details'
  | 'extra_content'
  | ReasoningField

/** A whole `chat.completion` (PROTOCOL 5.2, 7.2), read as the same answer that a stream would give. Throws `upstream_bad_response` when
 *  it holds no message. */
export function readCompletion(value: unknown, answer: Answer, provider: string): void {
  const body = fieldsOf<'choices' | 'usage' | 'model' | 'error' | 'object'>(value)
  const choices = body.choices
  if (!Array.isArray(choices) || choices.length === 0) {
    if (body.error || body.object === 'error') throw readError(body.error || value, provider)
    throw badResponse('upstream sent no choices', JSON.stringify(value))
  }
  const choice = fieldsOf<'message' | 'finish_reason' | 'error'>(choices[0])
  if (choice.finish_reason === 'error') throw readError(choice.error, provider)
  if (!isObject(choice.message)) throw badResponse('upstream sent no message', JSON.stringify(value))
  const message = fieldsOf<MessageField>(choice.message)

  readReasoning(message, answer)
  const calls = toolCallsIn(message.content, message.tool_calls)
  answer.addText(textOfContent(message.content, calls.length > 0))
  answer.addText(textIn(message.refusal))
  if (message.extra_content) answer.setExtra(message.extra_content)
  for (const call of calls) answer.addToolCall(call, 'whole')
  if (message.function_call) answer.addToolCall(message.function_call, 'legacy')

  const usage = readUsage(body.usage)
  if (usage !== undefined) answer.setUsage(usage)
  answer.setModel(textIn(body.model))
  answer.setFinish(readFinishReason(choice.finish_reason) ?? 'stop')
}

/** Calls may lie inside the first element of a content list that has any. */
function toolCallsIn(content: unknown, toolCalls: unknown): readonly unknown[] {
  if (!Array.isArray(content)) return Array.isArray(toolCalls) ? toolCalls : []
  const inside = content
    .map((element) => fieldsOf<'tool_calls'>(element).tool_calls)
    .find((calls) => Array.isArray(calls) && calls.length > 0)
  return Array.isArray(inside) ? inside : Array.isArray(toolCalls) ? toolCalls : []
}

function textOfContent(content: unknown, hasCalls: boolean): string {
  if (typeof content === 'string') return content
  if (!Array.isArray(content)) return ''
  const text = content.map(textOfElement).join('')
  return text === '' && !hasCalls && content.length > 0 ? JSON.stringify(content) : text
}
