import { createHash, randomBytes } from 'node:crypto'
import { mkdir, open, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { readJsonLines } from './json-lines.ts'

/**
 * Which calls with effects were started and which ended, kept beyond our own death: JSON lines
 * `{call_id, tool, at, state}` in a file per folder, each on the disk before the note resolves.
 */
export interface Journal {
  started(callId: string, tool: string): Promise<void>
  finished(callId: string, tool: string): Promise<void>
  /** Whether an earlier process noted a start and no end. */
  wasStarted(callId: string): boolean
}

interface Entry {
  readonly call_id: string
  readonly tool: string
  /** ISO 8601, UTC. */
  readonly at: string
  readonly state: 'started' | 'finished'
}

/** More unfinished calls than this are forgotten, oldest first. */
const keptUnfinished = 1000

/** @param limit bytes beyond which the file is compacted to the calls that never ended */
export async function openJournal(stateFolder: string, root: string, limit: number): Promise<Journal> {
  const folder = join(stateFolder, 'journal')
  const file = join(folder, `${createHash('sha256').update(root).digest('hex').slice(0, 32)}.jsonl`)
  const left = unfinished(await readJsonLines(file, isEntry))
  let last: Promise<void> = Promise.resolve()

  async function append(entry: Entry): Promise<void> {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    const handle = await open(file, 'a', 0o600)
    let size: number
    try {
      // A line end first: the line of a process that died while it wrote must not swallow ours.
      await handle.appendFile(`\n${JSON.stringify(entry)}\n`)
      await handle.datasync()
      size = (await handle.stat()).size
    } finally {
      await handle.close()
    }
    if (size > limit) await compact(file)
  }

  /** One after the other, so that the order on the disk is the order of the calls. */
  function note(callId: string, tool: string, state: Entry['state']): Promise<void> {
    const written = last.then(() => append({ call_id: callId, tool, at: new Date().toISOString(), state }))
    last = written.catch(() => undefined)
    return written
  }

  return {
    started: (callId, tool) => note(callId, tool, 'started'),
    async finished(callId, tool) {
      await note(callId, tool, 'finished')
      left.delete(callId)
    },
    wasStarted: (callId) => left.has(callId),
  }
}

function isEntry(value: unknown): value is Entry {
  if (typeof value !== 'object' || value === null) return false
  if (!('call_id' in value && 'tool' in value && 'at' in value && 'state' in value)) return false
  const texts = [value.call_id, value.tool, value.at].every((text) => typeof text === 'string')
  return texts && (value.state === 'started' || value.state === 'finished')
}

/** The calls whose last note is a start, in the order of the notes. */
function unfinished(entries: readonly Entry[]): Map<string, Entry> {
  const open = new Map<string, Entry>()
  for (const entry of entries) {
    open.delete(entry.call_id)
    if (entry.state === 'started') open.set(entry.call_id, entry)
  }
  return new Map([...open].slice(-keptUnfinished))
}

async function compact(file: string): Promise<void> {
  const lines = [...unfinished(await readJsonLines(file, isEntry)).values()].map(
    (entry) => `${JSON.stringify(entry)}\n`,
  )
  const temporary = `${file}.${randomBytes(4).toString('hex')}`
  const handle = await open(temporary, 'wx', 0o600)
  try {
    await handle.writeFile(lines.join(''))
    await handle.datasync()
  } finally {
    await handle.close()
  }
  await rename(temporary, file)
}
