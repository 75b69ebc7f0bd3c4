import { appendFile, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openJournal } from './journal.ts'

describe('openJournal', () => {
  let state: string

  beforeEach(async () => {
    state = await mkdtemp(join(tmpdir(), 'journal-'))
  })

  afterEach(() => rm(state, { recursive: true, force: true }))

  async function file(): Promise<string> {
    const [name = ''] = await readdir(join(state, 'journal'))
    return join(state, 'journal', name)
  }

  it('knows the calls that an earlier process started and did not end', async () => {
    const earlier = await openJournal(state, '/project', 1e6)
    await earlier.started('call_1', 'write_file')
    await earlier.finished('call_1', 'write_file')
    await earlier.started('call_2', 'execute_command')
    expect(earlier.wasStarted('call_2')).toBe(false)

    const later = await openJournal(state, '/project', 1e6)
    expect(later.wasStarted('call_1')).toBe(false)
    expect(later.wasStarted('call_2')).toBe(true)
    expect((await openJournal(state, '/other', 1e6)).wasStarted('call_2')).toBe(false)

    await later.started('call_2', 'execute_command')
    await later.finished('call_2', 'execute_command')
    expect(later.wasStarted('call_2')).toBe(false)
    expect((await openJournal(state, '/project', 1e6)).wasStarted('call_2')).toBe(false)
  })

  it('writes JSON lines that only the user can read', async () => {
    const journal = await openJournal(state, '/project', 1e6)
    await journal.started('call_1', 'write_file')
    const lines = (await readFile(await file(), 'utf8')).split('\n').filter((line) => line !== '')
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      { call_id: 'call_1', tool: 'write_file', at: expect.stringMatching(/^\d{4}-.*Z$/), state: 'started' },
    ])
    expect((await stat(await file())).mode & 0o777).toBe(0o600)
    expect((await stat(join(state, 'journal'))).mode & 0o777).toBe(0o700)
  })

  it('keeps the order of notes that were made at once', async () => {
    const journal = await openJournal(state, '/project', 1e6)
    await Promise.all(
      Array.from({ length: 20 }, (_, index) => [
        journal.started(`c${index}`, 't'),
        journal.finished(`c${index}`, 't'),
      ]).flat(),
    )
    const later = await openJournal(state, '/project', 1e6)
    for (let index = 0; index < 20; index++) expect(later.wasStarted(`c${index}`)).toBe(false)
  })

  it('reads on after half a line and after lines of another kind', async () => {
    const first = await openJournal(state, '/project', 1e6)
    await first.started('call_1', 'write_file')
    await appendFile(await file(), '[1]\nnull\n{"call_id":"call_x","state":"st')
    const second = await openJournal(state, '/project', 1e6)
    await second.started('call_2', 'write_file')
    const third = await openJournal(state, '/project', 1e6)
    expect(['call_1', 'call_2', 'call_x'].map((id) => third.wasStarted(id))).toEqual([true, true, false])
  })

  it('compacts to what never ended', async () => {
    const journal = await openJournal(state, '/project', 4000)
    await journal.started('open', 'execute_command')
    for (let index = 0; index < 60; index++) {
      await journal.started(`c${index}`, 'write_file')
      await journal.finished(`c${index}`, 'write_file')
    }
    expect((await stat(await file())).size).toBeLessThan(4200)
    expect(await readdir(join(state, 'journal'))).toHaveLength(1)
    expect((await stat(await file())).mode & 0o777).toBe(0o600)
    const later = await openJournal(state, '/project', 4000)
    expect(later.wasStarted('open')).toBe(true)
    expect(later.wasStarted('c59')).toBe(false)
  })
})
