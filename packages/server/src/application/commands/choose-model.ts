import { RuntimeError } from '../../domain/errors.ts'
import type { Session } from '../../domain/session.ts'
import type { Clock } from '../ports/clock.ts'
import type { ModelSource } from '../ports/model-source.ts'
import type { UnitOfWork } from '../ports/store.ts'
import type { Channels } from '../readers/channels.ts'
import { Changes } from '../run/changes.ts'
import { requireSession, type SessionRef } from '../sessions.ts'

/** Which model answers in a session from its next step on; null: the agent's, or the default. Throws `not_found`, also for a name
 *  that is no alias. */
export function createChooseModel(deps: {
  readonly store: UnitOfWork
  readonly clock: Clock
  readonly models: ModelSource
  readonly channels: Channels
}) {
  return async (command: SessionRef & { readonly model: string | null }): Promise<Session> => {
    const { model } = command
    const { session, events } = await deps.store.transact(async (tx) => {
      const changes = new Changes(tx, await requireSession(tx, command), deps.clock.now())
      if (model !== null) requireModel(deps.models, model)
      if (changes.session.model !== model) {
        changes.set({ model })
        changes.add({ type: 'session.model_chosen', facts: { model } })
      }
      return { events: await changes.store(), session: changes.session }
    })
    deps.channels.publish(session.sid, events)
    return session
  }
}

function requireModel(models: ModelSource, alias: string): void {
  const known = models.list().map(({ facts }) => facts.alias)
  if (known.includes(alias)) return
  const shown = alias
    .toWellFormed()
    .replace(/\p{Cc}/gu, '\ufffd')
    .slice(0, 100)
  throw new RuntimeError('not_found', `There is no model '${shown}'. Known: ${known.join(', ')}`, {
    details: { hint: 'Models are named in codelab.jsonc, under models.' },
  })
}
