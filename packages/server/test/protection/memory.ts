import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ServerProcess } from '../server-process.ts'

/** What the process of a server holds, in bytes: now, and at its highest. Linux only. */
export function memoryOf(server: ServerProcess): { readonly rss: number; readonly peak: number } {
  const status = readFileSync(`/proc/${pidOf(server)}/status`, 'utf8')
  const kilobytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) * 1024
  return { rss: kilobytes('VmRSS'), peak: kilobytes('VmHWM') }
}

export function pidOf(server: ServerProcess): number {
  const { pid } = JSON.parse(readFileSync(join(server.folder, 'server.json'), 'utf8')) as { pid: number }
  return pid
}
