import type { AssistantPart, Message, TextPart, ToolResultPart } from '../../domain/message.ts'
import { textOf, toolCallsOf } from '../../domain/message.ts'
import { syntheticText } from '../../domain/result-text.ts'
import type { StoredMessage } from '../../domain/session.ts'
import { noticedRepeats, Repeats, repeatNote } from './repeats.ts'

export interface BuiltHistory {
  readonly messages: readonly Message[]
  /** What had to be mended so that a strict provider accepts it. The store keeps the invariant, so this stays 0. */
  readonly repairs: number
  /** The call of the newest answer that was repeated most, when its results are the last that there is. */
  readonly repeated: { readonly tool: string; readonly count: number } | undefined
}

/** Stored history → what a model is given. Whatever is stored, every call has exactly one result, right behind its message and in call
 *  order, and no message is empty (DESIGN promise 3). */
export function buildHistory(stored: readonly StoredMessage[]): BuiltHistory {
  const results = resultsByCall(stored)
  const messages: Message[] = []
  let used = 0
  let missing = 0
  let repeated: BuiltHistory['repeated']
  let turnId: string | null = null
  let repeats = new Repeats()
  for (const message of stored) {
    if (message.role === 'user') messages.push({ role: 'user', parts: message.parts as readonly TextPart[] })
    if (message.role === 'tool') continue
    repeated = undefined
    if (message.role !== 'assistant') continue
    const parts = message.parts as readonly AssistantPart[]
    const calls = toolCallsOf(parts)
    if (calls.length === 0) {
      const text = textOf(parts)
      // A resumed turn starts its answer anew; what was cut is no beginning for it.
      if (text === '' || (message === stored.at(-1) && message.status === 'interrupted')) continue
      messages.push({ role: 'assistant', parts: message.status === 'interrupted' ? [interrupted(text)] : parts })
      continue
    }
    messages.push({ role: 'assistant', parts })
    if (message.turnId !== turnId) [turnId, repeats] = [message.turnId, new Repeats()]
    for (const call of calls) {
      const result = results.get(call.callId)
      if (result) used++
      else missing++
      const count = result && message.turnId !== null ? repeats.add(call, result.text) : 0
      if (count > (repeated?.count ?? 0)) repeated = { tool: call.tool, count }
      messages.push({ role: 'tool', parts: [result ? noted(result, count) : unanswered(call.callId, call.tool)] })
    }
  }
  return { messages, repairs: missing + (results.size - used), repeated }
}

// The last one wins: a result may be replaced (PROTOCOL 6.3).
function resultsByCall(stored: readonly StoredMessage[]): ReadonlyMap<string, ToolResultPart> {
  const results = new Map<string, ToolResultPart>()
  for (const message of stored) {
    const [part] = message.parts
    if (message.role === 'tool' && part?.type === 'tool-result') results.set(part.callId, part)
  }
  return results
}

/** The note belongs to the history from then on: later requests begin with the same bytes. */
function noted(result: ToolResultPart, count: number): ToolResultPart {
  return count < noticedRepeats ? result : { ...result, text: result.text + repeatNote(count) }
}

function unanswered(callId: string, tool: string): ToolResultPart {
  return { type: 'tool-result', callId, tool, text: syntheticText('not_executed') }
}

function interrupted(text: string): TextPart {
  return { type: 'text', text: `${text}\n\n[interrupted]` }
}
