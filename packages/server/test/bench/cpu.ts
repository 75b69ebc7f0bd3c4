import { readdirSync, readFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'

/** A tick of the kernel's accounting. */
const tickMs = 10

/** CPU time in milliseconds of a process and of all below it, those that have ended included. Linux only. */
export function cpuOfTree(root: number): number {
  let total = cpuOf(root)
  for (const child of childrenOf(root)) total += cpuOfTree(child)
  return total
}

function cpuOf(pid: number): number {
  // utime, stime, and of children that have ended cutime, cstime.
  return [11, 12, 13, 14].reduce((sum, field) => sum + Number(stat(pid)[field] ?? 0), 0) * tickMs
}

function childrenOf(parent: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => Number(stat(pid)[1]) === parent)
}

/** Fields behind the name of the program; none of a process that has ended meanwhile. */
function stat(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  } catch {
    return []
  }
}

export function residentBytes(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return Number(kilobytes) * 1024
}

/** Beyond this share somebody else is at work. */
export const mostBusy = 0.1

/** The share of all processors that is in use, over a second. */
export async function busyShare(): Promise<number> {
  const before = times()
  await sleep(1_000)
  const after = times()
  return 1 - (after.idle - before.idle) / (after.all - before.all)
}

function times(): { readonly idle: number; readonly all: number } {
  const each = cpus().map((cpu) => cpu.times)
  const all = each.flatMap((cpu) => Object.values(cpu)).reduce((sum, ms) => sum + ms, 0)
  return { idle: each.reduce((sum, { idle }) => sum + idle, 0), all }
}
