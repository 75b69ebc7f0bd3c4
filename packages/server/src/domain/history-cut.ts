import type { Part } from './message.ts'
import { readable } from './message.ts'
import type { StoredMessage } from './session.ts'
import { estimateMessage } from './tokens.ts'

/** How much of its history a session sends to a model. Positions of messages; 0: nothing is left out. */
export interface HistoryCut {
  /** Results before it are one line each. */
  readonly referencedBefore: number
  /** Messages before it are not sent. It is where a turn begins. */
  readonly droppedBefore: number
}

export const wholeHistory: HistoryCut = { referencedBefore: 0, droppedBefore: 0 }

/** Shorter results are left as they are: a reference would not be smaller. */
const worthReplacing = 200
const referenceTokens = 50

/** Shares of what the model can read: from where on something is left out, and how far each way goes, so that the next time is far off. */
const full = 0.8
const afterReferences = 0.6
const afterDrop = 0.5

export function isReferenced(cut: HistoryCut, position: number, text: string): boolean {
  return position < cut.referencedBefore && text.length > worthReplacing
}

export interface FitInput {
  /** From `cut.droppedBefore` on. */
  readonly messages: readonly StoredMessage[]
  readonly cut: HistoryCut
  /** What goes before the history, in estimated tokens: system text and tools. */
  readonly headTokens: number
  /** Real tokens for an estimated one, as the provider last counted. */
  readonly scale: number
  /** What the model can read, in real tokens. */
  readonly limit: number
}

/** Tokens of a request, estimated. */
export function estimateRequest({ messages, cut, headTokens }: Omit<FitInput, 'scale' | 'limit'>): number {
  return messages.reduce((sum, message) => sum + costOf(message, cut), headTokens)
}

/** What more has to be left out for the request to fit: old results first, the oldest before the others; if that is not enough, whole
 *  turns from the beginning. Undefined: it fits, or nothing more can be left out. */
export function fitHistory(input: FitInput): HistoryCut | undefined {
  const { messages, cut, scale, limit } = input
  let tokens = estimateRequest(input)
  if (tokens * scale <= limit * full) return undefined
  let { referencedBefore, droppedBefore } = cut
  const newest = messages.findLast((message) => message.role === 'assistant')?.position ?? 0
  for (const message of messages) {
    if (message.position >= newest || tokens * scale <= limit * afterReferences) break
    if (message.position < referencedBefore || message.role !== 'tool') continue
    const after = { referencedBefore: message.position + 1, droppedBefore }
    const saved = costOf(message, cut) - costOf(message, after)
    if (saved <= 0) continue
    tokens -= saved
    referencedBefore = after.referencedBefore
  }
  if (tokens * scale > limit * full) {
    droppedBefore = dropTurns(
      messages,
      { referencedBefore, droppedBefore },
      (left) => left * scale <= limit * afterDrop,
      tokens,
    )
  }
  const next = { referencedBefore, droppedBefore }
  return next.referencedBefore === cut.referencedBefore && next.droppedBefore === cut.droppedBefore ? undefined : next
}

/** The first beginning of a turn from which the rest fits; else the newest. */
function dropTurns(
  messages: readonly StoredMessage[],
  cut: HistoryCut,
  fits: (tokens: number) => boolean,
  tokens: number,
): number {
  let left = tokens
  let found = cut.droppedBefore
  let turnId: string | null | undefined
  for (const [index, message] of messages.entries()) {
    const begins = message.role === 'user' && message.turnId !== turnId
    turnId = message.turnId
    if (begins && index > 0) {
      found = message.position
      if (fits(left)) break
    }
    left -= costOf(message, cut)
  }
  return found
}

/** Of whole messages; the same ones are asked for step after step. */
const costs = new WeakMap<StoredMessage, number>()

function costOf(message: StoredMessage, cut: HistoryCut): number {
  const [result] = message.parts
  if (message.role === 'tool' && result?.type === 'tool-result') {
    if (isReferenced(cut, message.position, readable(result))) return referenceTokens
  }
  const known = costs.get(message)
  if (known !== undefined) return known
  const cost =
    message.role === 'tool' && result?.type === 'tool-result'
      ? estimateMessage([result.callId, readable(result)])
      : estimateMessage(message.parts.flatMap(textsOf))
  costs.set(message, cost)
  return cost
}

function textsOf(part: Part): readonly string[] {
  const opaque = 'opaque' in part && part.opaque ? [part.opaque.json] : []
  if (part.type === 'tool-call') return [part.callId, part.tool, part.argumentsJson, ...opaque]
  if (part.type === 'reasoning') return opaque.length > 0 ? [part.text, ...opaque] : []
  return [readable(part), ...opaque]
}
