import type { RuntimeError } from '../../domain/errors.ts'
import type { LanguageModel, ModelAnswer } from '../ports/language-model.ts'
import type { ModelCall } from '../ports/store.ts'

/** What is known of a call of a model before it is made. */
export interface CallStart {
  readonly id: string
  readonly sid: string
  readonly turnId: string
  readonly runId: string
  readonly purpose: ModelCall['purpose']
  readonly agent: string
  readonly model: LanguageModel
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
  return {
    id: start.id,
    sid: start.sid,
    turnId: start.turnId,
    runId: start.runId,
    purpose: start.purpose,
    agent: start.agent,
    provider: start.model.provider,
    model: start.model.model,
    answeredBy: answer?.model ?? null,
    at: start.at,
    ...(answer?.usage ?? nothing),
    cost: null,
    firstTokenMs: end.firstTokenAt === undefined ? null : Math.round(end.firstTokenAt - start.startedAt),
    durationMs: Math.round(endedAt - start.startedAt),
    finish: answer?.reason ?? null,
    attempts: answer?.attempts ?? (typeof failedAttempts === 'number' ? failedAttempts : 1),
    toolCalls: answer?.parts.filter((part) => part.type === 'tool-call').length ?? 0,
    errorCode: error?.code ?? null,
    errorText: error?.message ?? null,
    prefixHash: start.prefixHash ?? null,
    estimatedTokens: start.estimatedTokens ?? null,
    contextTokens: start.model.contextTokens ?? null,
  }
}
