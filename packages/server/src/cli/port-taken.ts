import { readdir, readFile, readlink } from 'node:fs/promises'
import type { Style } from './style.ts'

export interface PortOwner {
  readonly pid: number
  readonly program: string
}

/** Why the server could not listen; ends with a line break. `url` is where a CodeLab on that port would be. */
export function renderPortTaken(
  taken: { readonly port: number; readonly owner?: PortOwner; readonly url: string },
  style: Style,
): string {
  const who = taken.owner ? ` (pid ${taken.owner.pid}, ${taken.owner.program})` : ''
  return [
    `${style.bad('✗')} Port ${taken.port} is taken by another program${who}`,
    `  Set PORT, or stop it. If it is CodeLab: codelab --server ${taken.url}`,
    '',
  ].join('\n')
}

const LISTEN = '0A'

/** The process that listens on `port`, where the system tells: Linux, and only of the same user unless one is root. */
export async function findPortOwner(port: number): Promise<PortOwner | undefined> {
  const sockets = new Set((await Promise.all(['tcp', 'tcp6'].map((table) => listeningSockets(table, port)))).flat())
  if (sockets.size === 0) return undefined
  for (const pid of (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name))) {
    const handles = await readdir(`/proc/${pid}/fd`).catch(() => [])
    const targets = await Promise.all(handles.map((handle) => readlink(`/proc/${pid}/fd/${handle}`).catch(() => '')))
    if (!targets.some((target) => sockets.has(target))) continue
    const program = await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '')
    return { pid: Number(pid), program: program.trim().replace(/[^\x20-\x7e]/g, '') || 'unknown' }
  }
  return undefined
}

async function listeningSockets(table: string, port: number): Promise<string[]> {
  const rows = (await readFile(`/proc/net/${table}`, 'utf8').catch(() => '')).split('\n').slice(1)
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  return rows.flatMap((row) => {
    const [, local, , state, , , , , , inode] = row.trim().split(/\s+/)
    return local?.endsWith(suffix) && state === LISTEN ? [`socket:[${inode}]`] : []
  })
}
