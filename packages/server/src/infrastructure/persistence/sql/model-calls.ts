import { sql } from 'kysely'
import type { ModelCallStore } from '../../../application/ports/store.ts'
import type { Engine } from './engine.ts'
import type { Queries } from './schema.ts'
import { countCall } from './usage.ts'
import { flag } from './values.ts'

export function createModelCallStore(db: Queries, engine: Engine): ModelCallStore {
  return {
    async add(call) {
      await db
        .insertInto('model_calls')
        .values({
          id: call.id,
          sid: call.sid,
          turn_id: call.turnId,
          run_id: call.runId,
          purpose: call.purpose,
          agent: call.agent,
          provider: call.provider,
          model: call.model,
          alias: call.alias,
          instead_of: call.insteadOf,
          answered_by: call.answeredBy,
          at: call.at,
          input_tokens: call.inputTokens,
          cached_tokens: call.cachedTokens,
          output_tokens: call.outputTokens,
          reasoning_tokens: call.reasoningTokens,
          cost: call.cost,
          first_token_ms: call.firstTokenMs,
          duration_ms: call.durationMs,
          finish: call.finish,
          attempts: call.attempts,
          tool_calls: call.toolCalls,
          calls_in_text: flag(call.callsInText),
          error_code: call.errorCode,
          error_text: call.errorText,
          prefix_hash: call.prefixHash,
          estimated_tokens: call.estimatedTokens,
          context_tokens: call.contextTokens,
        })
        .execute()
      await countCall(db, engine, call)
      const tokens = call.outputTokens + call.inputTokens - call.cachedTokens
      if (tokens <= 0) return
      await db
        .updateTable('turns')
        .set({ tokens: sql`tokens + ${tokens}` })
        .where('turn_id', '=', call.turnId)
        .execute()
    },

    async list(sid, purpose, limit) {
      const rows = await db
        .selectFrom('model_calls')
        .selectAll()
        .where('sid', '=', sid)
        .where('purpose', '=', purpose)
        .orderBy('position', 'desc')
        .limit(limit)
        .execute()
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
