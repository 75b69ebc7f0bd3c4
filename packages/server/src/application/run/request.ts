import { type HistoryCut, isReferenced, wholeHistory } from '../../domain/history-cut.ts'
import type { AssistantPart, Message, TextPart, ToolCallPart, ToolResultPart } from '../../domain/message.ts'
import { readable, textOf, toolCallsOf } from '../../domain/message.ts'
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

export interface HistoryOptions {
  readonly cut?: HistoryCut
  /** Whether the agent has `read_artifact`, so that a result that is left out can be had again. */
  readonly artifacts?: boolean
  /** False: texts go as they are, keys included. */
  readonly masks?: boolean
}

interface Result {
  readonly part: ToolResultPart
  readonly message: StoredMessage
}

/** What a model is given of a stored message as a whole, with and without masks: the same object from step to step, so that its text can be
 *  kept by it (`toRequestText`). */
const wholes = { masked: new WeakMap<StoredMessage, Message>(), open: new WeakMap<StoredMessage, Message>() }

function once<M extends Message>(stored: StoredMessage, masks: boolean, make: () => M): Message {
  const kept = masks ? wholes.masked : wholes.open
  const known = kept.get(stored)
  if (known) return known
  const made = make()
  kept.set(stored, made)
  return made
}

/** Stored history → what a model is given. Whatever is stored, every call has exactly one result, right behind its message and in call
 *  order, and no message is empty (DESIGN promise 3). `stored` begins where the cut says. */
export function buildHistory(stored: readonly StoredMessage[], options: HistoryOptions = {}): BuiltHistory {
  const results = resultsByCall(stored)
  const cut = options.cut ?? wholeHistory
  const messages: Message[] = []
  let used = 0
  let missing = 0
  let repeated: BuiltHistory['repeated']
  let turnId: string | null = null
  let repeats = new Repeats()
  for (const message of stored) {
    if (message.role === 'user')
      messages.push(userMessage(message, options, messages.length === 0 ? cut : wholeHistory))
    if (message.role === 'tool') continue
    repeated = undefined
    if (message.role !== 'assistant') continue
    const parts = message.parts as readonly AssistantPart[]
    const calls = toolCallsOf(parts)
    const whole = () => once(message, true, () => ({ role: 'assistant', parts }))
    if (calls.length === 0) {
      const text = textOf(parts)
      // A resumed turn starts its answer anew; what was cut is no beginning for it.
      if (text === '' || (message === stored.at(-1) && message.status === 'interrupted')) continue
      messages.push(message.status === 'interrupted' ? { role: 'assistant', parts: [interrupted(text)] } : whole())
      continue
    }
    messages.push(whole())
    if (message.turnId !== turnId) [turnId, repeats] = [message.turnId, new Repeats()]
    for (const call of calls) {
      const result = results.get(call.callId)
      if (result) used++
      else missing++
      const count = result && message.turnId !== null ? repeats.add(call, result.part.text) : 0
      if (count > (repeated?.count ?? 0)) repeated = { tool: call.tool, count }
      messages.push(
        result ? resultMessage(result, call, count, cut, options) : { role: 'tool', parts: [unanswered(call)] },
      )
    }
  }
  return { messages, repairs: missing + (results.size - used), repeated }
}

// The last one wins: a result may be replaced (PROTOCOL 6.3).
function resultsByCall(stored: readonly StoredMessage[]): ReadonlyMap<string, Result> {
  const results = new Map<string, Result>()
  for (const message of stored) {
    const [part] = message.parts
    if (message.role === 'tool' && part?.type === 'tool-result') results.set(part.callId, { part, message })
  }
  return results
}

/** Notes and text as parts of their own; a model that reads one text reads them in this order. */
function userMessage(message: StoredMessage, { masks = true }: HistoryOptions, { droppedBefore }: HistoryCut): Message {
  const texts = () =>
    message.parts.flatMap((part): TextPart[] => {
      if (part.type !== 'text' && part.type !== 'note') return []
      const text = masks ? readable(part) : part.text
      return [{ type: 'text', text: part.type === 'note' ? `${text}\n\n` : text }]
    })
  const isFirst = droppedBefore > 0 && message.position === droppedBefore
  if (isFirst) return { role: 'user', parts: [droppedNote, ...texts()] }
  return once(message, masks, () => ({ role: 'user', parts: texts() }))
}

const droppedNote: TextPart = {
  type: 'text',
  text: '<note>\nThe conversation is older than this: what was said before is left out to save room. Look again at what you need, do not guess it.\n</note>\n\n',
}

/** A note that a call repeats belongs to the history from then on: later requests begin with the same bytes. */
function resultMessage(
  { part, message }: Result,
  call: ToolCallPart,
  count: number,
  cut: HistoryCut,
  { masks = true, artifacts = false }: HistoryOptions,
): Message {
  const { type, callId, tool } = part
  const text = masks ? readable(part) : part.text
  const given = (text: string): Message => ({ role: 'tool', parts: [{ type, callId, tool, text }] })
  if (isReferenced(cut, message.position, text)) return given(reference(part, call, artifacts))
  return count < noticedRepeats ? once(message, masks, () => given(text)) : given(text + repeatNote(count))
}

function reference(part: ToolResultPart, { callId }: ToolCallPart, artifacts: boolean): string {
  const again = artifacts
    ? `To read it again: read_artifact {"call_id": ${JSON.stringify(callId)}}.`
    : 'Call it again if you need it.'
  return `[The result of ${part.tool}, ${part.text.length} characters, is left out to save room. ${again}]`
}

function unanswered({ callId, tool }: ToolCallPart): ToolResultPart {
  return { type: 'tool-result', callId, tool, text: syntheticText('not_executed') }
}

function interrupted(text: string): TextPart {
  return { type: 'text', text: `${text}\n\n[interrupted]` }
}
