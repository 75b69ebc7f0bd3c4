import { RuntimeError } from '../../domain/errors.ts'
import type { Session } from '../../domain/session.ts'
import { cleanText } from '../../domain/text.ts'
import type { Clock } from '../ports/clock.ts'
import type { UnitOfWork } from '../ports/store.ts'
import type { Channels } from '../readers/channels.ts'
import { Changes } from '../run/changes.ts'
import { requireSession, type SessionRef } from '../sessions.ts'

/** Throws `not_found`, `invalid_input` for a blank title. */
export function createRenameSession(deps: {
  readonly store: UnitOfWork
  readonly clock: Clock
  readonly channels: Channels
}) {
  return async (command: SessionRef & { readonly title: string }): Promise<Session> => {
    const title = cleanText(command.title).trim()
    if (title === '') throw new RuntimeError('invalid_input', 'title must not be blank')
    const { session, events } = await deps.store.transact(async (tx) => {
      const changes = new Changes(tx, await requireSession(tx, command), deps.clock.now())
      changes.set({ title })
      changes.add({ type: 'session.renamed', facts: {} })
      return { events: await changes.store(), session: changes.session }
    })
    deps.channels.publish(session.sid, events)
    return session
  }
}
