import type { SessionEvent } from '../../domain/event.ts'
import type { ClientProfile } from '../../domain/session.ts'
import { cleanText } from '../../domain/text.ts'
import type { Transaction } from '../ports/store.ts'
import { ownedSession } from '../replicas/owned-session.ts'
import { Changes } from '../run/changes.ts'
import type { Taken } from './input.ts'
import type { TakeDeps } from './take-deps.ts'
import { tellWorkspace } from './tell-workspace.ts'

/** A message becomes part of the turn that runs: after the results, before the next model call (DESIGN 8). Undefined when it waits no
 *  more. Throws `session_deleted`, `lease_lost`. */
export async function enterTurn(
  tx: Transaction,
  deps: TakeDeps,
  taken: Taken,
  inputId: string,
  input: { readonly client: ClientProfile | null; readonly content: string },
): Promise<{ readonly events: readonly SessionEvent[]; readonly afterSeq: number } | undefined> {
  const session = await ownedSession(tx, taken)
  if (!(await tx.inputs.settle(inputId, 'taken'))) return undefined
  const changes = new Changes(tx, session, deps.clock.now())
  changes.turnId = taken.turnId
  changes.runId = taken.runId
  const notes = await tellWorkspace(changes, input.client)
  const parts = [...notes, { type: 'text' as const, text: cleanText(input.content) }]
  await changes.appendMessage({ id: deps.ids.next(), role: 'user', parts, agent: null })
  await tx.inputs.setRun(inputId, { runId: taken.runId, afterSeq: session.lastSeq })
  return { events: await changes.store(), afterSeq: session.lastSeq }
}
