import { readdirSync, readFileSync } from 'node:fs'

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
