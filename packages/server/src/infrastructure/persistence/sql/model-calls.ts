import { sql } from 'kysely'
import type { ModelCall, ModelCallStore } from '../../../application/ports/store.ts'
import type { Engine } from './engine.ts'
import { prepared } from './prepared.ts'
import type { Queries } from './schema.ts'
import { countCall } from './usage.ts'
import { flag } from './values.ts'

const insertCall = prepared((db, given: Omit<ModelCall, 'callsInText'> & { callsInText: number }) =>
  db.insertInto('model_calls').values({
    id: given.id,
    sid: given.sid,
    turn_id: given.turnId,
    run_id: given.runId,
    purpose: given.purpose,
    agent: given.agent,
    provider: given.provider,
    model: given.model,
    alias: given.alias,
    instead_of: given.insteadOf,
    answered_by: given.answeredBy,
    at: given.at,
    input_tokens: given.inputTokens,
    cached_tokens: given.cachedTokens,
    output_tokens: given.outputTokens,
    reasoning_tokens: given.reasoningTokens,
    cost: given.cost,
    first_token_ms: given.firstTokenMs,
    duration_ms: given.durationMs,
    finish: given.finish,
    attempts: given.attempts,
    tool_calls: given.toolCalls,
    calls_in_text: given.callsInText,
    error_code: given.errorCode,
    error_text: given.errorText,
    prefix_hash: given.prefixHash,
    estimated_tokens: given.estimatedTokens,
    context_tokens: given.contextTokens,
  }),
)
const addToTurn = prepared((db, given: { turnId: string; tokens: number; steps: number }) =>
  db
    .updateTable('turns')
    .set({ tokens: sql`tokens + ${given.tokens}`, steps: sql`steps + ${given.steps}` })
    .where('turn_id', '=', given.turnId),
)
const lastCalls = prepared((db, given: { sid: string; purpose: ModelCall['purpose']; limit: number }) =>
  db
    .selectFrom('model_calls')
    .selectAll()
    .where('sid', '=', given.sid)
    .where('purpose', '=', given.purpose)
    .orderBy('position', 'desc')
    .limit(given.limit),
)

export function createModelCallStore(db: Queries, engine: Engine): ModelCallStore {
  return {
    async add(call, steps = 0) {
      await insertCall(db, engine, { ...call, callsInText: flag(call.callsInText) })
      await countCall(db, engine, call)
      const tokens = Math.max(0, call.outputTokens + call.inputTokens - call.cachedTokens)
      if (tokens + steps > 0) await addToTurn(db, engine, { turnId: call.turnId, tokens, steps })
    },

    async list(sid, purpose, limit) {
      const rows = await lastCalls(db, engine, { sid, purpose, limit })
      return rows.reverse().map((row) => ({
        id: row.id,
        sid: row.sid,
        turnId: row.turn_id,
        runId: row.run_id,
        purpose: row.purpose,
        agent: row.agent,
        provider: row.provider,
        model: row.model,
        alias: row.alias,
        insteadOf: row.instead_of,
        answeredBy: row.answered_by,
        at: row.at,
        inputTokens: row.input_tokens,
        cachedTokens: row.cached_tokens,
        outputTokens: row.output_tokens,
        reasoningTokens: row.reasoning_tokens,
        cost: row.cost,
        firstTokenMs: row.first_token_ms,
        durationMs: row.duration_ms,
        finish: row.finish,
        attempts: row.attempts,
        toolCalls: row.tool_calls,
        callsInText: row.calls_in_text === 1,
        errorCode: row.error_code,
        errorText: row.error_text,
        prefixHash: row.prefix_hash,
        estimatedTokens: row.estimated_tokens,
        contextTokens: row.context_tokens,
      }))
    },

    async usage(sid) {
      const rows = await db
        .selectFrom('model_calls')
        .select(['alias', 'provider', 'model'])
        .select((eb) => [
          eb.fn.countAll<number>().as('calls'),
          eb.fn.count<number>('cost').as('priced'),
          eb.fn.sum<number>('cost').as('cost'),
          eb.fn.sum<number>('input_tokens').as('inputTokens'),
          eb.fn.sum<number>('cached_tokens').as('cachedTokens'),
          eb.fn.sum<number>('output_tokens').as('outputTokens'),
          eb.fn.sum<number>('reasoning_tokens').as('reasoningTokens'),
        ])
        .where('sid', '=', sid)
        .groupBy(['provider', 'model', 'alias'])
        .execute()
      return rows.map(({ priced, ...row }) => ({ ...row, cost: priced === row.calls ? row.cost : null }))
    },
  }
}
