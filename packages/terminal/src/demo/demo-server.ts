import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

type Environment = Readonly<Record<string, string | undefined>>

const endMs = 5000
const pollMs = 25

/** The environment without what configures a server or a model: the demo uses neither the person's key nor their server. */
export function demoEnvironment(env: Environment, stateFolder: string): Record<string, string> {
  const kept = Object.entries(env).filter(
    (entry): entry is [string, string] =>
      entry[1] !== undefined && !/^(?:CODELAB_|AGENT_RUNTIME__|OPENAI_|ANTHROPIC_|GOOGLE_|GEMINI_)/.test(entry[0]),
  )
  const still = env['CODELAB_REDUCED_MOTION']
  return {
    ...Object.fromEntries(kept),
    ...(still === undefined ? {} : { CODELAB_REDUCED_MOTION: still }),
    CODELAB_STATE_DIR: stateFolder,
    // Nothing listens there, so that no server but the demo's own is found.
    PORT: '1',
  }
}

/** The process of the server that was started for this state folder. */
export function serverPid(stateFolder: string): number | undefined {
  try {
    const { pid } = JSON.parse(readFileSync(join(stateFolder, 'server.json'), 'utf8')) as { pid?: unknown }
    return typeof pid === 'number' && pid > 1 ? pid : undefined
  } catch {
    return undefined
  }
}

/** Kills a process as `kill -9` does, or ends it, and waits until it is gone. */
export async function endServer(pid: number, signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
  const limit = performance.now() + endMs
  try {
    process.kill(pid, signal)
    while (performance.now() < limit) {
      process.kill(pid, 0)
      await pause(pollMs)
    }
    process.kill(pid, 'SIGKILL')
  } catch {
    // It is gone.
  }
}
