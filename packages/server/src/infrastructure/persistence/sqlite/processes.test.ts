import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { newMessage, newSession } from '../../../../test/contract/store/samples.ts'
import { realClock, silentLog, temporaryFolder } from '../../../../test/contract/store/surroundings.ts'
import type { OpenedStore } from '../opened-store.ts'
import { openSqliteStore } from './open-store.ts'

const NOBODY = 65_534
const isRoot = process.getuid?.() === 0

let folder: ReturnType<typeof temporaryFolder>
let file: string
const children: ChildProcess[] = []

beforeEach(() => {
  folder = temporaryFolder()
  file = join(folder.path, 'a.db')
})
afterEach(async () => {
  for (const child of children.splice(0)) {
    child.kill('SIGKILL')
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  }
  folder[Symbol.dispose]()
})

function openStore(path = file): Promise<OpenedStore> {
  return openSqliteStore({ file: path, durability: 'full', clock: realClock, log: silentLog, onFatal: () => {} })
}

/** Another process with the store open; `then` is code that has `store` and `say`. It writes lines. */
function startProcess(then: string): { child: ChildProcess; lines: AsyncIterator<string> } {
  const code = `
    const { openSqliteStore } = await import(${JSON.stringify(join(import.meta.dirname, 'open-store.ts'))})
    const { realClock: clock, silentLog: log } = await import(${JSON.stringify(
      join(import.meta.dirname, '../../../../test/contract/store/surroundings.ts'),
    )})
    const say = (line) => process.stdout.write(line + '\\n')
    try {
      const store = await openSqliteStore({
        file: ${JSON.stringify(file)}, durability: 'full', clock, log, onFatal: (error) => say(String(error)),
      })
      ${then}
    } catch (error) {
      say(error.code + ': ' + error.message)
      process.exit(1)
    }`
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: ['ignore', 'pipe', 'inherit'] })
  children.push(child)
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return { child, lines }
}

async function nextLine(lines: AsyncIterator<string>): Promise<string> {
  const { value, done } = await lines.next()
  return done ? '(the process has ended)' : value
}

describe('two processes', () => {
  it('never have one database: the second is refused, and told by whom', async () => {
    const holder = startProcess("say('open'); setInterval(() => {}, 1000)")
    expect(await nextLine(holder.lines)).toBe('open')
    const text = new RegExp(
      `^The database .*a\\.db is in use by another CodeLab process \\(pid ${holder.child.pid}\\)\\. ` +
        'Stop it, or set CODELAB_DATABASE_URL to another file\\.$',
    )
    await expect(openStore()).rejects.toMatchObject({
      code: 'storage_unavailable',
      message: expect.stringMatching(text),
    })

    holder.child.kill('SIGKILL')
    await once(holder.child, 'exit')
    const store = await openStore()
    const second = startProcess("say('open')")
    expect(await nextLine(second.lines)).toMatch(`storage_unavailable: The database ${file} is in use`)
    await store.close()
  })

  it('that start at the same moment: one gets it', async () => {
    const starts = Array.from({ length: 3 }, () => startProcess("say('open'); setInterval(() => {}, 1000)"))
    const lines = await Promise.all(starts.map((start) => nextLine(start.lines)))
    expect(lines.filter((line) => line === 'open')).toHaveLength(1)
    expect(lines.filter((line) => line.includes('in use by another CodeLab process'))).toHaveLength(2)
  })
})

describe('a process that is killed', () => {
  it('loses nothing that it had called durable, and leaves no half unit', async () => {
    const first = await openStore()
    await first.unitOfWork.transact((tx) => tx.sessions.create(newSession('s1')))
    await first.close()
    let known = 0
    for (let round = 0; round < 3; round += 1) {
      const { child, lines } = startProcess(`
        const event = { type: 'session.renamed', facts: {} }
        for (let n = ${known + 1}; ; n += 1) {
          const message = { id: 'm' + n + '-' + ${round}, sid: 's1', turnId: null, createdAt: n, agent: null,
            status: 'complete', role: 'user', parts: [{ type: 'text', text: 'x'.repeat(n * 37 % 20000) }] }
          await store.unitOfWork.transact(async (tx) => {
            await tx.messages.append(message)
            await tx.log.append('s1', n, [event, event])
          })
          say(String(n))
        }`)
      let last = 0
      for (let count = 0; count < 25 + round * 20; count += 1) last = Number(await nextLine(lines))
      child.kill('SIGKILL')
      await once(child, 'exit')
      // What it had written into the pipe before it died was shown as well.
      for (let line = await lines.next(); !line.done; line = await lines.next()) last = Number(line.value)

      const store = await openStore()
      const { session, messages, events } = await store.unitOfWork.read(async (tx) => ({
        session: await tx.sessions.get('s1'),
        messages: await tx.messages.list('s1'),
        events: await tx.log.readAfter('s1', 0, 10_000),
      }))
      await store.close()
      expect(messages.length).toBeGreaterThanOrEqual(last)
      expect(messages.map((message) => message.position)).toEqual(messages.map((_, index) => index + 1))
      expect(events).toHaveLength(messages.length * 2)
      expect(session).toMatchObject({ messageCount: messages.length, lastSeq: events.length })
      known = messages.length
    }
  })
})

describe('a file that cannot be written', () => {
  /** Root may write everything, so it steps down for the while. */
  async function unprivileged(work: () => Promise<void>): Promise<void> {
    if (!isRoot) return work()
    process.seteuid?.(NOBODY)
    try {
      await work()
    } finally {
      process.seteuid?.(0)
    }
  }

  it('is refused at the start, with what to do', async () => {
    await (await openStore()).close()
    rmSync(`${file}.lock`)
    chmodSync(file, 0o444)
    chmodSync(folder.path, 0o777)
    await unprivileged(async () => {
      await expect(openStore()).rejects.toMatchObject({
        code: 'storage_unavailable',
        message: expect.stringMatching(
          /cannot be opened\. The file or its folder is read-only\. .* set CODELAB_DATABASE_URL/,
        ),
      })
    })
  })

  it('in a folder that cannot be written is refused as well', async () => {
    const closed = join(folder.path, 'closed')
    mkdirSync(closed)
    chmodSync(folder.path, 0o755)
    chmodSync(closed, 0o555)
    await unprivileged(async () => {
      await expect(openStore(join(closed, 'a.db'))).rejects.toMatchObject({ code: 'storage_unavailable' })
      await expect(openStore(join(closed, 'data', 'a.db'))).rejects.toThrow(/folder is read-only/)
    })
    chmodSync(closed, 0o755)
  })
})

function command(name: string, ...args: string[]): void {
  execFileSync(name, args, { stdio: 'ignore' })
}

/** A small file system to fill. */
function mountSmallDisk(path: string): boolean {
  try {
    command('mount', '-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', path)
    return true
  } catch {
    return false
  }
}

describe('a full disk', () => {
  it('refuses what does not fit, whole, goes on reading, and works again when there is space', async (test) => {
    const disk = join(folder.path, 'disk')
    mkdirSync(disk)
    if (!mountSmallDisk(disk)) return test.skip('mounting a small file system is not allowed here')
    try {
      const store = await openStore(join(disk, 'a.db'))
      const { unitOfWork } = store
      await unitOfWork.transact((tx) => tx.sessions.create(newSession('s1')))
      writeFileSync(join(disk, 'ballast'), Buffer.alloc(2_000_000))
      const parts = [{ type: 'text' as const, text: 'x'.repeat(100_000) }]
      const append = (n: number) =>
        unitOfWork.transact((tx) => tx.messages.append(newMessage('s1', `m${n}`, { parts })))
      let kept = 0
      const fill = async (): Promise<never> => {
        for (;;) {
          await append(kept + 1)
          kept += 1
        }
      }
      await expect(fill()).rejects.toMatchObject({ code: 'storage_unavailable' })
      await expect(append(kept + 1)).rejects.toMatchObject({ code: 'storage_unavailable' })
      expect(kept).toBeGreaterThan(0)
      expect(await unitOfWork.read((tx) => tx.messages.list('s1'))).toHaveLength(kept)

      rmSync(join(disk, 'ballast'))
      expect((await append(kept + 1)).position).toBe(kept + 1)
      await store.close()
      const again = await openStore(join(disk, 'a.db'))
      expect(await again.unitOfWork.read((tx) => tx.messages.list('s1'))).toHaveLength(kept + 1)
      await again.close()
    } finally {
      command('umount', disk)
    }
  })
})
