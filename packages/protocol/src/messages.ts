import { z } from 'zod'

/** The agents that ship with the runtime. Others can be added as data, so a field that carries one is a string. */
export const builtInAgents = ['orchestrator', 'coder', 'architect', 'debug', 'ask', 'universal'] as const

/** What a client may switch on; all off unless declared. Unknown names are ignored. */
export const clientFeatures = ['deltas', 'reasoning', 'usage', 'parallel-tools', 'cancel', 'queue', 'preview'] as const
export type ClientFeature = (typeof clientFeatures)[number]

const optional = <T extends z.ZodType>(schema: T) => schema.nullish()

/** Says who asks and what it can do. A client that sends none is taken for the shipped IDE: its six tools, the plain wire. */
export const ClientProfile = z
  .looseObject({
    id: optional(z.string().min(1).max(255)).describe(
      'Stable id of this client. Decisions by another id do not run tools here.',
    ),
    name: optional(z.string().max(255)),
    version: optional(z.string().max(64)),
    features: optional(z.array(z.string().max(64)).max(64)).describe(`Any of ${clientFeatures.join(', ')}.`),
    tools: optional(z.array(z.string().max(128)).max(128)).describe('Names of the tools this client can run.'),
    limits: optional(z.record(z.string(), z.number())).describe('For example max_read_bytes, command_timeout_s.'),
    context: optional(z.record(z.string(), z.unknown())).describe(
      'Facts about the workspace. `agents`: up to 16 files of `.codelab/agents` that the person trusted, each `{path, text, sha256}` of at most 16 KiB; they are agents of this session alone.',
    ),
  })
  .meta({ id: 'ClientProfile' })
export type ClientProfile = z.infer<typeof ClientProfile>

/** The forms of `message`, as lenient as shipped clients need: null counts as absent, unknown keys are ignored. */
export const UserMessage = z.looseObject({
  type: z.literal('user_message'),
  content: z.string().describe('What the person says. Not blank.'),
  agent_type: optional(z.string()).describe(
    'Switch to this agent first; "auto" gives the choice back to the orchestrator.',
  ),
})
export const ToolResultMessage = z.looseObject({
  type: z.literal('tool_result'),
  call_id: z.string().describe('The call that was run.'),
  tool_name: optional(z.string()),
  result: z.unknown().optional().describe('What the tool returned: any JSON.'),
  error: optional(z.string()).describe('Why it failed; wins over `result` when it is not empty.'),
  artifact: optional(z.string()).describe(
    'The whole of a result that `result` shows cut; at most 8 MiB. Kept for `read_artifact`.',
  ),
})
export const SwitchAgentMessage = z.looseObject({
  type: z.literal('switch_agent'),
  agent_type: z.string().describe('The agent that answers from now on.'),
  content: optional(z.string()).describe('A message for the new agent; without one nothing but the switch happens.'),
  reason: optional(z.string()),
})
export const HitlDecisionMessage = z.looseObject({
  type: z.literal('hitl_decision'),
  call_id: z.string().describe('The call that waits for approval.'),
  decision: z.enum(['approve', 'edit', 'reject']),
  modified_arguments: optional(z.record(z.string(), z.unknown())).describe('For `edit`: the arguments to run it with.'),
  feedback: optional(z.string()).describe('For `reject`: why; the model reads it.'),
  call_hash: optional(z.string().max(128)).describe(
    '`call_hash` of the call as it was shown. Another one is refused: the person decided about something else.',
  ),
})

/** What a client says, read strictly. Lenient reading of what arrives (absent types, nulls, aliases) is `readMessage` of the server. */
export const InboundMessage = z
  .discriminatedUnion('type', [UserMessage, ToolResultMessage, SwitchAgentMessage, HitlDecisionMessage])
  .meta({ id: 'InboundMessage' })
export type InboundMessage = z.infer<typeof InboundMessage>

/** A session id: 1 to 255 characters, no control characters, no half of a surrogate pair. */
export const SessionId = z
  .string()
  .min(1)
  .max(255)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
  .regex(/^[^\u0000-\u001f\u007f-\u009f]*$/, 'must not contain control characters')
  .refine((id) => id.isWellFormed(), 'must not contain half of a surrogate pair')

/** Body of `POST /agent/message/stream`. Only this shape is worth a 422; what is inside `message` is refused in the stream. */
export const StreamRequest = z
  .looseObject({
    session_id: SessionId.describe('The conversation. An unknown id starts a new one.'),
    message: z.looseObject({}).describe('One of the forms of InboundMessage; without `type` it is a user_message.'),
    client: z.unknown().optional().describe('A ClientProfile.'),
    on_busy: z
      .enum(['queue', 'reject', 'interrupt', 'steer'])
      .nullish()
      .describe(
        'What to do when the session works already: wait in line (the default), be refused, stop it, or enter the running turn.',
      ),
  })
  .meta({ id: 'StreamRequest' })
export type StreamRequest = z.infer<typeof StreamRequest>
