import { readdir, readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'

const firstPollMs = 10
const longestPollMs = 250
/** A process that SIGKILL does not end hangs in the kernel: no reason to wait on. */
const killedMs = 100
const endingSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** Leaders of the groups that must not outlive us. */
const held = new Set<number>()

/** Sees to it that the group ends with our process. Returns what lets it go. */
export function holdGroup(leader: number): () => void {
  if (held.size === 0) listen()
  held.add(leader)
  return () => {
    if (held.delete(leader) && held.size === 0) unlisten()
  }
}

/** SIGTERM to the whole group, SIGKILL to what is left after the grace. Resolves when the group is gone. */
export async function endGroup(leader: number, graceMs: number): Promise<void> {
  signalGroup(leader, 'SIGTERM')
  if (await isGoneWithin(leader, graceMs)) return
  signalGroup(leader, 'SIGKILL')
  await isGoneWithin(leader, killedMs)
}

export async function isGoneWithin(leader: number, milliseconds: number): Promise<boolean> {
  const end = performance.now() + milliseconds
  for (let wait = firstPollMs; signalGroup(leader, 0); wait = Math.min(wait * 2, longestPollMs)) {
    const left = end - performance.now()
    if (left <= 0) return !(await hasLiving(leader))
    await sleep(Math.min(wait, left))
    if (wait > firstPollMs && !(await hasLiving(leader))) return true
  }
  return true
}

/** Where nobody collects orphans (a container without an init) the dead keep the group's name: they do not count. */
async function hasLiving(leader: number): Promise<boolean> {
  if (process.platform !== 'linux') return true
  try {
    for (const pid of await readdir('/proc')) {
      if (!/^\d+$/.test(pid)) continue
      const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
      // pid (name) state parent group …, and a name may hold anything.
      const [state, , group] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      if (group === String(leader) && state !== 'Z' && state !== 'X') return true
    }
    return false
  } catch {
    return true
  }
}

function signalGroup(leader: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(-leader, signal)
    return true
  } catch (error) {
    // EPERM: there is somebody, but with other rights than ours.
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

function killHeld(): void {
  for (const leader of held) signalGroup(leader, 'SIGKILL')
}

/** Where nobody else listens the signal would end us without an 'exit' event: end the groups, then let it. */
function onSignal(signal: NodeJS.Signals): void {
  if (process.listenerCount(signal) > 1) return
  killHeld()
  unlisten()
  process.kill(process.pid, signal)
}

function listen(): void {
  process.on('exit', killHeld)
  for (const signal of endingSignals) process.on(signal, onSignal)
}

function unlisten(): void {
  process.off('exit', killHeld)
  for (const signal of endingSignals) process.off(signal, onSignal)
}
