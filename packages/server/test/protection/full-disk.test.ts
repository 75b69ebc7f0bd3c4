import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { exchange } from '../exchange.ts'
import { internalKey, ServerProcess } from '../server-process.ts'

function command(name: string, ...args: string[]): void {
  execFileSync(name, args, { stdio: 'ignore' })
}

/** A disk of its own; undefined where that is not allowed. */
function mountSmallDisk() {
  const path = mkdtempSync(join(tmpdir(), 'codelab-disk-'))
  try {
    command('mount', '-t', 'tmpfs', '-o', 'size=16m', 'tmpfs', path)
  } catch {
    rmSync(path, { recursive: true })
    return undefined
  }
  return {
    path,
    [Symbol.dispose]: () => {
      command('umount', '-l', path)
      rmSync(path, { recursive: true })
    },
  }
}

test('a full disk: not ready, writes refused, reads go on; works again when there is space', async (context) => {
  using disk = mountSmallDisk()
  if (!disk) return context.skip('mounting a small file system is not allowed here')
  mkdirSync(join(disk.path, 'db'))
  await using server = await ServerProcess.start({ env: { CODELAB_DATABASE_URL: `sqlite:///${disk.path}/db/a.db` } })
  const call = async (method: string, path: string, body?: unknown) => {
    const headers = { 'x-internal-auth': internalKey, 'content-type': 'application/json' }
    const sent = body === undefined ? {} : { body: JSON.stringify(body) }
    const answer = await exchange(server.url, { method, path, headers, ...sent })
    if (!answer) throw new Error('no answer')
    return answer
  }
  const say = async (content: string) => {
    const body = { session_id: 'full', message: { content } }
    return (await call('POST', '/agent/message/stream', body)).body
  }
  expect(await say('hello')).toContain('"is_final":true')
  expect((await call('GET', '/health/ready')).status).toBe(200)

  const ballast = join(disk.path, 'ballast')
  let pieces = 0
  for (let size = 1_048_576; size >= 4_096; ) {
    try {
      writeFileSync(`${ballast}-${pieces}`, Buffer.alloc(size))
      pieces += 1
    } catch {
      rmSync(`${ballast}-${pieces}`, { force: true })
      size /= 4
    }
  }
  const ready = await call('GET', '/health/ready')
  expect(ready.status).toBe(503)
  expect(JSON.parse(ready.body).details).toMatchObject({ database: 'ok', disk: 'low', draining: false })
  expect(JSON.parse((await call('GET', '/health')).body).status).toBe('unhealthy')

  const refused = await say('x'.repeat(400_000))
  expect(refused).toContain('"code":"storage_unavailable"')
  expect(refused).not.toContain(disk.path)
  let last = await call('POST', '/sessions', {})
  for (let n = 0; last.status === 201 && n < 2_000; n++) last = await call('POST', '/sessions', {})
  expect([last.status, JSON.parse(last.body).code]).toEqual([503, 'storage_unavailable'])
  expect(last.headers['retry-after']).toMatch(/^\d+$/)
  const before = JSON.parse((await call('GET', '/sessions/full/history')).body)
  expect(before.messages[0].content).toBe('hello')

  for (let n = 0; n < pieces; n++) rmSync(`${ballast}-${n}`)
  expect((await call('GET', '/health/ready')).status).toBe(200)
  expect(await say('again')).toContain('"is_final":true')
  const after = JSON.parse((await call('GET', '/sessions/full/history')).body)
  expect(after.messages.length).toBeGreaterThan(before.messages.length)
})
