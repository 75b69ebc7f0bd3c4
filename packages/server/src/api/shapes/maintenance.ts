import type { CleanupReport, SessionTimeline } from '@codelab/protocol'
import type { CleanUpReport, Timeline } from '../../application/index.ts'
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

export function sessionTimeline({ session, events, cut }: Timeline): SessionTimeline {
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
  }
}
