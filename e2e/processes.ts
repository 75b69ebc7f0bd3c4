import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

const politeMs = 10_000
const forcedMs = 5000
const pollMs = 20

/** Ends a process and waits until it is gone; what does not go is killed. */
export async function endProcess(pid: number, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
  send(pid, signal)
  await untilGone(pid)
}

/** Waits until a process that was told to end is gone; what does not go is killed. */
export async function untilGone(pid: number): Promise<void> {
  if (await isGoneWithin(politeMs, () => isAlive(pid))) return
  send(pid, 'SIGKILL')
  if (!(await isGoneWithin(forcedMs, () => isAlive(pid)))) throw new Error(`process ${pid} does not end`)
}

/** Whether every process of a group ends within this time. */
export function groupEndsWithin(leader: number, milliseconds: number): Promise<boolean> {
  return isGoneWithin(milliseconds, () => isGroupAlive(leader))
}

async function isGoneWithin(milliseconds: number, isThere: () => boolean): Promise<boolean> {
  const limit = Date.now() + milliseconds
  while (isThere()) {
    if (Date.now() > limit) return false
    await sleep(pollMs)
  }
  return true
}

function isAlive(pid: number): boolean {
  return send(pid, 0) && (process.platform !== 'linux' || !isDead(statOf(String(pid))))
}

function isGroupAlive(leader: number): boolean {
  if (!send(-leader, 0) || process.platform !== 'linux') return send(-leader, 0)
  const stats = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(statOf)
  return stats.some((stat) => stat?.group === leader && !isDead(stat))
}

interface Stat {
  readonly state: string
  readonly group: number
}

/** `pid (name) state parent group …`; a name may hold anything. */
function statOf(pid: string): Stat | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const [state = '', , group] = text.slice(text.lastIndexOf(')') + 2).split(' ')
    return { state, group: Number(group) }
  } catch {
    return undefined
  }
}

/** Where nobody collects orphans the dead keep their number: they do not count. */
function isDead(stat: Stat | undefined): boolean {
  return stat === undefined || stat.state === 'Z' || stat.state === 'X'
}

function send(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(pid, signal)
    return true
  } catch {
    return false
  }
}
