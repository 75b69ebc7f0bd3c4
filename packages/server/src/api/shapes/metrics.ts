import type { DeadLetters, EventStats, Metrics, SessionMetrics } from '@codelab/protocol'
import type { DeadLetter, EventFigures, ModelCall, RuntimeFigures } from '../../application/index.ts'
import { timestamp, timestampOrNull } from './time.ts'

/** Keys appear on first use (PROTOCOL 8.2). */
export function metrics(figures: RuntimeFigures, now: number): Metrics {
  const decided = figures.tools.filter((row) => row.approved + row.edited + row.rejected > 0)
  const errors: Record<string, Record<string, number>> = {}
  for (const { agent, code, count } of figures.errors) errors[agent] = { ...errors[agent], [code]: count }
  return {
    metrics: {
      agent_switches: byKey(figures.switches, (row) => [`${row.from}_to_${row.to}`, row.count]),
      agent_processing: byKey(figures.agents, (row) => [
        row.agent,
        {
          count: row.runs,
          total_duration_ms: row.totalMs,
          success_count: row.runs - row.failed,
          failure_count: row.failed,
        },
      ]),
      tool_executions: byKey(figures.tools, (row) => [
        row.tool,
        {
          requested: row.requested,
          completed: row.completed,
          failed: row.failed,
          requires_approval: row.requiredApproval,
        },
      ]),
      hitl_decisions: byKey(decided, (row) => [
        row.tool,
        { APPROVE: row.approved, EDIT: row.edited, REJECT: row.rejected },
      ]),
      errors,
    },
    computed: {
      ...byKey(figures.agents, (row) => [`${row.agent}_avg_duration_ms`, ratio(row.totalMs, row.runs, 2)]),
      ...byKey(figures.tools, (row) => [
        `${row.tool}_success_rate`,
        ratio(row.completed, row.completed + row.failed, 3),
      ]),
    },
    timestamp: timestamp(now),
  }
}

/** Failed calls count and show why; sums and averages are over the others (PROTOCOL 8.3). */
export function sessionMetrics(sessionId: string, calls: readonly ModelCall[]): SessionMetrics {
  const good = calls.filter((call) => call.errorCode === null)
  const durationMs = sum(good, (call) => call.durationMs)
  const promptTokens = sum(good, (call) => call.inputTokens)
  const completionTokens = sum(good, (call) => call.outputTokens)
  const tokens = promptTokens + completionTokens
  return {
    session_id: sessionId,
    total_requests: calls.length,
    successful_requests: good.length,
    failed_requests: calls.length - good.length,
    total_duration_ms: durationMs,
    average_duration_ms: ratio(durationMs, good.length, 2),
    total_prompt_tokens: promptTokens,
    total_completion_tokens: completionTokens,
    total_tokens: tokens,
    average_tokens_per_request: ratio(tokens, good.length, 2),
    requests_with_tools: good.filter((call) => call.toolCalls > 0).length,
    requests: calls.map(requestRow),
  }
}

function requestRow(call: ModelCall): SessionMetrics['requests'][number] {
  const success = call.errorCode === null
  const input = success ? call.inputTokens : 0
  const output = success ? call.outputTokens : 0
  return {
    timestamp: timestamp(call.at),
    model: call.model,
    duration_ms: success ? Math.round(call.durationMs) : 0,
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: input + output,
    has_tool_calls: success && call.toolCalls > 0,
    success,
    error: errorText(call),
  }
}

function errorText({ errorCode, errorText: text }: ModelCall): string | null {
  if (errorCode === null) return null
  return errorCode === 'internal' ? 'Internal server error' : (text ?? errorCode)
}

/** Handlers are counted per handler per event (PROTOCOL 8.6). */
export function eventStats({ total, lastAt, handled, failed }: EventFigures): EventStats {
  return {
    total_published: total,
    successful_handlers: handled,
    failed_handlers: failed,
    last_event_time: timestampOrNull(lastAt),
    success_rate: ratio(handled, handled + failed, 3),
  }
}

export function deadLetters(letters: readonly DeadLetter[], total: number): DeadLetters {
  const rows = letters.map(({ id, handler, position, sid, seq, type, code, text, at, attempts }) => ({
    id,
    handler,
    position,
    sid,
    seq,
    event_type: type,
    code,
    error: text,
    at: timestamp(at),
    attempts,
  }))
  return { dead_letters: rows, count: rows.length, total }
}

function byKey<Row, Value>(rows: readonly Row[], entry: (row: Row) => [string, Value]): Record<string, Value> {
  return Object.fromEntries(rows.map(entry))
}

function sum<Row>(rows: readonly Row[], value: (row: Row) => number): number {
  return Math.round(rows.reduce((total, row) => total + value(row), 0))
}

function ratio(part: number, whole: number, digits: number): number {
  return whole === 0 ? 0 : Number((part / whole).toFixed(digits))
}
