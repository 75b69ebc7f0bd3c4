import { z } from 'zod'
import { SessionId } from './messages.ts'
import { Timestamp } from './sessions.ts'

export const ruleEffects = ['allow', 'ask', 'deny'] as const
export type RuleEffect = (typeof ruleEffects)[number]

export const ruleScopes = ['session', 'project'] as const
export type RuleScope = (typeof ruleScopes)[number]

/** Weakest first: of the rules that match, the last one decides; a `deny` decides wherever it stands. */
export const ruleSources = ['built-in', 'folder', 'project', 'session'] as const
export type RuleSource = (typeof ruleSources)[number]

const oneLine = /^\P{Cc}*$/u

const ruleFields = {
  tool: z
    .string()
    .min(1)
    .max(128)
    .regex(/^[\w*-]+$/, 'must be the name of a tool; * stands for any text')
    .describe('Name of a tool; `*` stands for any text.'),
  pattern: z
    .string()
    .min(1)
    .max(500)
    .regex(oneLine, 'must not contain control characters')
    .regex(/\S/, 'must not be blank')
    .describe(
      'Matched on the argument. A command: on each of its parts, `*` is any text. A path: `*` within a folder, `**` across folders. `*` alone: every call of the tool.',
    ),
  effect: z.enum(ruleEffects),
}

/** What is said about calls of a tool. */
export const Rule = z.object(ruleFields).meta({ id: 'Rule' })
export type Rule = z.infer<typeof Rule>

/** `client.context.project`: which project the person works in. The id is the client's own and opaque, such as a hash of the folder. */
export const ClientProject = z.object({
  id: z.string().min(1).max(128).regex(oneLine),
  name: z.string().min(1).max(255).regex(oneLine),
})
export type ClientProject = z.infer<typeof ClientProject>

/** `client.context.rules`: rules of the folder, once the person trusted it. */
export const ClientRules = z.array(Rule).max(200)

/** A rule that counts, and where it comes from. Only what is stored has an id and can be revoked. */
export const ListedRule = z
  .object({
    id: z.string().nullable().describe('Null for what is not stored here: built in, or of the folder.'),
    source: z.enum(ruleSources),
    ...ruleFields,
    tool: z.string(),
    pattern: z.string(),
    session_id: z.string().nullable().describe('The session it holds in.'),
    project: z.object({ id: z.string(), name: z.string() }).nullable().describe('The project it holds in.'),
    created_at: Timestamp.nullable(),
    created_by: z.string().nullable().describe('Id of the client that made it.'),
  })
  .meta({ id: 'ListedRule' })
export type ListedRule = z.infer<typeof ListedRule>

export const RuleList = z
  .object({ rules: z.array(ListedRule), count: z.number().int() })
  .meta({ id: 'RuleList', description: 'Weakest first: the last one that matches decides, a deny always.' })
export type RuleList = z.infer<typeof RuleList>

export const CreateRuleRequest = z
  .looseObject({
    scope: z.enum(ruleScopes).describe('`project` needs a session whose client names its project.'),
    session_id: SessionId,
    ...ruleFields,
    client_id: z.string().min(1).max(255).nullish().describe('Id of the client that makes it, for the audit.'),
  })
  .meta({ id: 'CreateRuleRequest' })
export type CreateRuleRequest = z.infer<typeof CreateRuleRequest>

export const CreatedRule = z
  .object({
    rule: ListedRule,
    now_allowed: z
      .array(z.string())
      .describe('Calls of the session that wait for a person, and would not be asked about now. They still wait.'),
  })
  .meta({ id: 'CreatedRule' })
export type CreatedRule = z.infer<typeof CreatedRule>

export const RulePath = z.object({ rule_id: z.string().min(1).max(64) })

export const DeletedRule = z.object({ id: z.string(), deleted: z.literal(true) }).meta({ id: 'DeletedRule' })
export type DeletedRule = z.infer<typeof DeletedRule>

/** What decided about a call, or about a part of it. */
export const DecidingRule = z
  .object({
    id: z.string().nullable(),
    source: z
      .enum([...ruleSources, 'protection', 'default'])
      .describe(
        '`protection`: what no rule changes, such as secrets, or commands that run others. `default`: no rule matched.',
      ),
    text: z.string().describe('For a person: `allow execute_command "npm test *"`.'),
  })
  .meta({ id: 'DecidingRule' })
export type DecidingRule = z.infer<typeof DecidingRule>

export const ExplainRuleRequest = z
  .looseObject({
    session_id: SessionId.nullish().describe(
      'With the rules of this session and its project. Left out: the built-in ones.',
    ),
    tool: z.string().min(1).max(128),
    arguments: z.record(z.string(), z.unknown()),
    agent: z.string().max(200).nullish().describe('Also say whether this agent may make the call.'),
  })
  .meta({ id: 'ExplainRuleRequest' })
export type ExplainRuleRequest = z.infer<typeof ExplainRuleRequest>

export const ExplainedRule = z
  .object({
    effect: z.enum(ruleEffects),
    reason: z.string().nullable().describe('For a person.'),
    rule: DecidingRule,
    parts: z
      .array(
        z.object({ text: z.string(), effect: z.enum(ruleEffects), reason: z.string().nullable(), rule: DecidingRule }),
      )
      .describe('Each part of a command, each path: the strictest decides.'),
  })
  .meta({ id: 'ExplainedRule' })
export type ExplainedRule = z.infer<typeof ExplainedRule>

export const TryRuleRequest = z
  .looseObject({
    rule: Rule,
    session_id: SessionId.nullish().describe('Only calls of this session. Left out: of all.'),
  })
  .meta({ id: 'TryRuleRequest' })
export type TryRuleRequest = z.infer<typeof TryRuleRequest>

export const TriedRule = z
  .object({
    looked_at: z.number().int().describe('Past calls that were looked at, the newest 1,000 at most.'),
    matched: z.number().int().describe('Calls that the rule would have decided.'),
    allowed: z.number().int(),
    asked: z.number().int(),
    denied: z.number().int(),
    decided: z.number().int().describe('Of all that were looked at, those that a person decided about.'),
    decided_allowed: z.number().int().describe('Of these, those that the rule would have allowed without asking.'),
    decided_otherwise: z
      .number()
      .int()
      .describe(
        'Of these, those where the person said the opposite: rejected what it allows, approved what it denies.',
      ),
    calls: z
      .array(
        z.object({
          session_id: z.string(),
          call_id: z.string(),
          tool_name: z.string(),
          subject: z.string().describe('The command or the path.'),
          effect: z.enum(ruleEffects).describe('With the rule.'),
          asked: z.boolean().describe('Whether a person was asked then.'),
          created_at: Timestamp,
        }),
      )
      .describe('The newest 100 of them, newest first.'),
  })
  .meta({ id: 'TriedRule' })
export type TriedRule = z.infer<typeof TriedRule>

export const RuleSuggestion = z.object({
  scope: z.enum(ruleScopes),
  ...ruleFields,
  tool: z.string(),
  pattern: z.string(),
  text: z.string().describe('For a person, without the scope: `npm test *`, `any command`.'),
})
export type RuleSuggestion = z.infer<typeof RuleSuggestion>

export const RuleSuggestions = z
  .object({
    session_id: z.string(),
    call_id: z.string(),
    suggestions: z
      .array(RuleSuggestion)
      .describe('Narrowest first. None where a person is asked whatever the rules say.'),
    count: z.number().int(),
  })
  .meta({ id: 'RuleSuggestions' })
export type RuleSuggestions = z.infer<typeof RuleSuggestions>

export const ApprovalPath = z.object({ session_id: SessionId, call_id: z.string().min(1).max(1024) })
