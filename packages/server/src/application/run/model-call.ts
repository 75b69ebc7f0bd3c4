import type { RuntimeError } from '../../domain/errors.ts'
import { costOf } from '../../domain/model.ts'
import type { ModelAnswer } from '../ports/language-model.ts'
import type { NamedModel } from '../ports/model-source.ts'
import type { ModelCall } from '../ports/store.ts'

/** What is known of a call of a model before it is made. */
export interface CallStart {
  readonly id: string
  readonly sid: string
  readonly turnId: string
  readonly runId: string
  readonly purpose: ModelCall['purpose']
  readonly agent: string
  readonly model: NamedModel
  /** Alias of the model in whose place this one is asked; null when it is the first. */
  readonly insteadOf: string | null
  readonly prefixHash?: string
  readonly estimatedTokens?: number
  /** Epoch milliseconds. */
  readonly at: number
  /** Monotonic milliseconds. */
  readonly startedAt: number
}

const nothing = { inputTokens: 0, cachedTokens: 0, outputTokens: 0, reasoningTokens: 0 }

/** The row of one call, the classifier's too (DESIGN 6). Times are monotonic. */
export function modelCallRow(
  start: CallStart,
  endedAt: number,
  end: { readonly answer?: ModelAnswer; readonly error?: RuntimeError; readonly firstTokenAt?: number | undefined },
): ModelCall {
  const { answer, error } = end
  const failedAttempts = error?.details['attempts']
  const { facts, language } = start.model
  const usage = answer?.usage ?? nothing
  return {
    id: start.id,
    sid: start.sid,
    turnId: start.turnId,
    runId: start.runId,
    purpose: start.purpose,
    agent: start.agent,
    alias: facts.alias,
    insteadOf: start.insteadOf,
    provider: language.provider,
    model: language.model,
    answeredBy: answer?.model ?? null,
    at: start.at,
    ...usage,
    // Nobody charges for a request that was refused; for an answer that was cut nobody says what.
    cost: error && !answer && end.firstTokenAt === undefined ? 0 : costOf(facts.price, usage),
    firstTokenMs: end.firstTokenAt === undefined ? null : Math.round(end.firstTokenAt - start.startedAt),
    durationMs: Math.round(endedAt - start.startedAt),
    finish: answer?.reason ?? null,
    attempts: answer?.attempts ?? (typeof failedAttempts === 'number' ? failedAttempts : 1),
    toolCalls: answer?.parts.filter((part) => part.type === 'tool-call').length ?? 0,
    callsInText: answer?.callsInText ?? false,
    errorCode: error?.code ?? null,
    errorText: error?.message ?? null,
    prefixHash: start.prefixHash ?? null,
    estimatedTokens: start.estimatedTokens ?? null,
    contextTokens: language.contextTokens ?? null,
  }
}
