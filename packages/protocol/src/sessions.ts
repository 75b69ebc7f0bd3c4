import { z } from 'zod'
import { SessionId } from './messages.ts'
import { CallPreview } from './previews.ts'

/** ISO 8601 in UTC with milliseconds and `Z`. */
export const Timestamp = z
  .string()
  .describe('ISO 8601, UTC, ends with Z.')
  .meta({ examples: ['2026-01-18T21:00:00.123Z'] })

export const sessionStates = ['idle', 'running', 'awaiting_tool', 'awaiting_approval'] as const
export const SessionState = z.enum(sessionStates).describe('What the session does or waits for.')

export const CreateSessionRequest = z
  .looseObject({
    session_id: z
      .union([z.literal(''), SessionId])
      .nullish()
      .describe('Left out, null or empty: the server makes a UUID.'),
  })
  .meta({ id: 'CreateSessionRequest' })

export const CreatedSession = z
  .object({
    id: z.string(),
    session_id: z.string().describe('The same as `id`.'),
    message_count: z.number().int(),
    created_at: Timestamp,
    is_active: z.boolean(),
    current_agent: z.string(),
  })
  .meta({ id: 'CreatedSession' })
export type CreatedSession = z.infer<typeof CreatedSession>

export const SessionListItem = z
  .object({
    id: z.string(),
    session_id: z.string(),
    title: z.string().nullable(),
    description: z.string().nullable(),
    message_count: z.number().int(),
    last_activity: Timestamp,
    created_at: Timestamp,
    is_active: z.boolean(),
    current_agent: z.string().nullable(),
    state: SessionState,
    last_turn: z
      .enum(['running', 'awaiting_tool', 'awaiting_approval', 'interrupted', 'completed', 'failed', 'cancelled'])
      .nullable()
      .describe('How its last turn stands; null before the first one.'),
  })
  .meta({ id: 'SessionListItem' })
export type SessionListItem = z.infer<typeof SessionListItem>

export const SessionList = z
  .object({
    sessions: z.array(SessionListItem),
    total: z.number().int().describe('All sessions that match, not only this page.'),
    limit: z.number().int(),
    offset: z.number().int(),
  })
  .meta({ id: 'SessionList' })
export type SessionList = z.infer<typeof SessionList>

export const ToolCallEntry = z.object({
  id: z.string(),
  type: z.literal('function'),
  function: z.object({ name: z.string(), arguments: z.string().describe('JSON text, as the model wrote it.') }),
})

export const SessionMessage = z
  .object({
    id: z.string(),
    role: z.enum(['user', 'assistant', 'system', 'tool']),
    content: z.string(),
    name: z.string().nullable(),
    tool_call_id: z.string().nullable(),
    tool_calls: z.array(ToolCallEntry).nullable(),
    created_at: Timestamp,
  })
  .meta({ id: 'SessionMessage' })

const SessionFields = {
  id: z.string(),
  title: z.string().nullable(),
  description: z.string().nullable(),
  message_count: z.number().int(),
  messages: z.array(SessionMessage).nullable(),
  last_activity: Timestamp,
  is_active: z.boolean(),
  created_at: Timestamp,
  duration_seconds: z.number(),
}

export const SessionDetail = z
  .object({
    session: z.object(SessionFields),
    id: z.string(),
    session_id: z.string(),
    title: z.string().nullable(),
    description: z.string().nullable(),
    message_count: z.number().int(),
    last_activity: Timestamp,
    is_active: z.boolean(),
    created_at: Timestamp,
    duration_seconds: z.number(),
    current_agent: z.string(),
    state: SessionState,
    model: z.string().optional().describe('Alias of the model that was chosen for it; left out when none was.'),
  })
  .meta({ id: 'SessionDetail' })
export type SessionDetail = z.infer<typeof SessionDetail>

export const AgentHistoryEntry = z
  .object({
    from: z.string(),
    to: z.string(),
    from_agent: z.string(),
    to_agent: z.string(),
    reason: z.string(),
    timestamp: Timestamp,
    confidence: z.string().nullable(),
  })
  .meta({ id: 'AgentHistoryEntry' })

export const HistoryMessage = z
  .object({
    role: z.enum(['user', 'assistant', 'system', 'tool']),
    content: z.string().nullable().describe('Null only beside `tool_calls`.'),
    name: z.string().optional(),
    tool_call_id: z.string().optional(),
    tool_calls: z.array(ToolCallEntry).optional(),
  })
  .meta({ id: 'HistoryMessage' })

export const SessionHistory = z
  .object({
    session_id: z.string(),
    messages: z.array(HistoryMessage),
    message_count: z.number().int(),
    last_activity: Timestamp.nullable(),
    current_agent: z.string().nullable(),
    agent_history: z.array(AgentHistoryEntry),
  })
  .meta({ id: 'SessionHistory' })
export type SessionHistory = z.infer<typeof SessionHistory>

export const PendingApproval = z
  .object({
    request_id: z.string(),
    request_type: z.enum(['tool', 'plan']).describe('`plan`: what an agent hands over to another to carry out.'),
    subject: z.string().describe('The name of the tool, or the title of the plan.'),
    details: z.object({ arguments: z.record(z.string(), z.unknown()) }),
    reason: z.string().nullable(),
    created_at: Timestamp,
    call_id: z.string(),
    tool_name: z.string(),
    arguments: z.record(z.string(), z.unknown()),
    preview: CallPreview.nullable().describe('What it would do; null when the executor gave none.'),
  })
  .meta({ id: 'PendingApproval' })

export const PendingApprovals = z
  .object({ session_id: z.string(), pending_approvals: z.array(PendingApproval), count: z.number().int() })
  .meta({ id: 'PendingApprovals' })
export type PendingApprovals = z.infer<typeof PendingApprovals>

export const toolCallStates = ['awaiting_approval', 'open', 'answered', 'cancelled'] as const

export const SessionToolCall = z
  .object({
    call_id: z.string(),
    tool_name: z.string(),
    arguments: z.record(z.string(), z.unknown()),
    state: z.enum(toolCallStates).describe('`open`: handed out or ready to be.'),
    requires_approval: z.boolean(),
    created_at: Timestamp,
    parent_call_id: z
      .string()
      .optional()
      .describe('The call that this one carries out a part of, for a client that does not have the tool.'),
    preview: CallPreview.nullable().describe('What it would do; null when the executor gave none.'),
  })
  .meta({ id: 'SessionToolCall' })

export const SessionToolCalls = z
  .object({ session_id: z.string(), tool_calls: z.array(SessionToolCall), count: z.number().int() })
  .meta({ id: 'SessionToolCalls' })
export type SessionToolCalls = z.infer<typeof SessionToolCalls>

export const ChangeSessionRequest = z
  .looseObject({
    title: z.string().max(500).regex(/\S/, 'must not be blank').optional(),
    model: z
      .string()
      .min(1)
      .max(200)
      .nullish()
      .describe('Alias of the model that answers from the next step on; null: the one of the agent, or the default.'),
  })
  .refine((body) => body.title !== undefined || body.model !== undefined, {
    path: ['title'],
    message: 'title or model is required',
  })
  .meta({ id: 'ChangeSessionRequest', anyOf: [{ required: ['title'] }, { required: ['model'] }] })

export const DeletedSession = z
  .object({ id: z.string(), session_id: z.string(), deleted: z.literal(true) })
  .meta({ id: 'DeletedSession' })
export type DeletedSession = z.infer<typeof DeletedSession>

export const CancelledTurn = z
  .object({
    session_id: z.string(),
    cancelled: z.boolean().describe('False when nothing ran or waited.'),
    turn_id: z.string().nullable(),
  })
  .meta({ id: 'CancelledTurn' })
export type CancelledTurn = z.infer<typeof CancelledTurn>

export const ResumedTurn = z
  .object({
    session_id: z.string(),
    resumed: z.boolean().describe('False when the last turn was not interrupted.'),
    turn_id: z.string().nullable(),
  })
  .meta({ id: 'ResumedTurn' })
export type ResumedTurn = z.infer<typeof ResumedTurn>

export const SessionPath = z.object({ session_id: SessionId })
