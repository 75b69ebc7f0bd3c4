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

export const TimelineModelCall = z
  .object({
    turn_id: z.string(),
    run_id: z.string(),
    at: Timestamp.describe('When it was sent.'),
    purpose: z.enum(['answer', 'classify']).describe('classify: the choice of an agent.'),
    agent: z.string(),
    provider: z.string(),
    model: z.string(),
    alias: z.string().nullable(),
    instead_of: z.string().nullable().describe('Alias of the model that was meant and was away.'),
    duration_ms: z.number().int(),
    first_token_ms: z.number().int().nullable().describe('Null: no text came.'),
    input_tokens: z.number().int().describe('Cached ones included.'),
    cached_tokens: z.number().int(),
    output_tokens: z.number().int().describe('Reasoning included.'),
    reasoning_tokens: z.number().int(),
    context_tokens: z.number().int().nullable().describe('What the model can read; null: not known.'),
    cost: z.number().nullable().describe('US dollars; null: not known.'),
    finish: z.string().nullable(),
    attempts: z.number().int(),
    error: z.object({ code: z.string(), text: z.string() }).nullable(),
  })
  .meta({ id: 'TimelineModelCall' })
export type TimelineModelCall = z.infer<typeof TimelineModelCall>

export const TimelineCall = z
  .object({
    call_id: z.string(),
    agent: z.string(),
    subject: z.string().describe('Its path, command or query, 200 characters at most.'),
    edited: z.boolean().describe('A person changed its arguments.'),
    feedback: z.string().nullable().describe('Why a person rejected it.'),
  })
  .meta({ id: 'TimelineCall' })
export type TimelineCall = z.infer<typeof TimelineCall>

export const SessionTimeline = z
  .object({
    session_id: z.string(),
    title: z.string().nullable(),
    state: SessionState,
    events: z.array(TimelineEvent).describe('Oldest first.'),
    cut: z.boolean().describe('Older events are left out.'),
    model_calls: z.array(TimelineModelCall).optional().describe('Only with `details`; oldest first.'),
    calls: z.array(TimelineCall).optional().describe('Only with `details`.'),
    said: z
      .array(z.object({ turn_id: z.string(), text: z.string() }))
      .optional()
      .describe('Only with `details`: the first 200 characters of what began each turn.'),
  })
  .meta({ id: 'SessionTimeline' })
export type SessionTimeline = z.infer<typeof SessionTimeline>
