import { z } from 'zod'
import { SessionState, Timestamp } from './sessions.ts'

export const CleanupRequest = z
  .object({
    dry_run: z.boolean().default(false).describe('Only say what would go.'),
    older_than: z
      .string()
      .max(20)
      .optional()
      .describe('All sessions without activity for so long, `30d` or `12h`, instead of the configured rule.'),
  })
  .meta({ id: 'CleanupRequest' })

export const CleanupReport = z
  .object({
    dry_run: z.boolean(),
    rule: z
      .object({ idle_seconds: z.number(), empty_only: z.boolean() })
      .nullable()
      .describe('Null: cleanup is off and no age was given.'),
    sessions: z.array(
      z.object({
        session_id: z.string(),
        title: z.string().nullable(),
        last_activity: Timestamp,
        message_count: z.number().int(),
        bytes: z.number().int().describe('Texts of its messages.'),
      }),
    ),
    count: z.number().int(),
    bytes: z.number().int(),
    more: z.boolean().describe('There are more: ask again.'),
    purged: z.number().int().describe('Sessions, deleted earlier, whose rows go for good.'),
  })
  .meta({ id: 'CleanupReport' })
export type CleanupReport = z.infer<typeof CleanupReport>

export const PauseRequest = z.object({ paused: z.boolean() }).meta({ id: 'PauseRequest' })
export const PauseState = z
  .object({ paused: z.boolean(), running: z.boolean().describe('Whether a run still works on its step.') })
  .meta({ id: 'PauseState' })
export type PauseState = z.infer<typeof PauseState>

export const BackupFile = z
  .object({ name: z.string().describe('In the folder of the backups, beside the database.'), bytes: z.number().int() })
  .meta({ id: 'BackupFile' })
export type BackupFile = z.infer<typeof BackupFile>

export const TimelineEvent = z
  .object({
    seq: z.number().int(),
    at: Timestamp,
    type: z.string(),
    turn_id: z.string().nullable(),
    run_id: z.string().nullable(),
    facts: z.record(z.string(), z.unknown()).describe('Ids and small values; never a message text.'),
  })
  .meta({ id: 'TimelineEvent' })
export type TimelineEvent = z.infer<typeof TimelineEvent>

export const SessionTimeline = z
  .object({
    session_id: z.string(),
    title: z.string().nullable(),
    state: SessionState,
    events: z.array(TimelineEvent).describe('Oldest first.'),
    cut: z.boolean().describe('Older events are left out.'),
  })
  .meta({ id: 'SessionTimeline' })
export type SessionTimeline = z.infer<typeof SessionTimeline>
