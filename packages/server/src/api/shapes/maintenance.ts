import type { CleanupReport, SessionTimeline } from '@codelab/protocol'
import {
  argumentsOf,
  type CleanUpReport,
  type Timeline,
  type TimelineDetails,
  type ToolCall,
} from '../../application/index.ts'
import { timestamp } from './time.ts'

export function cleanupReport(report: CleanUpReport, dryRun: boolean): CleanupReport {
  const { rule, sessions, more, purged } = report
  return {
    dry_run: dryRun,
    rule: rule && { idle_seconds: rule.idleMs / 1000, empty_only: rule.emptyOnly },
    sessions: sessions.map(({ externalId, title, lastActivity, messageCount, bytes }) => ({
      session_id: externalId,
      title,
      last_activity: timestamp(lastActivity),
      message_count: messageCount,
      bytes,
    })),
    count: sessions.length,
    bytes: sessions.reduce((sum, { bytes }) => sum + bytes, 0),
    more,
    purged,
  }
}

export function sessionTimeline({ session, events, cut, details }: Timeline): SessionTimeline {
  return {
    session_id: session.externalId,
    title: session.title,
    state: session.state,
    events: events.map(({ seq, at, type, turnId, runId, facts }) => ({
      seq,
      at: timestamp(at),
      type,
      turn_id: turnId ?? null,
      run_id: runId ?? null,
      facts: { ...facts },
    })),
    cut,
    ...(details && timelineDetails(details)),
  }
}

const longestSaid = 200

function timelineDetails({ modelCalls, calls, said }: TimelineDetails) {
  return {
    model_calls: modelCalls.map((call) => ({
      turn_id: call.turnId,
      run_id: call.runId,
      at: timestamp(call.at),
      purpose: call.purpose,
      agent: call.agent,
      provider: call.provider,
      model: call.model,
      alias: call.alias,
      instead_of: call.insteadOf,
      duration_ms: call.durationMs,
      first_token_ms: call.firstTokenMs,
      input_tokens: call.inputTokens,
      cached_tokens: call.cachedTokens,
      output_tokens: call.outputTokens,
      reasoning_tokens: call.reasoningTokens,
      context_tokens: call.contextTokens,
      cost: call.cost,
      finish: call.finish,
      attempts: call.attempts,
      error: call.errorCode === null ? null : { code: call.errorCode, text: call.errorText ?? '' },
    })),
    calls: calls.map((call) => ({
      call_id: call.callId,
      agent: call.agent,
      subject: subjectOf(call),
      edited: call.editedJson !== null,
      feedback: call.approval?.feedback ?? null,
    })),
    said: said.map(({ turnId, text }) => ({ turn_id: turnId, text: text.slice(0, longestSaid).toWellFormed() })),
  }
}

const subjects = ['path', 'source_path', 'command', 'query', 'mode', 'question', 'id', 'call_id']

/** What a call is about, in a few words: its path, command or query. */
function subjectOf(call: ToolCall): string {
  const values = argumentsOf(call)
  const found = subjects.map((name) => values[name]).find((value) => typeof value === 'string')
  return typeof found === 'string' ? found.slice(0, longestSaid).toWellFormed() : ''
}
