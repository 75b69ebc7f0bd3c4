import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Stage } from './stage.ts'

const page = '<!doctype html><title>Console</title><script type="module" src="/assets/index-a1b2c3.js"></script>'
const script = `console.log(${JSON.stringify('x'.repeat(4_000))})`

let folder: string
let stage: Stage
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'codelab-console-'))
  mkdirSync(join(folder, 'assets'))
  writeFileSync(join(folder, 'index.html'), page)
  writeFileSync(join(folder, 'icon.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>')
  writeFileSync(join(folder, 'assets', 'index-a1b2c3.js'), script)
  writeFileSync(join(folder, 'assets', 'index-a1b2c3.js.gz'), gzipSync(script))
  stage = await Stage.open({ consoleFolder: folder })
})
afterAll(async () => {
  await stage[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true })
})

const get = (url: string, headers: Record<string, string> = {}, method: 'GET' | 'HEAD' = 'GET') =>
  stage.app.inject({ method, url, headers })

describe('the page', () => {
  test('is answered without a key, and lets in only what this server has', async () => {
    const { statusCode, headers, body } = await get('/')
    expect([statusCode, body]).toEqual([200, page])
    expect(headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
    })
    const policy = String(headers['content-security-policy'])
    expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self';")
    expect(policy).toContain("frame-ancestors 'none'")
    expect(policy).not.toMatch(/unsafe|https?:|\*/)
  })

  test('is asked for again each time, and sent again only when it is another', async () => {
    const { headers } = await get('/?view=inbox')
    const again = await get('/', { 'if-none-match': String(headers.etag) })
    expect([again.statusCode, again.body]).toEqual([304, ''])
    expect(headers['cache-control']).toBe('no-cache')
  })

  test('has its head', async () => {
    const { statusCode, body } = await get('/', {}, 'HEAD')
    expect([statusCode, body]).toEqual([200, ''])
  })
})

describe('its files', () => {
  test('with a hash in their name are kept for a year', async () => {
    const { statusCode, headers, body } = await get('/assets/index-a1b2c3.js')
    expect([statusCode, body]).toEqual([200, script])
    expect(headers['content-type']).toMatch(/^(?:text|application)\/javascript/)
    expect(headers['cache-control']).toBe('public, max-age=31536000, immutable')
  })

  test('go out compressed where they are so', async () => {
    const { headers, rawPayload } = await get('/assets/index-a1b2c3.js', { 'accept-encoding': 'gzip' })
    expect(headers['content-encoding']).toBe('gzip')
    expect(rawPayload.length).toBeLessThan(200)
    expect((await get('/icon.svg', { 'accept-encoding': 'gzip' })).statusCode).toBe(200)
  })

  test.each([
    '/assets/none.js',
    '/assets/',
    '/assets/index-a1b2c3.js.gz',
    '/index.html',
    '/index',
    '/assets/..%2f..%2fpackage.json',
    '/assets/../index.html',
    '/sessions',
    '/anything',
  ])('%s is not one of them: 401 without a key, as ever', async (url) => {
    const { statusCode, body } = await get(url)
    expect([statusCode, body]).toEqual([401, '{"detail":"unauthorized"}'])
  })

  test('an unknown path with a key is 404, a wrong method 405', async () => {
    expect((await stage.call('GET', '/anything')).body.code).toBe('not_found')
    expect((await stage.call('POST', '/')).status).toBe(405)
  })
})

test('without a build one line says what to run', async () => {
  await using bare = await Stage.open()
  const { statusCode, headers, body } = await bare.app.inject({ url: '/' })
  expect(statusCode).toBe(404)
  expect(headers['content-type']).toContain('text/html')
  expect(body).toContain('npm run build')
})
