import { z } from 'zod'
import { ErrorCode } from './errors.ts'
import { DecidingRule } from './rules.ts'

/** A piece of the answer, or the whole of it. Without the feature `deltas` exactly one comes, `content` and `token` both full.
 *  With it: `{token, is_final: false}` for each piece, and at the end of a message `content` in full with an empty `token`. */
export const AssistantMessageChunk = z.object({
  type: z.literal('assistant_message'),
  content: z.string().optional(),
  token: z.string(),
  is_final: z.boolean(),
  requires_approval: z.literal(false),
  text: z
    .string()
    .optional()
    .describe('Only after a rejected call, the same text: the key that the first clients know.'),
})

/** The client runs this tool in its workspace and answers with `tool_result` in a new request; with `requires_approval` only after a person agreed. */
export const ToolCallChunk = z.object({
  type: z.literal('tool_call'),
  is_final: z.literal(true),
  call_id: z.string(),
  tool_name: z.string(),
  arguments: z.record(z.string(), z.unknown()),
  requires_approval: z.boolean(),
  reason: z.string().nullable().optional().describe('Only where rules decided: why a person is asked.'),
  rule: DecidingRule.optional().describe('Only where rules decided: which one did.'),
  call_hash: z
    .string()
    .optional()
    .describe('Only where rules decided and a person is asked: send it back with the decision.'),
})

export const AgentSwitchedChunk = z.object({
  type: z.literal('agent_switched'),
  content: z.string(),
  is_final: z.boolean(),
  requires_approval: z.literal(false),
  metadata: z.object({
    from_agent: z.string(),
    to_agent: z.string(),
    reason: z.string(),
    confidence: z.string().optional(),
  }),
})

/** The run failed. What was stored stays stored; `done` follows. */
export const ErrorChunk = z.object({
  type: z.literal('error'),
  content: z.string(),
  is_final: z.literal(true),
  requires_approval: z.literal(false),
  error: z.string(),
  code: ErrorCode,
  retryable: z.boolean(),
  retry_after: z.number().optional().describe('Seconds.'),
  request_id: z.string(),
})

/** Only for a client that declared an id and decided a call that another client runs. */
export const ApprovalDecidedChunk = z.object({
  type: z.literal('approval_decided'),
  is_final: z.literal(true),
  requires_approval: z.literal(false),
  call_id: z.string(),
  tool_name: z.string(),
  decision: z.enum(['approve', 'edit', 'reject']),
})

/** Only with the feature `reasoning`: what the model thinks before it answers. */
export const ReasoningChunk = z.object({
  type: z.literal('reasoning'),
  token: z.string(),
  is_final: z.literal(false),
  requires_approval: z.literal(false),
})

/** Only with the feature `usage`: what the work on this input has cost, before `done`. */
export const UsageChunk = z.object({
  type: z.literal('usage'),
  is_final: z.literal(false),
  requires_approval: z.literal(false),
  model: z.string(),
  input_tokens: z.number().int(),
  cached_tokens: z.number().int(),
  output_tokens: z.number().int(),
  reasoning_tokens: z.number().int(),
  steps: z.number().int(),
  context_tokens: z.number().int().optional().describe('What the model can read; left out when nobody said.'),
  context_share: z.number().optional().describe('Of that, what the last request took, 0 to 1.'),
})

/** Only with the feature `queue`: another input of the session runs; this one waits in line. */
export const QueuedChunk = z.object({
  type: z.literal('queued'),
  is_final: z.literal(false),
  requires_approval: z.literal(false),
  position: z.number().int().describe('1 is next.'),
})

/** Only for a client that declared something that was not taken as it is: a file of an agent with a fault, say. The work goes on. */
export const NoticeChunk = z.object({
  type: z.literal('notice'),
  content: z.string(),
  is_final: z.literal(false),
  requires_approval: z.literal(false),
})

/** `data` of `event: message`. */
export const StreamChunk = z
  .discriminatedUnion('type', [
    AssistantMessageChunk,
    ToolCallChunk,
    AgentSwitchedChunk,
    ErrorChunk,
    ApprovalDecidedChunk,
    ReasoningChunk,
    UsageChunk,
    QueuedChunk,
    NoticeChunk,
  ])
  .meta({ id: 'StreamChunk' })
export type StreamChunk = z.infer<typeof StreamChunk>

/** `data` of `event: error`: the request was refused before anything was stored; `done` follows. */
export const StreamRefusal = z
  .object({
    type: z.literal('error'),
    error: z.string(),
    content: z.string(),
    is_final: z.literal(true),
    code: ErrorCode,
    retryable: z.boolean(),
    retry_after: z.number().optional().describe('Seconds.'),
    request_id: z.string(),
  })
  .meta({ id: 'StreamRefusal' })
export type StreamRefusal = z.infer<typeof StreamRefusal>

/** `data` of `event: done`, the last frame of every stream. */
export const StreamDone = z.object({ status: z.literal('completed') }).meta({ id: 'StreamDone' })
export type StreamDone = z.infer<typeof StreamDone>

/** One frame of the stream. */
export type StreamFrame =
  | { readonly event: 'message'; readonly data: StreamChunk }
  | { readonly event: 'error'; readonly data: StreamRefusal }
  | { readonly event: 'done'; readonly data: StreamDone }
