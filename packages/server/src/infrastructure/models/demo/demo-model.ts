import type { Clock } from '../../../application/ports/clock.ts'
import type { Ids } from '../../../application/ports/ids.ts'
import type { LanguageModel, ModelEvent, ModelRequest } from '../../../application/ports/language-model.ts'
import { RuntimeError } from '../../../domain/errors.ts'
import { type Answer, answerTo } from './answer.ts'
import { classify } from './classify.ts'
import { readTurn } from './conversation.ts'

export interface DemoModelOptions {
  /** Names the tool calls; without it they come without ids, as from a provider that gives none. */
  readonly ids?: Pick<Ids, 'next'>
  /** Spaces the words out, so that streaming is visible; without it they come at once. */
  readonly clock?: Pick<Clock, 'sleep'>
}

const wordDelayMs = 15
const longestDelayMs = 2000

/** A rule-based stand-in for when no model is configured: a few requests, in English and Russian, carried out on real files. It is no
 *  language model and says so. The same request gives the same answer. */
export function createDemoModel({ ids, clock }: DemoModelOptions = {}): LanguageModel {
  return {
    provider: 'demo',
    model: 'demo',
    async *stream(request, signal) {
      throwIfAborted(signal)
      const { text, calls } = answerFor(request)
      const words = text.match(/\s*\S+|\s+$/g) ?? []
      const delay = Math.min(wordDelayMs, longestDelayMs / Math.max(words.length, 1))
      for (const [index, word] of words.entries()) {
        throwIfAborted(signal)
        if (index > 0 && clock && request.purpose === 'answer') {
          await clock.sleep(delay, signal)
          throwIfAborted(signal)
        }
        yield { type: 'text-delta', text: word }
      }
      if (words.length > 0) yield { type: 'text-end' }
      const argumentTexts = calls.map(({ args }) => JSON.stringify(args))
      for (const [index, { tool }] of calls.entries()) {
        throwIfAborted(signal)
        const callId = ids ? `call_${ids.next()}` : ''
        yield { type: 'tool-call', callId, tool, argumentsJson: argumentTexts[index] ?? '{}' }
      }
      yield usageOf(request, text + argumentTexts.join(''))
      yield { type: 'finish', reason: calls.length > 0 ? 'tool-calls' : 'stop', model: 'demo' }
    },
  }
}

function answerFor(request: ModelRequest): Answer {
  if (request.purpose === 'classify') return { text: JSON.stringify(classify(request.messages)), calls: [] }
  return answerTo(readTurn(request.messages), new Set(request.tools.map(({ name }) => name)))
}

/** Four characters for a token: a count for the screen, nobody pays for it. */
function usageOf({ system, messages, tools }: ModelRequest, output: string): ModelEvent {
  const input = system.length + JSON.stringify(messages).length + (tools.length > 0 ? JSON.stringify(tools).length : 0)
  const usage = {
    inputTokens: Math.round(input / 4),
    cachedTokens: 0,
    outputTokens: Math.round(output.length / 4),
    reasoningTokens: 0,
  }
  return { type: 'usage', usage }
}

function throwIfAborted(signal: AbortSignal): void {
  if (signal.aborted) throw new RuntimeError('cancelled', 'LLM request failed: cancelled', { cause: signal.reason })
}
