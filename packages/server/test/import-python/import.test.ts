import { createHash } from 'node:crypto'
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { buildHistory } from '../../src/application/run/request.ts'
import type { CommandOutput } from '../../src/cli/config.ts'
import { runImportPython } from '../../src/cli/import-python.ts'
import { createStyle } from '../../src/cli/style.ts'
import type { PythonImportReport } from '../../src/compose/import-python.ts'
import { openSqliteStore } from '../../src/infrastructure/persistence/sqlite/open-store.ts'
import { systemClock } from '../../src/infrastructure/system-clock.ts'
import { refusedBecause } from '../strict-provider.ts'
import { fillWithDefects, type PythonRows } from './python-schema.ts'
import { makePythonFile } from './python-sqlite.ts'

const quiet = { debug() {}, info() {}, warn() {}, error() {} }

let cwd: string
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'codelab-import-'))
})
afterEach(() => rmSync(cwd, { recursive: true }))

const open = () =>
  openSqliteStore({ file: join(cwd, 'ours.db'), durability: 'normal', clock: systemClock, log: quiet, onFatal() {} })

async function run(options: { apply?: boolean; owner?: string; from?: string } = {}, json = true) {
  let text = ''
  const write = (piece: string) => {
    text += piece
  }
  const output: CommandOutput = { json, style: createStyle('plain', 100), write }
  const env = { CODELAB_DATABASE_URL: 'sqlite:///ours.db' }
  const given = { from: 'theirs.db', apply: false, ...options }
  const exitCode = await runImportPython({ flags: {}, env, cwd }, given, output)
  return { exitCode, text, report: () => JSON.parse(text) as PythonImportReport }
}

function make(fill: (rows: PythonRows) => void = fillWithDefects): string {
  const file = join(cwd, 'theirs.db')
  makePythonFile(file, fill)
  return file
}

const digest = (file: string) => createHash('sha256').update(readFileSync(file)).digest('hex')

/** What a model is given of each session, and what waits. */
async function imported(owner = 'service') {
  const store = await open()
  try {
    return await store.unitOfWork.read(async (tx) => {
      const { sessions } = await tx.sessions.list({ ownerId: owner, limit: 1000, offset: 0, activeOnly: false })
      const all = []
      for (const session of sessions) {
        const stored = await tx.messages.list(session.sid)
        const waiting = (await tx.calls.list(session.sid, 'open')).map(({ callId, state }) => ({ callId, state }))
        const switches = (await tx.switches.list(session.sid)).map(({ from, to }) => `${from} > ${to}`)
        const events = await tx.log.readAfter(session.sid, 0, 1000)
        all.push({ session, stored, waiting, switches, events, ...buildHistory(stored) })
      }
      return new Map(all.map((row) => [row.session.externalId, row]))
    })
  } finally {
    await store.close()
  }
}

describe('a dry run', () => {
  it('says what would be taken, mended and left out, and writes nothing', async () => {
    const file = make()
    const before = digest(file)
    const { exitCode, text } = await run({}, false)
    expect(exitCode).toBe(0)
    expect(text).toContain('would be taken')
    expect(text).toMatch(/in the source +11 +31 +2 +4\n/)
    expect(text).toContain('1 session: deleted there')
    expect(text).toContain('1 approval: of no session')
    expect(text).toContain('Nothing was changed.')
    expect(readdirSync(cwd)).toEqual(['theirs.db'])
    expect(digest(file)).toBe(before)
  })

  it('plans exactly what is done afterwards', async () => {
    make()
    const planned = (await run()).report()
    const done = (await run({ apply: true })).report()
    expect(done).toEqual({ ...planned, applied: true, ours: planned.taken })
  })
})

describe('an import', () => {
  it('gives every session a history that a strict provider takes', async () => {
    make()
    const { report, exitCode } = await run({ apply: true })
    expect(exitCode).toBe(0)
    expect(report().unsound).toEqual([])
    const sessions = await imported()
    expect(sessions.size).toBe(11)
    for (const [id, { messages, repairs, waiting }] of sessions) {
      expect([id, repairs]).toEqual([id, waiting.length])
      expect([id, refusedBecause(messages)]).toEqual([id, undefined])
    }
  })

  it('keeps what was stored rightly: texts, order, times, title, agent', async () => {
    make()
    await run({ apply: true })
    const sound = (await imported()).get('sound')
    expect(sound?.session).toMatchObject({ title: 'write it', currentAgent: 'coder', state: 'idle', isActive: true })
    expect(new Date(sound?.session.createdAt ?? 0).toISOString()).toBe('2026-01-18T20:00:01.000Z')
    expect(sound?.stored.map(({ role, parts }) => [role, parts])).toEqual([
      ['user', [{ type: 'text', text: 'write it' }]],
      [
        'assistant',
        [{ type: 'tool-call', callId: 'call_1', tool: 'write_file', argumentsJson: '{"path":"a.py","content":"x"}' }],
      ],
      ['tool', [{ type: 'tool-result', callId: 'call_1', tool: 'write_file', text: '{"success": true}' }]],
      ['assistant', [{ type: 'text', text: 'Done' }]],
    ])
    expect(sound?.events.map(({ type }) => type)).toEqual([
      'session.created',
      'turn.started',
      ...['message.created', 'message.created', 'tool_call.created', 'message.created', 'tool_result.created'],
      ...['message.created', 'turn.ended'],
    ])
  })

  it('mends what the Python service stored wrongly', async () => {
    make()
    const { report } = await run({ apply: true })
    const mends = Object.fromEntries(report().mends.map(({ mend, count }) => [mend, count]))
    expect(mends).toMatchObject({
      call_rebuilt: 2,
      call_of_approval: 1,
      result_doubled: 1,
      result_lost: 1,
      call_closed: 1,
      approval_refused: 1,
      approval_stale: 1,
      system_left_out: 1,
      fault_left_out: 1,
      switch_mended: 2,
      agent_found: 1,
    })
    const sessions = await imported()
    const texts = (id: string) => sessions.get(id)?.messages.map(({ role, parts }) => [role, parts[0]])
    expect(texts('d4-links-lost')?.slice(1, 5)).toEqual([
      ['assistant', { type: 'tool-call', callId: 'call_imported_1', tool: 'read_file', argumentsJson: '{}' }],
      ['tool', expect.objectContaining({ text: 'text of a' })],
      ['assistant', expect.objectContaining({ tool: 'write_file', argumentsJson: '{"path":"b"}' })],
      ['tool', expect.objectContaining({ callId: 'call_imported_2' })],
    ])
    expect(sessions.get('d6-switches')?.switches).toEqual(['orchestrator > architect', 'architect > coder'])
    expect(texts('d7-null')?.[2]?.[1]).toMatchObject({ text: expect.stringMatching(/^Error: The tool failed or/) })
    expect(texts('d9-refused')?.[2]?.[1]).toMatchObject({ text: expect.stringMatching(/^Error: .*not/) })
    expect(texts('d10-unanswered')?.[2]?.[1]).toMatchObject({ text: expect.stringContaining('superseded') })
    expect(texts('d12-two-results')?.[2]?.[1]).toMatchObject({ text: '{"success": true}' })
  })

  it('has a person decide about what waited, and about nothing else', async () => {
    make()
    await run({ apply: true })
    const waiting = [...(await imported())].filter(([, row]) => row.waiting.length > 0)
    expect(waiting.map(([id, row]) => [id, row.session.state, row.session.currentAgent, row.waiting]).sort()).toEqual([
      ['waits', 'awaiting_approval', 'coder', [{ callId: 'call_6', state: 'awaiting_approval' }]],
      ['waits-call-lost', 'awaiting_approval', 'coder', [{ callId: 'call_7', state: 'awaiting_approval' }]],
    ])
  })

  it('doubles nothing when it is repeated, and takes what is new', async () => {
    const file = make()
    await run({ apply: true })
    const first = await imported()
    rmSync(file)
    make((rows) => {
      fillWithDefects(rows)
      rows.message('sound', { role: 'user', content: 'one more' })
      rows.session({ id: 'new' }, [{ role: 'user', content: 'hello' }])
    })
    const { report, exitCode } = await run({ apply: true })
    expect(exitCode).toBe(0)
    expect(report()).toMatchObject({ taken: { sessions: 1, messages: 1 }, ours: { sessions: 12 } })
    expect(report().leftOut).toEqual([
      { reason: 'taken_before', count: 10, sessions: expect.any(Array) },
      { reason: 'moved_on', count: 1, sessions: ['sound'] },
    ])
    const second = await imported()
    second.delete('new')
    expect(second).toEqual(first)
  })

  it('does not bring back what was deleted here, nor touches a session of the same id', async () => {
    make((rows) => {
      rows.session({ id: 'a' }, [{ role: 'user', content: 'hello' }])
      rows.session({ id: 'b' }, [{ role: 'user', content: 'hello' }])
    })
    const store = await open()
    await store.unitOfWork.transact((tx) =>
      tx.sessions.create({ sid: '1', ownerId: 'service', externalId: 'b', createdAt: 1, currentAgent: 'coder' }),
    )
    await store.close()
    expect((await run({ apply: true })).report().leftOut).toEqual([{ reason: 'id_taken', count: 1, sessions: ['b'] }])
    const again = await open()
    await again.unitOfWork.transact(async (tx) => {
      const session = await tx.sessions.find('service', 'a')
      if (session) await tx.sessions.remove(session.sid, 5)
    })
    await again.close()
    expect((await run({ apply: true })).report().leftOut).toEqual([
      { reason: 'deleted_here', count: 1, sessions: ['a'] },
      { reason: 'id_taken', count: 1, sessions: ['b'] },
    ])
  })

  it('gives the sessions to the owner that is named', async () => {
    make()
    expect((await run({ apply: true, owner: 'alice' })).exitCode).toBe(0)
    expect((await imported('alice')).size).toBe(11)
    expect((await imported()).size).toBe(0)
  })
})

describe('refusals', () => {
  it.each(['алиса', 'a,b', 'a b'])('of an owner that nobody can be: %s', async (owner) => {
    make()
    const { exitCode, text } = await run({ apply: true, owner })
    expect([exitCode, text]).toEqual([1, expect.stringContaining('The owner is no name of a user')])
    expect(readdirSync(cwd)).toEqual(['theirs.db'])
  })

  it('of the file that the settings name, which then gets no file beside it', async () => {
    makePythonFile(join(cwd, 'ours.db'), fillWithDefects)
    const { exitCode, text } = await run({ from: 'ours.db', apply: true })
    expect([exitCode, text]).toEqual([1, expect.stringContaining('take AGENT_RUNTIME__DB_URL out')])
    expect(readdirSync(cwd)).toEqual(['ours.db'])
  })

  it('while a server has the database open', async () => {
    make()
    const store = await open()
    const { exitCode, text } = await run({ apply: true })
    await store.close()
    expect(exitCode).toBe(1)
    expect(text).toMatch(/in use by another CodeLab process \(pid \d+\)/)
  })

  it('of a file that is not there, is something else, or is one of ours', async () => {
    expect((await run()).text).toContain('There is no file')
    await (await open()).close()
    symlinkSync('ours.db', join(cwd, 'ours-too.db'))
    for (const from of ['ours.db', 'ours-too.db'])
      expect((await run({ from })).text).toContain('Set CODELAB_DATABASE_URL to a new file')
    copyFileSync(join(cwd, 'ours.db'), join(cwd, 'copy.db'))
    expect((await run({ from: 'copy.db' })).text).toContain('it is one of this server')
    expect((await run({ from: import.meta.filename })).text).toContain('it is no SQLite file')
  })
})
