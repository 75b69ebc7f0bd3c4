import { basename } from 'node:path'
import type { Client } from '@codelab/protocol'
import type { DialogHost } from '../screen/dialog.ts'
import { Picker } from '../screen/picker.ts'
import type { Style } from '../screen/style.ts'
import { clean, plural } from '../screen/text.ts'
import type { Folders } from './folders.ts'
import { listSessions, type SessionItem } from './session-ids.ts'
import { sessionRow } from './session-rows.ts'

/** The sessions of a folder that the server still has, newest first, and how many there are elsewhere. */
export async function sessionsOfFolder(
  client: Client,
  folders: Folders,
  folder: string,
): Promise<{ here: SessionItem[]; elsewhere: number }> {
  const all = await listSessions(client)
  const ids = new Set(folders.sessionsOf(folder))
  const here = all.filter(({ id }) => ids.has(id))
  return { here, elsewhere: all.length - here.length }
}

/** Lets a person choose; undefined when there is nothing to choose from, or nothing was chosen. */
export async function pickSession(
  host: DialogHost,
  found: { here: readonly SessionItem[]; elsewhere: number },
  options: { style: Style; folder: string; signal: AbortSignal },
): Promise<string | undefined> {
  const { style, folder, signal } = options
  const now = new Date()
  const items = found.here.map((session) => ({
    value: session.id,
    text: `${session.title ?? ''} ${session.current_agent ?? ''} ${session.id}`,
    row: (columns: number) => sessionRow(session, columns, now, style),
  }))
  const note = found.elsewhere > 0 ? `${plural(found.elsewhere, 'session')} in other folders` : ''
  const title = `Sessions in ${clean(basename(folder) || folder)}`
  return host.ask<string | undefined>((settle) => new Picker({ style, title, items, note }, settle), undefined, signal)
}
