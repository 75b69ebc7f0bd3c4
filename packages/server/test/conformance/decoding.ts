import { z } from 'zod'

/** What the shipped IDE casts to (CLIENTS 3.2 and 4), as it does: another type loses the frame, or the whole list. */
const text = z.string()
const object = z.record(z.string(), z.unknown())

/** `DateTime.parse`; without a zone it would be read as the IDE's own time. */
const date = z
  .string()
  .regex(/^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,6})?Z$/)
  .refine((value) => !Number.isNaN(Date.parse(value)))

/** All fields of its one model of a frame; one that is there has its type. */
const frame = z.looseObject({
  type: text,
  content: text.nullish(),
  role: text.nullish(),
  is_final: z.boolean().nullish(),
  call_id: text.nullish(),
  tool_name: text.nullish(),
  arguments: object.nullish(),
  requires_approval: z.boolean().nullish(),
  result: object.nullish(),
  error: text.nullish(),
  agent_type: text.nullish(),
  from_agent: text.nullish(),
  to_agent: text.nullish(),
  reason: text.nullish(),
  confidence: text.nullish(),
  metadata: object.nullish(),
})

const switched = z.looseObject({ from_agent: text, to_agent: text, reason: text })

/** What each type needs; a type that is not here is drawn as an empty bubble. */
const frameTypes: Readonly<Record<string, z.ZodType>> = {
  assistant_message: z
    .looseObject({ content: text, token: text, is_final: z.literal(true) })
    .refine(({ content, token }) => content === token, 'the IDE reads content, the command-line client token'),
  tool_call: z.looseObject({
    call_id: text.min(1),
    tool_name: text.min(1),
    arguments: object.refine((values) => Object.keys(values).length > 0, 'empty arguments'),
    requires_approval: z.boolean().optional(),
  }),
  agent_switched: z.looseObject({ content: text, metadata: switched }),
  error: z.looseObject({ content: text.min(1) }),
}

/** Throws what is wrong with a frame for a client that knows no more than the shipped IDE. */
export function checkFrame(value: unknown): void {
  const { type } = frame.parse(value)
  const schema = frameTypes[type]
  if (!schema) throw new Error(`a type that nobody asked for: ${type}`)
  schema.parse(value)
}

/** For a client that said what it can: the fields have their types all the same. */
export function checkFields(value: unknown): void {
  frame.parse(value)
}

const session = z.looseObject({
  id: text.min(1),
  session_id: text.min(1),
  message_count: z.number(),
  created_at: date.optional(),
  updated_at: date.optional(),
  last_activity: date.optional(),
  current_agent: text.nullish(),
  title: text.nullish(),
  description: text.nullish(),
  is_active: z.boolean().nullish(),
})

/** `arguments` as it may be: a JSON text of an object, or an object. */
const callArguments = z.union([
  object,
  text.refine((json) => {
    const value = JSON.parse(json)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
  }),
])

const message = z.looseObject({
  role: text,
  content: text.nullish(),
  name: text.nullish(),
  tool_call_id: text.nullish(),
  tool_calls: z
    .array(
      z.looseObject({ id: text, type: text, function: z.looseObject({ name: text.min(1), arguments: callArguments }) }),
    )
    .nullish(),
})

const agentChange = z.looseObject({
  from: text.nullish(),
  to: text.nullish(),
  reason: text.nullish(),
  timestamp: date.nullish(),
})

export const bodies = {
  session,
  sessions: z.looseObject({ sessions: z.array(session) }),
  history: z.looseObject({
    session_id: text,
    message_count: z.number(),
    messages: z.array(message),
    last_activity: date.nullish(),
    current_agent: text.nullish(),
    agent_history: z.array(agentChange).nullish(),
  }),
  approvals: z.looseObject({
    session_id: text,
    count: z.number(),
    pending_approvals: z.array(
      z.looseObject({ call_id: text, tool_name: text, arguments: object, created_at: date, reason: text.nullish() }),
    ),
  }),
  agents: z.array(
    z.looseObject({
      type: text,
      name: text,
      description: text,
      allowed_tools: z.array(text),
      has_file_restrictions: z.boolean(),
    }),
  ),
  currentAgent: z.looseObject({
    session_id: text,
    current_agent: text,
    agent_history: z.array(agentChange),
    switch_count: z.number(),
  }),
} as const
