import type { NotePart } from '../../domain/message.ts'
import type { ClientProfile } from '../../domain/session.ts'
import { changesSince, clientNotes, noteText, withoutTexts, workspaceFacts } from '../../domain/workspace.ts'
import type { Changes } from '../run/changes.ts'

/** What a client tells with a message: at first it is kept for the head of every request; what has changed since then goes before this
 *  message, as a note, so that no request changes from its beginning (DESIGN 6). */
export async function tellWorkspace(changes: Changes, client: ClientProfile | null): Promise<readonly NotePart[]> {
  const { tx, sid } = changes
  const notes = clientNotes(client)
  const facts = workspaceFacts(client, sid)
  if (facts) {
    const { frozen, told } = await tx.workspaces.get(sid)
    const changed = told ? changesSince(told, facts) : []
    if (!frozen || changed.length > 0) {
      await tx.workspaces.tell(sid, { frozen: frozen ?? facts, told: { ...told, ...known(withoutTexts(facts)) } })
    }
    notes.unshift(...changed)
  }
  return notes.length === 0 ? [] : [{ type: 'note', text: noteText(notes) }]
}

/** Without what the client does not speak of. */
function known<Facts extends object>(facts: Facts): Facts {
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== null)) as Facts
}
