import type { AgentList, CurrentAgent, SessionHistory, SwitchedAgent } from '@codelab/protocol'
import type { AgentDefinition, AgentSwitch, Session } from '../../application/index.ts'
import { timestamp, timestampOrNull } from './time.ts'

/** `extraTools`: those that only clients which say what they run are given. The list is the contract's, for everybody else. */
export function agentItem(agent: AgentDefinition, extraTools: ReadonlySet<string>): AgentList['agents'][number] {
  return {
    type: agent.name,
    name: agent.displayName,
    description: agent.description,
    allowed_tools: agent.tools.filter((name) => !extraTools.has(name)),
    has_file_restrictions: agent.fileRules.length > 0,
  }
}

/** The keys that the IDE reads and those of the live service, side by side (PROTOCOL 2.8). */
export function agentHistoryEntry(entry: AgentSwitch): SessionHistory['agent_history'][number] {
  return {
    from: entry.from,
    to: entry.to,
    from_agent: entry.from,
    to_agent: entry.to,
    reason: entry.reason,
    timestamp: timestamp(entry.at),
    confidence: entry.confidence,
  }
}

/** `switches` null: the history was not asked for. */
export function agentContext(session: Session, switches: readonly AgentSwitch[] | null): SwitchedAgent['context'] {
  return {
    id: session.sid,
    session_id: session.externalId,
    current_agent: session.currentAgent,
    switch_count: session.switchCount,
    switch_history:
      switches?.map((entry) => ({
        from_agent: entry.from,
        to_agent: entry.to,
        reason: entry.reason,
        switched_at: timestamp(entry.at),
        confidence: entry.confidence,
      })) ?? null,
    last_switch_at: timestampOrNull(session.lastSwitchAt),
    created_at: timestamp(session.createdAt),
  }
}

export function currentAgent(session: Session, switches: readonly AgentSwitch[], withHistory: boolean): CurrentAgent {
  return {
    context: agentContext(session, withHistory ? switches : null),
    session_id: session.externalId,
    current_agent: session.currentAgent,
    agent_history: switches.map(agentHistoryEntry),
    switch_count: session.switchCount,
  }
}
