import { z } from 'zod'
import { AgentHistoryEntry, Timestamp } from './sessions.ts'

export const AgentItem = z
  .object({
    type: z.string(),
    name: z.string(),
    description: z.string(),
    allowed_tools: z.array(z.string()),
    has_file_restrictions: z.boolean(),
  })
  .meta({ id: 'AgentItem' })

export const AgentList = z.object({ agents: z.array(AgentItem), total: z.number().int() }).meta({ id: 'AgentList' })
export type AgentList = z.infer<typeof AgentList>

export const AgentSwitch = z
  .object({
    from_agent: z.string().nullable(),
    to_agent: z.string(),
    reason: z.string(),
    switched_at: Timestamp,
    confidence: z.string().nullable(),
  })
  .meta({ id: 'AgentSwitch' })

export const AgentContext = z
  .object({
    id: z.string(),
    session_id: z.string(),
    current_agent: z.string(),
    switch_count: z.number().int(),
    switch_history: z.array(AgentSwitch).nullable().describe('Null unless `include_history=true`.'),
    last_switch_at: Timestamp.nullable(),
    created_at: Timestamp,
  })
  .meta({ id: 'AgentContext' })

export const CurrentAgent = z
  .object({
    context: AgentContext,
    session_id: z.string(),
    current_agent: z.string(),
    agent_history: z.array(AgentHistoryEntry),
    switch_count: z.number().int(),
  })
  .meta({ id: 'CurrentAgent' })
export type CurrentAgent = z.infer<typeof CurrentAgent>

export const SwitchAgentRequest = z
  .looseObject({
    target_agent: z.string().max(200),
    reason: z.string().max(10_000).describe('Why; it stands in the history.'),
    confidence: z.string().max(100).nullish().describe('For example low, medium, high.'),
  })
  .meta({ id: 'SwitchAgentRequest' })

export const SwitchedAgent = z.object({ context: AgentContext }).meta({ id: 'SwitchedAgent' })
export type SwitchedAgent = z.infer<typeof SwitchedAgent>
