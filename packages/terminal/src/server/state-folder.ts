import { randomBytes } from 'node:crypto'
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { isAbsolute, join, resolve } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { CommandFailure, exitCodes } from './failure.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** Where this client keeps what is its own: the key and log of its server, its id, which session belongs to which folder. */
export function stateFolderPath(env: Environment): string {
  const own = env['CODELAB_STATE_DIR']
  if (own) return resolve(own)
  const base = env['XDG_STATE_HOME']
  return join(base && isAbsolute(base) ? base : join(homedir(), '.local', 'state'), 'codelab')
}

/** Makes the folder, for this user only, where it is missing. */
export function openStateFolder(path: string): string {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 })
    chmodSync(path, 0o700)
    return path
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? 'unknown reason'
    throw new CommandFailure(exitCodes.configuration, `The state folder ${path} cannot be used (${reason})`, [
      'Set CODELAB_STATE_DIR to a folder that you may write to.',
    ])
  }
}

/** The key of our own server, made once. Two processes that make it at once end with the same one. */
export async function readOrMakeKey(folder: string): Promise<string> {
  const file = join(folder, 'key')
  try {
    writeFileSync(file, randomBytes(32).toString('hex'), { flag: 'wx', mode: 0o600 })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  // Another process may have made the file and not yet written it.
  for (let attempt = 0; attempt < 20; attempt++) {
    const key = readFileSync(file, 'utf8').trim()
    if (/^[0-9a-f]{64}$/.test(key)) return key
    await pause(50)
  }
  throw new CommandFailure(exitCodes.configuration, `The key in ${file} is damaged`, [
    'Remove that file and start again.',
  ])
}

/** A stable id of this installation. */
export function readClientId(folder: string): string {
  const file = join(folder, 'client-id')
  try {
    writeFileSync(file, `terminal-${randomBytes(8).toString('hex')}`, { flag: 'wx', mode: 0o600 })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  const id = readFileSync(file, 'utf8').trim()
  return /^terminal-[0-9a-f]+$/.test(id) ? id : 'terminal-0'
}
