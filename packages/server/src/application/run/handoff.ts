import { RuntimeError } from '../../domain/errors.ts'
import type { Agents } from '../agents.ts'
import type { Changes } from './changes.ts'

/** Switches of a session, ever (PROTOCOL 4.2). */
const sessionSwitchLimit = 50
/** Switches of one run: agents that hand over to each other for ever are stopped. */
export const runSwitchLimit = 5

export interface Switch {
  readonly to: string
  readonly reason: string
  readonly confidence: string | null
  readonly by: 'router' | 'agent' | 'person'
  /** Nothing follows in this run. */
  readonly only?: boolean
}

/** Gives the session to another agent. Throws `agent_unchanged`, `switch_limit`. */
export async function switchAgent(changes: Changes, agents: Agents, change: Switch): Promise<void> {
  const from = agents.current(changes.session.currentAgent).name
  const { to, reason, confidence, by } = change
  // The texts are the contract's (PROTOCOL 2.9).
  const refused = `Невозможно переключиться с агента '${from}' на агента '${to}'`
  if (from === to) {
    throw new RuntimeError('agent_unchanged', `${refused}: Агент уже активен`, {
      details: { hint: `${to} has the session already.` },
    })
  }
  if (changes.session.switchCount >= sessionSwitchLimit) {
    throw new RuntimeError('switch_limit', `${refused}: Превышен лимит переключений (${sessionSwitchLimit})`, {
      details: { hint: `A session allows ${sessionSwitchLimit} switches. Start a new session.` },
    })
  }
  changes.set({
    currentAgent: to,
    agentChosen: by === 'person' && agents.current(to).role !== 'router',
    switchCount: changes.session.switchCount + 1,
    lastSwitchAt: changes.at,
  })
  await changes.tx.switches.add(changes.sid, { from, to, reason, confidence, at: changes.at })
  changes.add({ type: 'agent.switched', facts: { from, to, reason, confidence, by, only: change.only ?? false } })
}
