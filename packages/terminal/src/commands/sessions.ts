import { basename } from 'node:path'
import { ApiError, type Client, createClient } from '@codelab/protocol'
import { sizeOf } from '../screen/live-area.ts'
import { clean, plural } from '../screen/text.ts'
import { CommandFailure, exitCodes } from '../server/failure.ts'
import { findServer } from '../server/find-server.ts'
import { openStateFolder, stateFolderPath } from '../server/state-folder.ts'
import { Folders } from '../sessions/folders.ts'
import { findSession, listSessions, type SessionItem, shortId } from '../sessions/session-ids.ts'
import { sessionRow } from '../sessions/session-rows.ts'
import { type CommonOptions, chooseStyle, type Io, workingFolder } from './io.ts'
import { serverOptions } from './workplace.ts'

export interface ListOptions extends CommonOptions {
  readonly json?: boolean
  readonly all?: boolean
}

interface Connected {
  readonly client: Client
  readonly folders: Folders
  readonly folder: string
}

async function connect(io: Io, options: CommonOptions): Promise<Connected> {
  const folder = workingFolder(io, options.cwd)
  const stateFolder = openStateFolder(stateFolderPath(io.env))
  const { url, key } = await findServer(serverOptions(io, options, stateFolder))
  return { client: createClient({ baseUrl: url, key }), folders: new Folders(stateFolder), folder }
}

/** The sessions of this folder, or all. */
export async function printSessions(io: Io, options: ListOptions): Promise<number> {
  const { client, folders, folder } = await connect(io, options)
  const all = await listSessions(client)
  const ids = new Set(folders.sessionsOf(folder))
  const shown = options.all ? all : all.filter(({ id }) => ids.has(id))
  if (options.json) {
    for (const session of shown) io.stdout.write(`${JSON.stringify(jsonRow(session, folders.folderOf(session.id)))}\n`)
    return exitCodes.done
  }
  const style = chooseStyle(io, io.stdout, options)
  const { columns } = sizeOf(io.stdout)
  const where = options.all ? 'Sessions' : `Sessions in ${clean(basename(folder) || folder)}`
  const elsewhere = all.length - shown.length
  const hint = elsewhere > 0 ? `${plural(elsewhere, 'session')} in other folders: codelab sessions --all` : ''
  const empty = options.all ? 'No sessions yet.' : 'No sessions in this folder yet. codelab starts one.'
  const rows = shown.map((session) => sessionRow(session, columns, new Date(), style))
  const lines = shown.length === 0 ? [style.indent + empty] : [style.indent + where, '', ...rows]
  if (hint) lines.push('', style.paint('dim', style.indent + hint))
  io.stdout.write(`${lines.join('\n')}\n`)
  return exitCodes.done
}

function jsonRow(session: SessionItem, folder: string | undefined): Record<string, unknown> {
  const { id, title, current_agent: agent, state, message_count: messages, last_activity, created_at } = session
  return { id, title, agent, state, messages, last_activity, created_at, folder: folder ?? null }
}

export async function renameSession(io: Io, start: string, title: string, options: CommonOptions): Promise<number> {
  const { client } = await connect(io, options)
  const id = await findSession(client, start)
  const renamed = await answered(() => client.renameSession(id, title))
  io.stdout.write(`${shortId(id)} is now "${clean(renamed.title ?? title)}"\n`)
  return exitCodes.done
}

export async function deleteSession(io: Io, start: string, options: CommonOptions): Promise<number> {
  const { client, folders } = await connect(io, options)
  const id = await findSession(client, start)
  await answered(() => client.deleteSession(id))
  folders.forget(id)
  io.stdout.write(`${shortId(id)} is deleted\n`)
  return exitCodes.done
}

async function answered<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    throw new CommandFailure(error.status < 500 ? exitCodes.usage : exitCodes.failed, clean(error.message))
  }
}
