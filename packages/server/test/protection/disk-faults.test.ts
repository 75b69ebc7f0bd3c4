import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, test, vi } from 'vitest'
import { exchange } from '../exchange.ts'
import { internalKey, ServerProcess } from '../server-process.ts'

// Each starts the server several times.
vi.setConfig({ testTimeout: 180_000 })

const database = 'runtime.db'

async function call(server: ServerProcess, method: string, path: string, body?: unknown) {
  const headers = { 'x-internal-auth': internalKey, 'content-type': 'application/json' }
  const sent = body === undefined ? {} : { body: JSON.stringify(body) }
  const answer = await exchange(server.url, { method, path, headers, ...sent })
  if (!answer) throw new Error('no answer')
  return answer
}

async function say(server: ServerProcess, content: string, session = 's1'): Promise<string> {
  return (await call(server, 'POST', '/agent/message/stream', { session_id: session, message: { content } })).body
}

function serverOver(file: string, options: { readonly preload?: string; readonly env?: Record<string, string> } = {}) {
  return new ServerProcess({ ...options, env: { CODELAB_DATABASE_URL: `sqlite:///${file}`, ...options.env } })
}

async function refusalOf(server: ServerProcess): Promise<string> {
  const error = await server.start().then(
    () => undefined,
    (thrown: Error) => thrown,
  )
  return error?.message ?? 'it started'
}

function succeeds(name: string, ...args: string[]): boolean {
  try {
    execFileSync(name, args, { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

test('a read-only disk: the start is refused with a clear line', async (context) => {
  const disk = mkdtempSync(join(tmpdir(), 'codelab-readonly-'))
  if (!succeeds('mount', '-t', 'tmpfs', '-o', 'size=16m', 'tmpfs', disk)) {
    rmSync(disk, { recursive: true })
    return context.skip('mounting a file system is not allowed here')
  }
  try {
    await using server = serverOver(join(disk, 'a.db'))
    await server.start()
    expect(await say(server, 'hello')).toContain('"is_final":true')
    await server.stop()
    expect(succeeds('mount', '-o', 'remount,ro', disk)).toBe(true)
    const refusal = await refusalOf(server)
    expect(refusal).toMatch(/the server ended with 1/)
    expect(refusal).toMatch(/CodeLab cannot start\n +The database .* cannot be opened\. The database is read-only/)
    expect(refusal).not.toMatch(/\n +at /)
    expect(succeeds('mount', '-o', 'remount,rw', disk)).toBe(true)
    await server.start()
    expect((await call(server, 'GET', '/sessions/s1')).status).toBe(200)
  } finally {
    succeeds('umount', '-l', disk)
    rmSync(disk, { recursive: true })
  }
})

test('another program that keeps the lock: refused after 5 s, reads and the rest go on, nothing half is stored', async () => {
  await using server = serverOver(database)
  await server.start()
  expect(await say(server, 'hello')).toContain('"is_final":true')
  using other = new DatabaseSync(join(server.folder, database))
  other.exec('begin exclusive')
  const started = performance.now()
  const writing = Promise.all([
    call(server, 'POST', '/sessions', { session_id: 'never' }),
    say(server, 'again'),
    say(server, 'first', 'never-too'),
  ])
  expect((await call(server, 'GET', '/health/live')).status).toBe(200)
  const [created, again, first] = await writing
  expect(performance.now() - started).toBeGreaterThan(4_500)
  expect([created.status, JSON.parse(created.body).code]).toEqual([503, 'storage_busy'])
  expect(created.headers['retry-after']).toMatch(/^\d+$/)
  expect(JSON.parse(created.body).request_id).toBe(created.headers['x-request-id'])
  for (const body of [again, first]) {
    expect(body).toContain('"code":"storage_busy"')
    expect(body.trimEnd()).toMatch(/event: done\r\ndata: [^\n]*$/)
  }
  other.exec('rollback')
  for (const id of ['never', 'never-too']) expect((await call(server, 'GET', `/sessions/${id}`)).status).toBe(404)
  expect(await say(server, 'again')).toContain('"is_final":true')
  const { messages } = JSON.parse((await call(server, 'GET', '/sessions/s1/history')).body)
  expect(messages.map(({ role }: { role: string }) => role)).toEqual(['user', 'assistant', 'user', 'assistant'])
})

test('a sync that fails: nothing is shown that is not on the disk, the process ends, the next start works', async () => {
  await using server = serverOver(database, { preload: 'fail-sync.mjs', env: { FAIL_SYNC_FILE: 'broken-disk' } })
  await server.start()
  expect(await say(server, 'hello')).toContain('"is_final":true')
  writeFileSync(join(server.folder, 'broken-disk'), '')
  const answer = await say(server, 'lost').catch(() => '')
  expect(answer).not.toContain('assistant_message')
  if (answer !== '') expect(answer).toMatch(/"code":"(storage_unavailable|shutting_down)"/)
  expect(await server.ended()).toBe(1)
  expect(server.output).toMatch(/the store failed; the server ends/)

  rmSync(join(server.folder, 'broken-disk'))
  await server.start()
  const { messages } = JSON.parse((await call(server, 'GET', '/sessions/s1/history')).body)
  expect(messages[0].content).toBe('hello')
  expect(messages[1].role).toBe('assistant')
  expect(await say(server, 'again')).toContain('"is_final":true')
})

test('damaged pages: never an error of ours, and a restart says what to do', async () => {
  await using server = serverOver(database)
  await server.start()
  for (let n = 0; n < 6; n++) await say(server, `hello ${'x'.repeat(50_000)}`, `s${n % 3}`)
  await server.stop()
  const file = join(server.folder, database)
  const whole = readFileSync(file)
  const page = 4_096

  // All but the first page, which tells the schema.
  writeFileSync(file, Buffer.concat([whole.subarray(0, page), Buffer.alloc(whole.length - page, 0xff)]))
  expect(await refusalOf(server)).toMatch(/cannot start\n +The database .* (is damaged|cannot be opened)/)

  // Every second page of the later half: what is there when the server starts is whole.
  const damaged = Buffer.from(whole)
  for (let at = Math.floor(damaged.length / page / 2) * page; at < damaged.length; at += 2 * page) {
    damaged.fill(0xff, at, at + page)
  }
  writeFileSync(file, damaged)
  const refusal = await refusalOf(server)
  if (refusal !== 'it started') {
    expect(refusal).toMatch(/The database .* is damaged/)
    return
  }
  const answers = []
  for (let n = 0; n < 3; n++) {
    answers.push(await call(server, 'GET', `/sessions/s${n}/history`))
    const body = await say(server, 'and now?', `s${n}`)
    expect(body).toMatch(/"is_final":true|"code":"storage_unavailable"/)
    expect(body).not.toContain('"code":"internal"')
  }
  for (const { status, body } of answers) {
    expect([200, 503]).toContain(status)
    if (status === 503) expect(JSON.parse(body)).toMatchObject({ code: 'storage_unavailable' })
  }
  expect(answers.map(({ status }) => status)).toContain(503)
})

test('a folder in the place of the database: refused with a clear line', async () => {
  await using server = serverOver(database)
  mkdirSync(join(server.folder, database))
  expect(await refusalOf(server)).toMatch(/cannot start\n +The database .* It is a folder/)
  expect(statSync(join(server.folder, database)).isDirectory()).toBe(true)
})
