import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { runBackup, runRestore } from '../../src/cli/backup.ts'
import { runCleanup } from '../../src/cli/cleanup.ts'
import type { CommandOutput } from '../../src/cli/config.ts'
import { runDebugBundle } from '../../src/cli/debug-bundle.ts'
import { runDoctor } from '../../src/cli/doctor.ts'
import { runKeysCreate, runKeysList, runKeysRevoke } from '../../src/cli/keys.ts'
import { runPause } from '../../src/cli/pause.ts'
import { runShow } from '../../src/cli/show.ts'
import { createStyle } from '../../src/cli/style.ts'
import { runUsage } from '../../src/cli/usage.ts'
import { compose, type Runtime } from '../../src/compose.ts'
import { loadConfig } from '../../src/config.ts'
import { framesOf } from '../api/stage.ts'

const key = 'a-key-of-the-commands-test-0123456789'
const quiet = { debug() {}, info() {}, warn() {}, error() {} }

let cwd: string
let runtime: Runtime | undefined
let url: string
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'codelab-operate-'))
})
afterEach(async () => {
  await stop()
  rmSync(cwd, { recursive: true })
})

function sources() {
  const env = {
    PORT: '0',
    CODELAB_INTERNAL_API_KEY: key,
    CODELAB_DATABASE_URL: 'sqlite:///runtime.db',
    CODELAB_ANNOUNCE_FILE: 'server.json',
  }
  return { flags: {}, env, cwd }
}

async function start(): Promise<void> {
  runtime = await compose(await loadConfig(sources()), quiet, (error) => {
    throw error
  })
  await runtime.application.recover()
  await runtime.app.listen({ host: '127.0.0.1', port: 0 })
  url = `http://127.0.0.1:${(runtime.app.server.address() as AddressInfo).port}`
  writeFileSync(join(cwd, 'server.json'), JSON.stringify({ url }))
}

async function stop(): Promise<void> {
  await runtime?.application.shutDown(0)
  await runtime?.app.close()
  await runtime?.store.close()
  runtime = undefined
}

async function call(method: string, path: string, body?: unknown) {
  const response = await fetch(`${url}${path}`, {
    method,
    headers: { 'x-internal-auth': key, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  return { status: response.status, text: await response.text() }
}

async function send(session: string, content: string) {
  const message = { type: 'user_message', content }
  return framesOf((await call('POST', '/agent/message/stream', { session_id: session, message })).text)
}

async function run(work: (output: CommandOutput) => Promise<number>, json = false) {
  let text = ''
  const write = (piece: string) => {
    text += piece
  }
  const exitCode = await work({ json, style: createStyle('plain', 100), write })
  return { exitCode, text }
}

/** Once over a running server and once over the database alone: the command finds out by itself. */
describe.each(['a running server', 'the database alone'])('over %s', (over) => {
  async function ready(): Promise<void> {
    await start()
    await send('s1', 'What is in this project? The word is heliotrope.')
    await call('POST', '/sessions', { session_id: 'empty' })
    if (over === 'the database alone') await stop()
  }

  it('cleanup says what would go, and then removes exactly that', async () => {
    await ready()
    await new Promise((resolve) => setTimeout(resolve, 1_100))
    const options = { olderThan: '1s' }
    const dry = await run((output) => runCleanup(sources(), { ...options, dryRun: true }, output))
    expect(dry.text).toMatch(/^ {2}empty {2}no title .* 0 messages {2}0 B\n/m)
    expect(dry.text).toContain('1 session would go')
    expect(dry.text).toContain('Nothing was changed.')
    const done = await run((output) => runCleanup(sources(), { ...options, dryRun: false }, output), true)
    expect(JSON.parse(done.text).sessions).toMatchObject([{ session_id: 'empty' }])
    const again = await run((output) => runCleanup(sources(), { ...options, dryRun: true }, output), true)
    expect(JSON.parse(again.text)).toMatchObject({ count: 0, rule: { idle_seconds: 1, empty_only: false } })
  })

  it('show tells the turns of a session, and nothing of one that does not exist', async () => {
    await ready()
    const shown = await run((output) => runShow(sources(), { session: 's1', timeline: true }, output))
    expect(shown.exitCode).toBe(0)
    expect(shown.text).toMatch(/turn of \w+ +/)
    expect(shown.text).toMatch(/run on message, .* (awaiting_tool|completed)/)
    const unknown = await run((output) => runShow(sources(), { session: 'nobody', timeline: true }, output))
    expect(unknown).toEqual({ exitCode: 1, text: '✗ Session nobody not found\n' })
  })

  it('usage tells what was used, and of whom', async () => {
    await ready()
    const day = new Date().toISOString().slice(0, 10)
    const shown = await run((output) => runUsage(sources(), { by: ['day', 'user'] }, output))
    expect(shown.text).toMatch(/^everybody, \d{4}-\d\d-\d\d to \d{4}-\d\d-\d\d \(UTC\)\n {2}day +user +turns +calls/)
    expect(shown.text).toMatch(new RegExp(`\\n {2}${day} {2}service +1 +\\d+ .*\\n {2}total +1 +`))
    const nobody = await run((output) => runUsage(sources(), { by: ['day'], user: 'nobody', to: day }, output), true)
    expect(JSON.parse(nobody.text)).toMatchObject({ to: day, user: 'nobody', total: { turns: 0 }, rows: [] })
  })

  it('keys are made, listed and revoked', async () => {
    await ready()
    const made = await run((output) =>
      runKeysCreate(sources(), { user: 'alice', rate: '60/min', expires: '90d' }, output),
    )
    expect(made.text).toMatch(/^clk_[\w-]{43}\n\nThe key of alice, shown this once/)
    const token = made.text.slice(0, 47)
    const listed = await run((output) => runKeysList(sources(), undefined, output))
    expect(listed.text).toMatch(/alice {2}clk_\S{4}… {2}made \S+ {2}never used {2}until \S+, 60 in 60 s\n\n1 key\.\n$/)
    expect(listed.text).not.toContain(token)
    const wrong = await run((output) => runKeysCreate(sources(), { user: 'alice', rate: 'fast' }, output))
    expect(wrong).toEqual({ exitCode: 1, text: "✗ 'fast' is no rate\n  Use one such as 60/min.\n" })
    const ask = async () => (await fetch(`${url}/sessions`, { headers: { authorization: `Bearer ${token}` } })).status
    if (runtime) expect(await ask()).toBe(200)
    const done = await run((output) => runKeysRevoke(sources(), { user: 'alice' }, output))
    expect(done).toEqual({ exitCode: 0, text: '1 key revoked.\n' })
    if (runtime) expect(await ask()).toBe(401)
    const again = await run((output) => runKeysRevoke(sources(), { user: 'alice' }, output))
    expect(again.exitCode).toBe(1)
    expect(again.text).toContain('There is no such key')
  })

  it('backup makes a whole copy, which restore puts back', async () => {
    await ready()
    const made = await run((output) => runBackup(sources(), 'copy.db', output))
    expect(made).toMatchObject({ exitCode: 0, text: expect.stringMatching(/^Backed up to copy\.db, \d+ kB\.\n$/) })
    expect(statSync(join(cwd, 'copy.db')).mode & 0o077).toBe(0)
    expect(readdirSync(join(cwd, 'runtime.db.backups'))).toEqual([])
    if (!runtime) await start()
    await call('DELETE', '/sessions/s1')
    const busy = await run((output) => runRestore(sources(), 'copy.db', output))
    expect(busy.exitCode).toBe(1)
    expect(busy.text).toContain('in use by another CodeLab process')
    await stop()
    const restored = await run((output) => runRestore(sources(), 'copy.db', output))
    expect(restored.text).toContain('Restored: 2 sessions')
    expect(readdirSync(cwd).filter((name) => name.startsWith('runtime.db.before-restore-'))).toHaveLength(1)
    await start()
    expect((await call('GET', '/sessions/s1')).status).toBe(200)
  })

  it('the debug bundle holds facts, and neither a key nor a message', async () => {
    await ready()
    const made = await run((output) => runDebugBundle(sources(), { session: 's1', file: 'bundle.json' }, output))
    expect(made.exitCode).toBe(0)
    const text = readFileSync(join(cwd, 'bundle.json'), 'utf8')
    expect(text).not.toContain(key)
    expect(text).not.toContain('heliotrope')
    const bundle = JSON.parse(text)
    expect(bundle.counts.sessions).toBe(2)
    expect(bundle.session.events.map((event: { type: string }) => event.type)).toContain('run.started')
    const again = await run((output) => runDebugBundle(sources(), { file: 'bundle.json' }, output))
    expect(again).toMatchObject({ exitCode: 1, text: expect.stringContaining('there is a file of that name already') })
  })

  it('pause is kept, is shown by the doctor, refuses turns and ends with --off', async () => {
    await ready()
    expect((await run((output) => runPause(sources(), false, output))).exitCode).toBe(0)
    await stop()
    const sick = await run((output) => runDoctor(sources(), output, { screen: {} }))
    expect(sick.text).toMatch(/✗ Turns +paused by an operator since /)
    await start()
    expect(await send('s2', 'hello')).toMatchObject([
      { event: 'error', data: { code: 'overloaded', retryable: true, retry_after: 30 } },
      { event: 'done' },
    ])
    expect((await call('GET', '/sessions/s2')).status).toBe(404)
    expect(JSON.parse((await call('GET', '/health/ready')).text).details).toMatchObject({ paused: true })
    await run((output) => runPause(sources(), true, output))
    expect((await send('s2', 'hello')).at(-2)?.event).toBe('message')
  })
})

describe('restore', () => {
  it.each([
    ['a file that is no database', (file: string) => writeFileSync(file, 'no database '.repeat(500))],
    ['a database of another program', (file: string) => new DatabaseSync(file).exec('create table t (a)')],
    [
      'a database of a newer version',
      (file: string) =>
        new DatabaseSync(file).exec(
          "create table kysely_migration (name); insert into kysely_migration values ('999-x')",
        ),
    ],
    ['a file that is not there', () => undefined],
  ])('refuses %s and changes nothing', async (_, make) => {
    await start()
    await stop()
    const before = readdirSync(cwd).sort()
    const size = statSync(join(cwd, 'runtime.db')).size
    make(join(cwd, 'given.db'))
    const { exitCode, text } = await run((output) => runRestore(sources(), 'given.db', output))
    expect(exitCode).toBe(1)
    expect(text).toContain('Nothing was changed.')
    rmSync(join(cwd, 'given.db'), { force: true })
    expect(readdirSync(cwd).sort()).toEqual(before)
    expect(statSync(join(cwd, 'runtime.db')).size).toBe(size)
  })

  it('puts a backup in the place of a damaged database', async () => {
    await start()
    await call('POST', '/sessions', { session_id: 's1' })
    await run((output) => runBackup(sources(), 'copy.db', output))
    await stop()
    writeFileSync(join(cwd, 'runtime.db'), 'damaged '.repeat(2_000))
    expect((await run((output) => runRestore(sources(), 'copy.db', output))).exitCode).toBe(0)
    await start()
    expect((await call('GET', '/sessions/s1')).status).toBe(200)
  })
})

it('the API refuses ages that are none, and what has no key', async () => {
  await start()
  expect((await call('POST', '/maintenance/cleanup', { older_than: 'soon' })).status).toBe(422)
  expect((await call('POST', '/maintenance/cleanup', { older_than: '0s' })).status).toBe(422)
  const response = await fetch(`${url}/maintenance/pause`, { method: 'POST', body: '{"paused":true}' })
  expect(response.status).toBe(401)
})
