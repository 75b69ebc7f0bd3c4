import { RuntimeError } from '../../domain/errors.ts'
import type { Session } from '../../domain/session.ts'
import type { Clock } from '../ports/clock.ts'
import type { UnitOfWork } from '../ports/store.ts'
import type { Channels } from '../readers/channels.ts'
import { Changes } from '../run/changes.ts'
import { switchAgent } from '../run/handoff.ts'
import type { SessionAgents } from '../session-agents.ts'
import { requireSession, type SessionRef } from '../sessions.ts'

/** A person's choice over REST. Throws `not_found`, `agent_unknown`, `agent_unchanged`, `switch_limit`, `session_busy` while a run works. */
export function createSwitchAgent(deps: {
  readonly store: UnitOfWork
  readonly clock: Clock
  readonly agents: SessionAgents
  readonly channels: Channels
}) {
  return async (
    command: SessionRef & { readonly agent: string; readonly reason: string; readonly confidence: string | null },
  ): Promise<Session> => {
    const { session, events } = await deps.store.transact(async (tx) => {
      const found = await requireSession(tx, command)
      const agents = await deps.agents.of(tx, found.sid)
      const agent = agents.require(command.agent)
      if (found.state === 'running') {
        throw new RuntimeError('session_busy', 'The session is busy', {
          details: { hint: 'Switch when the answer is complete, or cancel it.', retryAfterMs: 5_000 },
        })
      }
      const changes = new Changes(tx, found, deps.clock.now())
      const { reason, confidence } = command
      await switchAgent(changes, agents, { to: agent.name, reason, confidence, by: 'person', only: true })
      return { events: await changes.store(), session: changes.session }
    })
    deps.channels.publish(session.sid, events)
    return session
  }
}
