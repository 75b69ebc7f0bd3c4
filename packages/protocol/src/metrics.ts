import { z } from 'zod'
import { DecidingRule } from './rules.ts'
import { Timestamp } from './sessions.ts'

export const Health = z
  .looseObject({
    status: z.enum(['healthy', 'degraded', 'unhealthy']),
    service: z.literal('agent-runtime'),
    version: z.string(),
    model: z.string().optional().describe('`demo` when no model is configured.'),
    uptime_seconds: z.number().int().optional().describe('Since the process started.'),
  })
  .meta({ id: 'Health' })
export type Health = z.infer<typeof Health>

/** Of `/health/live`, `/health/ready` and `/ready`. */
export const HealthCheck = z
  .object({
    status: z.enum(['healthy', 'degraded', 'unhealthy']),
    details: z.record(z.string(), z.unknown()).optional().describe('Only with the key.'),
  })
  .meta({ id: 'HealthCheck' })
export type HealthCheck = z.infer<typeof HealthCheck>

export const Metrics = z
  .object({
    metrics: z.object({
      agent_switches: z.record(z.string(), z.number().int()),
      agent_processing: z.record(
        z.string(),
        z.object({
          count: z.number().int(),
          total_duration_ms: z.number(),
          success_count: z.number().int(),
          failure_count: z.number().int(),
        }),
      ),
      tool_executions: z.record(
        z.string(),
        z.object({
          requested: z.number().int(),
          completed: z.number().int(),
          failed: z.number().int(),
          requires_approval: z.number().int(),
        }),
      ),
      hitl_decisions: z.record(
        z.string(),
        z.object({ APPROVE: z.number().int(), EDIT: z.number().int(), REJECT: z.number().int() }),
      ),
      errors: z.record(z.string(), z.record(z.string(), z.number().int())),
    }),
    computed: z.record(z.string(), z.number()),
    timestamp: Timestamp,
  })
  .meta({ id: 'Metrics' })
export type Metrics = z.infer<typeof Metrics>

export const SessionMetrics = z
  .object({
    session_id: z.string(),
    total_requests: z.number().int(),
    successful_requests: z.number().int(),
    failed_requests: z.number().int(),
    total_duration_ms: z.number().int(),
    average_duration_ms: z.number(),
    total_prompt_tokens: z.number().int(),
    total_completion_tokens: z.number().int(),
    total_tokens: z.number().int(),
    average_tokens_per_request: z.number(),
    requests_with_tools: z.number().int(),
    requests: z.array(
      z.object({
        timestamp: Timestamp,
        model: z.string(),
        duration_ms: z.number().int(),
        prompt_tokens: z.number().int(),
        completion_tokens: z.number().int(),
        total_tokens: z.number().int(),
        has_tool_calls: z.boolean(),
        success: z.boolean(),
        error: z.string().nullable(),
      }),
    ),
  })
  .meta({ id: 'SessionMetrics' })
export type SessionMetrics = z.infer<typeof SessionMetrics>

export const SessionsWithMetrics = z
  .object({ sessions: z.array(z.string()), count: z.number().int() })
  .meta({ id: 'SessionsWithMetrics' })
export type SessionsWithMetrics = z.infer<typeof SessionsWithMetrics>

const auditFields = {
  timestamp: Timestamp,
  event_id: z.string(),
  session_id: z.string(),
  correlation_id: z.string().nullable(),
}

export const AuditEntry = z
  .discriminatedUnion('event_type', [
    z.object({
      ...auditFields,
      event_type: z.literal('agent_switched'),
      from_agent: z.string(),
      to_agent: z.string(),
      reason: z.string(),
      confidence: z.string().nullable(),
    }),
    z.object({
      ...auditFields,
      event_type: z.literal('hitl_decision_made'),
      call_id: z.string(),
      decision: z.enum(['approve', 'edit', 'reject']),
      tool_name: z.string(),
      original_args: z.record(z.string(), z.unknown()),
      modified_args: z.record(z.string(), z.unknown()).nullable(),
      feedback: z.string().nullable(),
      implicit: z.boolean().describe('True when a tool_result stood for the decision.'),
      by: z.string().nullable().describe('Id of the client that decided, when it declared one.'),
      call_hash: z.string().optional().describe('Only where rules decided: of the call as the person was shown it.'),
    }),
    z.object({
      ...auditFields,
      event_type: z.literal('agent_error'),
      agent: z.string(),
      error_message: z.string(),
      error_type: z.string(),
    }),
    z.object({
      ...auditFields,
      event_type: z.literal('tool_execution_failed'),
      tool_name: z.string(),
      call_id: z.string(),
      error_message: z.string(),
      error_type: z.string(),
    }),
    z.object({
      ...auditFields,
      event_type: z.literal('tool_approval_required'),
      tool_name: z.string(),
      call_id: z.string(),
      reason: z.string().nullable(),
      rule: DecidingRule.optional().describe('Only where rules decided: which one asks.'),
      arguments: z.record(z.string(), z.unknown()),
    }),
  ])
  .meta({ id: 'AuditEntry' })
export type AuditEntry = z.infer<typeof AuditEntry>
export type AuditEntryType = AuditEntry['event_type']

export const AuditLog = z
  .object({
    audit_log: z.array(AuditEntry).describe('The newest entries that match, oldest first.'),
    count: z.number().int(),
    filters: z.object({
      session_id: z.string().nullable(),
      event_type: z.string().nullable(),
      limit: z.number().int(),
    }),
  })
  .meta({ id: 'AuditLog' })
export type AuditLog = z.infer<typeof AuditLog>

export const EventStats = z
  .object({
    total_published: z.number().int(),
    successful_handlers: z.number().int(),
    failed_handlers: z.number().int(),
    last_event_time: Timestamp.nullable(),
    success_rate: z.number(),
  })
  .meta({ id: 'EventStats' })
export type EventStats = z.infer<typeof EventStats>

export const DeadLetters = z
  .object({
    dead_letters: z
      .array(
        z.object({
          id: z.number().int().describe('What a replay names.'),
          handler: z.string(),
          position: z.number().int().describe('Place in the log of all sessions.'),
          sid: z.string().describe('Our own id of the session; unlike `session_id` it is never used again.'),
          seq: z.number().int().describe('Number of the event within its session.'),
          event_type: z.string(),
          code: z.string(),
          error: z.string().describe('At most 500 characters.'),
          at: Timestamp.describe('When the last attempt failed.'),
          attempts: z.number().int(),
        }),
      )
      .describe('Oldest first.'),
    count: z.number().int(),
    total: z.number().int().describe('How many there are beyond the limit, these included.'),
  })
  .meta({ id: 'DeadLetters' })
export type DeadLetters = z.infer<typeof DeadLetters>

export const ReplayDeadLettersRequest = z
  .union([z.strictObject({ id: z.number().int().positive() }), z.strictObject({ all: z.literal(true) })])
  .meta({ id: 'ReplayDeadLettersRequest', description: 'One dead letter by its id, or the oldest 1,000.' })

export const ReplayedDeadLetters = z
  .object({
    replayed: z.number().int(),
    failed: z.number().int().describe('Tried, failed again and kept.'),
    remaining: z.number().int(),
  })
  .meta({ id: 'ReplayedDeadLetters' })
export type ReplayedDeadLetters = z.infer<typeof ReplayedDeadLetters>
