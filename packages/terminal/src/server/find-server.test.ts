import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type ScriptedServer, startScriptedServer } from '../../test/scripted-server.ts'
import { findServer } from './find-server.ts'
import { readClientId, readOrMakeKey } from './state-folder.ts'

let server: ScriptedServer
let folder: string

beforeEach(async () => {
  server = await startScriptedServer({ key: 'right' })
  folder = await mkdtemp(join(tmpdir(), 'codelab-state-'))
})

afterEach(async () => {
  await server.close()
  await rm(folder, { recursive: true, force: true })
})

const find = (env: Record<string, string>, more: object = {}) =>
  findServer({ env, stateFolder: folder, launcher: '/nowhere', mayStart: false, ...more })

describe('findServer', () => {
  it('uses the server that is named, with the key that is given', async () => {
    expect(await find({ CODELAB_INTERNAL_API_KEY: 'right,next' }, { server: server.url })).toMatchObject({
      url: server.url,
      key: 'right',
      kind: 'given',
    })
    expect(await find({ CODELAB_URL: `${server.url}/`, AGENT_RUNTIME__INTERNAL_API_KEY: 'right' })).toMatchObject({
      kind: 'given',
    })
    const keyFile = join(folder, 'k')
    await writeFile(keyFile, 'right\n')
    expect(await find({}, { server: server.url, keyFile })).toMatchObject({ key: 'right' })
  })

  it('uses a server on the usual port when it takes the key', async () => {
    const { port } = new URL(server.url)
    expect(await find({ PORT: port, CODELAB_INTERNAL_API_KEY: 'right' })).toMatchObject({
      url: server.url,
      kind: 'running',
    })
    await expect(find({ PORT: port })).rejects.toMatchObject({ exitCode: 69, message: 'No server runs' })
  })

  it('says that a key is refused, and where it came from, but not the key', async () => {
    const failure = find({ CODELAB_INTERNAL_API_KEY: 'secret-wrong' }, { server: server.url })
    await expect(failure).rejects.toMatchObject({
      exitCode: 77,
      details: [expect.stringContaining('CODELAB_INTERNAL_API_KEY')],
    })
    await expect(failure).rejects.not.toMatchObject({ details: [expect.stringContaining('secret-wrong')] })
  })

  it('says that nobody answers', async () => {
    await server.close()
    await expect(find({}, { server: server.url })).rejects.toMatchObject({
      exitCode: 69,
      message: `No server on ${new URL(server.url).host}`,
    })
  })

  it.each([
    [{ CODELAB_URL: 'ftp://x' }, {}, 78],
    [{}, { server: 'nonsense' }, 2],
    [{ CODELAB_INTERNAL_API_KEY: 'a', AGENT_RUNTIME__INTERNAL_API_KEY: 'b' }, {}, 78],
    [{ CODELAB_INTERNAL_API_KEY_FILE: '/does/not/exist' }, {}, 78],
  ])('refuses wrong settings: %j %j', async (env, more, exitCode) => {
    await expect(find(env as Record<string, string>, more)).rejects.toMatchObject({ exitCode })
  })
})

describe('the state folder', () => {
  it('makes one key, for this user only, and keeps it', async () => {
    const keys = await Promise.all([readOrMakeKey(folder), readOrMakeKey(folder), readOrMakeKey(folder)])
    expect(new Set(keys).size).toBe(1)
    expect(keys[0]).toMatch(/^[0-9a-f]{64}$/)
    expect((await stat(join(folder, 'key'))).mode & 0o777).toBe(0o600)
  })

  it('keeps the id of this installation', () => {
    const id = readClientId(folder)
    expect(id).toMatch(/^terminal-[0-9a-f]{16}$/)
    expect(readClientId(folder)).toBe(id)
  })
})
