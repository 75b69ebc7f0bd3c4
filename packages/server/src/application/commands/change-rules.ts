import { projectOf } from '../../domain/client-rules.ts'
import type { CommandKnowledge } from '../../domain/command-reach.ts'
import { RuntimeError } from '../../domain/errors.ts'
import type { NewEvent } from '../../domain/event.ts'
import type { Grant } from '../../domain/grant.ts'
import type { Rule } from '../../domain/rules.ts'
import type { Tool } from '../../domain/tool.ts'
import type { Clock } from '../ports/clock.ts'
import type { Ids } from '../ports/ids.ts'
import type { Transaction, UnitOfWork } from '../ports/store.ts'
import type { Channels } from '../readers/channels.ts'
import { judgeStored } from '../rules.ts'
import { Changes } from '../run/changes.ts'
import { requireSession, type SessionRef } from '../sessions.ts'

export interface CreateRule extends SessionRef, Rule {
  readonly scope: 'session' | 'project'
  /** Id of the client that makes it. */
  readonly by: string | null
}

export interface CreatedRule {
  readonly grant: Grant
  /** Calls that wait for a person, and that the rules allow now. */
  readonly nowAllowed: readonly string[]
}

const mostOfSession = 200
const mostOfProject = 500

export interface ChangeRulesDeps {
  readonly store: UnitOfWork
  readonly clock: Clock
  readonly ids: Ids
  readonly channels: Channels
  readonly tools: readonly Tool[]
  readonly commands: CommandKnowledge
}

/** Makes a rule that holds from now on; the same one twice is one. Throws `not_found`: no such session, or no project;
 *  `forbidden`: too many. */
export function createCreateRule(deps: ChangeRulesDeps) {
  return async (command: CreateRule): Promise<CreatedRule> => {
    const { sid, events, created } = await deps.store.transact(async (tx) => {
      const session = await requireSession(tx, command)
      const turn = await tx.turns.latest(session.sid)
      const project = command.scope === 'project' ? projectOf(turn?.client ?? null) : null
      if (command.scope === 'project' && !project) {
        throw new RuntimeError('not_found', 'This session belongs to no project that its client named', {
          details: { hint: 'Make the rule for the session.' },
        })
      }
      const changes = new Changes(tx, session, deps.clock.now())
      const { tool, pattern, effect, by } = command
      const wanted: Grant = {
        id: deps.ids.next(),
        ownerId: session.ownerId,
        sid: project ? null : session.sid,
        project,
        madeIn: session.sid,
        tool,
        pattern: pattern.trim(),
        effect,
        createdAt: changes.at,
        createdBy: by,
      }
      const grant = await addGrant(tx, changes, wanted)
      const waiting = await tx.calls.list(session.sid, 'pending')
      const nowAllowed: string[] = []
      for (const call of waiting) {
        const judged = await judgeStored(tx, deps, session, call)
        if (judged?.ruling.effect === 'allow') nowAllowed.push(call.callId)
      }
      return { sid: session.sid, events: await changes.store(), created: { grant, nowAllowed } }
    })
    deps.channels.publish(sid, events)
    return created
  }
}

async function addGrant(tx: Transaction, changes: Changes, wanted: Grant): Promise<Grant> {
  const { project, tool, pattern, effect } = wanted
  // Its sessions are on any replica, each with a lock of its own.
  if (project) await tx.grants.holdProject(wanted.ownerId, project.id)
  const there = project ? await tx.grants.ofProject(wanted.ownerId, project.id) : await tx.grants.ofSession(changes.sid)
  const last = there.findLast((grant) => grant.tool === tool && grant.pattern === pattern)
  // One that was made later could decide otherwise, so only the newest of its words counts as the same.
  if (last?.effect === effect && last === there.at(-1)) return last
  if (there.length >= (project ? mostOfProject : mostOfSession)) {
    throw new RuntimeError('forbidden', 'There are too many rules here already', {
      details: { hint: 'Revoke those that are not needed any more.' },
    })
  }
  await tx.grants.add(wanted)
  changes.add(grantEvent('grant.created', wanted, wanted.createdBy))
  return wanted
}

/** A rule holds no longer: calls that it let pass stay as they are. Throws `not_found`. */
export function createDeleteRule(deps: Pick<ChangeRulesDeps, 'store' | 'clock' | 'channels'>) {
  return async ({ ownerId, id }: { readonly ownerId: string; readonly id: string }): Promise<void> => {
    const { sid, events } = await deps.store.transact(async (tx) => {
      const grant = await tx.grants.find(ownerId, id)
      if (!grant) throw new RuntimeError('not_found', `Rule ${id} not found`)
      await tx.grants.remove(id)
      const session = await tx.sessions.get(grant.madeIn)
      if (!session || session.deleted) return { sid: grant.madeIn, events: [] }
      const changes = new Changes(tx, session, deps.clock.now())
      changes.add(grantEvent('grant.revoked', grant, null))
      return { sid: session.sid, events: await changes.store() }
    })
    deps.channels.publish(sid, events)
  }
}

function grantEvent(type: 'grant.created' | 'grant.revoked', grant: Grant, by: string | null): NewEvent {
  const { id: grantId, tool, pattern, effect } = grant
  const scope = grant.project ? ('project' as const) : ('session' as const)
  return { type, facts: { grantId, scope, tool, pattern, effect, by } }
}
