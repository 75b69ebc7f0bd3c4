import { randomUUID } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import { handoffTool, questionTool } from '../conversation/calls.ts'
import { describeWorkspace } from '../conversation/context.ts'
import { type Link, openLink } from '../conversation/link.ts'
import { clientProfile } from '../conversation/profile.ts'
import { createExecutor } from '../executor/create-executor.ts'
import type { Executor } from '../executor/executor.ts'
import { CommandFailure, exitCodes } from '../server/failure.ts'
import { type FoundServer, findServer, type ServerOptions } from '../server/find-server.ts'
import { openStateFolder, readClientId, stateFolderPath } from '../server/state-folder.ts'
import { Folders } from '../sessions/folders.ts'
import { findSession } from '../sessions/session-ids.ts'
import { FolderTrust } from '../trust/folder-trust.ts'
import { ChangeLog } from '../undo/change-log.ts'
import { recordChanges } from '../undo/recording-executor.ts'
import { clientVersion, launcherPath } from '../version.ts'
import { type CommonOptions, type Io, workingFolder } from './io.ts'

/** All that a conversation needs, in one folder, with one server. */
export interface Workplace {
  readonly folder: string
  readonly stateFolder: string
  readonly server: FoundServer
  readonly link: Link
  readonly executor: Executor
  readonly folders: Folders
  /** What the turns changed in the folder. */
  readonly changes: ChangeLog
  /** Whether the settings that lie in the folder count. */
  readonly trust: FolderTrust
}

export interface SessionChoice {
  readonly session?: string
  readonly continue?: boolean
}

/** With `answersQuestions` a person is here whom the agents may ask, also before one of them hands over to one that may do more. */
export async function openWorkplace(
  io: Io,
  options: CommonOptions,
  { answersQuestions = false } = {},
): Promise<Workplace> {
  const folder = workingFolder(io, options.cwd)
  const stateFolder = openStateFolder(stateFolderPath(io.env))
  const find: ServerOptions = serverOptions(io, options, stateFolder)
  const server = await findServer(find)
  const bare = await createExecutor({ root: folder, stateFolder })
  const changes = new ChangeLog(stateFolder, bare.root)
  const executor = recordChanges(bare, changes)
  const trust = await FolderTrust.read(folder, stateFolder)
  const tools = answersQuestions ? [...executor.tools, questionTool, handoffTool] : executor.tools
  const link = await openLink({
    address: server,
    profile: clientProfile(readClientId(stateFolder), clientVersion(), tools),
    context: async (isFirst) => ({ ...(await describeWorkspace(folder, new Date(), isFirst)), ...trust.context }),
    find: () => findServer(find),
  })
  return { folder, stateFolder, server, link, executor, folders: new Folders(stateFolder), changes, trust }
}

export function serverOptions(io: Io, options: CommonOptions, stateFolder: string): ServerOptions {
  return {
    env: io.env,
    stateFolder,
    launcher: launcherPath(),
    ...(options.server ? { server: options.server } : {}),
    ...(options.keyFile ? { keyFile: options.keyFile } : {}),
  }
}

/** The session to go on with, or a new id. */
export async function chooseSession(place: Workplace, choice: SessionChoice): Promise<{ id: string; isNew: boolean }> {
  if (choice.session !== undefined) return { id: await findSession(place.link.client, choice.session), isNew: false }
  if (!choice.continue) return { id: randomUUID(), isNew: true }
  const [last] = place.folders.sessionsOf(place.folder)
  if (last) return { id: last, isNew: false }
  throw new CommandFailure(exitCodes.usage, 'No session in this folder yet', ['codelab starts one.'])
}

/** A clock that only goes forward, in milliseconds. */
export function monotonicNow(): number {
  return performance.now()
}

/** Waits; an abort ends the wait without an error. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await wait(ms, undefined, { signal, ref: true }).catch(() => undefined)
}
