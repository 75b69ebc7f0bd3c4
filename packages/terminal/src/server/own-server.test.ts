import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { findOwnServer, startOwnServer } from './own-server.ts'
import { readOrMakeKey } from './state-folder.ts'

let folder: string
let launcher: string

/** A server as small as one can be: health, the key, the announcement, one process for one database. */
const script = `
import { createServer } from 'node:http'
import { appendFileSync, openSync, readFileSync, writeFileSync } from 'node:fs'
const { env } = process
if (process.argv[2] !== 'serve') process.exit(9)
appendFileSync('started', process.pid + '\\n')
try { openSync('lock', 'wx') } catch { console.error('The database is in use by another process.'); process.exit(1) }
await new Promise((resolve) => setTimeout(resolve, 300))
const key = readFileSync(env.CODELAB_INTERNAL_API_KEY_FILE, 'utf8')
writeFileSync('environment.json', JSON.stringify(env))
const server = createServer((request, response) => {
  const ok = request.url === '/health' || request.headers['x-internal-auth'] === key
  response.writeHead(ok ? 200 : 401, { 'content-type': 'application/json' })
  response.end(JSON.stringify({ status: 'healthy', service: 'agent-runtime', version: '1', model: 'demo' }))
})
server.listen(0, '127.0.0.1', () => {
  const url = 'http://127.0.0.1:' + server.address().port
  writeFileSync(env.CODELAB_ANNOUNCE_FILE, JSON.stringify({ pid: process.pid, url, version: '1', started_at: '' }))
})
setTimeout(() => process.exit(), 15000)
`

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'codelab-state-'))
  launcher = join(folder, 'launcher.mjs')
  await writeFile(launcher, script)
})

afterEach(async () => {
  // End what was started here, by its own pid.
  const pids = await readFile(join(folder, 'started'), 'utf8').catch(() => '')
  for (const pid of pids.split('\n').filter(Boolean)) {
    try {
      process.kill(Number(pid), 'SIGKILL')
    } catch {
      // It has ended already.
    }
  }
  await rm(folder, { recursive: true, force: true })
})

async function start(env: Record<string, string> = {}, timeoutMs = 10_000) {
  const key = await readOrMakeKey(folder)
  return startOwnServer({ stateFolder: folder, launcher, env: { ...process.env, ...env }, key, timeoutMs })
}

describe('startOwnServer', () => {
  it('starts a server with its own settings and finds it again', async () => {
    const started = await start({
      PORT: '4242',
      AGENT_RUNTIME__DB_URL: 'sqlite:///elsewhere.db',
      AGENT_RUNTIME__INTERNAL_API_KEY: 'other',
    })
    expect(started).toMatchObject({ isNew: true, health: { model: 'demo' } })
    const env = JSON.parse(await readFile(join(folder, 'environment.json'), 'utf8')) as Record<string, string>
    expect(env).toMatchObject({
      PORT: '0',
      HOST: '127.0.0.1',
      CODELAB_DATABASE_URL: `sqlite:///${join(folder, 'codelab.db')}`,
    })
    expect(env).not.toHaveProperty('AGENT_RUNTIME__DB_URL')
    expect(env).not.toHaveProperty('AGENT_RUNTIME__INTERNAL_API_KEY')
    expect(await findOwnServer(folder, await readOrMakeKey(folder))).toMatchObject({ url: started.url })
    expect(await findOwnServer(folder, 'another key')).toBeUndefined()
    expect((await stat(join(folder, 'server.log'))).mode & 0o777).toBe(0o600)
  })

  it('ends with one server when three terminals start one at once', async () => {
    const all = await Promise.all([start(), start(), start()])
    expect(new Set(all.map(({ url }) => url)).size).toBe(1)
  })

  it('shows the last words of a server that cannot start', async () => {
    await writeFile(launcher, `console.error('✗ CodeLab cannot start: 1 setting is wrong'); process.exit(78)`)
    await expect(start()).rejects.toMatchObject({
      exitCode: 78,
      message: 'The server that was started ended',
      details: [
        'Its last words:',
        '  ✗ CodeLab cannot start: 1 setting is wrong',
        expect.stringContaining('server.log'),
      ],
    })
  })

  it('gives up on a server that never answers', async () => {
    await writeFile(
      launcher,
      `import { appendFileSync } from 'node:fs'; appendFileSync('started', process.pid + '\\n'); setTimeout(() => {}, 9000)`,
    )
    await expect(start({}, 600)).rejects.toMatchObject({
      exitCode: 69,
      message: 'The server that was started does not answer',
    })
  })

  it('empties a log that has grown too long', async () => {
    await writeFile(join(folder, 'server.log'), Buffer.alloc(6 * 1024 * 1024, 'x'))
    await start()
    expect((await stat(join(folder, 'server.log'))).size).toBeLessThan(1024)
  })
})

describe('findOwnServer', () => {
  it.each(['', '{', '{"url":"http://10.0.0.1:80"}', '{"url":"https://example.com"}', '{"url":7}'])(
    'does not follow %j',
    async (text) => {
      await writeFile(join(folder, 'server.json'), text)
      expect(await findOwnServer(folder, 'key', 200)).toBeUndefined()
    },
  )
})
