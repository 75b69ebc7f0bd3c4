import { failureOfError } from '../upstream/failure.ts'
import { type Fields, fieldsOf, textIn } from '../upstream/fields.ts'
import type { Answer } from './answer.ts'
import { readFinishReason } from './finish-reason.ts'
import type { ReasoningField } from './messages.ts'
import { readUsage } from './usage.ts'

type DeltaField =
  | 'content'
  | 'refusal'
  | 'tool_calls'
  | 'function_call'
  | 'reasoning_details'
  | 'extra_content'
  | ReasoningField

/** One `chat.completion.chunk` (PROTOCOL 7.2). This runs once per token: keep it free of copies. A chunk without choices carries the
 *  usage. Throws what the provider reports as an error in mid-stream. */
export function readChunk(value: unknown, answer: Answer, provider: string): void {
  const chunk = fieldsOf<'choices' | 'usage' | 'model' | 'error' | 'object'>(value)
  if (chunk.error) throw readError(chunk.error, provider)
  if (chunk.object === 'error') throw readError(value, provider)
  if (chunk.usage) {
    const usage = readUsage(chunk.usage)
    if (usage !== undefined) answer.setUsage(usage)
  }
  answer.setModel(textIn(chunk.model))
  if (!Array.isArray(chunk.choices) || chunk.choices.length === 0) return
  const choice = fieldsOf<'delta' | 'finish_reason'>(chunk.choices[0])
  readDelta(fieldsOf<DeltaField>(choice.delta), answer)
  if (choice.finish_reason === 'error') throw readError(fieldsOf<'error'>(choice).error, provider)
  const reason = readFinishReason(choice.finish_reason)
  if (reason !== undefined) answer.setFinish(reason)
}

function readDelta(delta: Fields<DeltaField>, answer: Answer): void {
  readReasoning(delta, answer)
  const content = delta.content
  if (typeof content === 'string') answer.addText(content)
  else if (Array.isArray(content)) answer.addText(content.map(textOfElement).join(''))
  if (typeof delta.refusal === 'string') answer.addText(delta.refusal)
  if (delta.extra_content) answer.setExtra(delta.extra_content)
  if (Array.isArray(delta.tool_calls)) for (const entry of delta.tool_calls) answer.addToolCall(entry, 'delta')
  if (delta.function_call) answer.addToolCall(delta.function_call, 'legacy')
}

/** Reasoning comes under two names; a server that sends both says the same twice. */
export function readReasoning(source: Fields<ReasoningField | 'reasoning_details'>, answer: Answer): void {
  if (typeof source.reasoning_content === 'string') answer.addReasoning('reasoning_content', source.reasoning_content)
  else if (typeof source.reasoning === 'string') answer.addReasoning('reasoning', source.reasoning)
  if (Array.isArray(source.reasoning_details)) answer.addReasoningDetails(source.reasoning_details)
}

/** The text of one element of a content list: a string, `{type: 'text', text}`, or the Proxy's `{content}`. */
export function textOfElement(element: unknown): string {
  if (typeof element === 'string') return element
  const { text, content } = fieldsOf<'text' | 'content'>(element)
  return textIn(text) || textIn(content)
}

/** `error` as providers send it: a text, or `{message, type, code, status}`. */
export function readError(value: unknown, provider: string): Error {
  const error = fieldsOf<'status' | 'code' | 'status_code'>(value)
  const status = [error.status, error.status_code, error.code].map(Number).find((each) => each >= 400 && each < 600)
  return failureOfError(provider, { status, text: typeof value === 'string' ? value : (JSON.stringify(value) ?? '') })
}
