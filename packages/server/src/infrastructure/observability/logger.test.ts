import { execFileSync } from 'node:child_process'
import { PassThrough } from 'node:stream'
import { setImmediate as turn } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { createLogger } from './logger.ts'

function logged() {
  const output = new PassThrough()
  const writes: string[] = []
  output.on('data', (bytes) => writes.push(String(bytes)))
  const log = createLogger({ logLevel: 'info', logFormat: 'json' }, output as unknown as NodeJS.WriteStream)
  return { log, writes }
}

it('shows no value of a name that could be a secret, and changes nothing for whoever logs', async () => {
  const { log, writes } = logged()
  const facts = { token: 't0p', headers: { authorization: 'Bearer t0p', accept: '*/*' }, list: ['t'], none: null }
  const error = Object.assign(new Error('refused'), { apiKey: 't0p', code: 'EACCES' })
  log.error('failed', { ...facts, error })
  await turn()
  const line = JSON.parse(writes.join(''))
  expect(writes.join('')).not.toContain('t0p')
  expect(line).toMatchObject({
    level: 'error',
    msg: 'failed',
    token: '[redacted]',
    headers: { authorization: '[redacted]', accept: '*/*' },
    list: ['t'],
    none: null,
    error: { message: 'refused', apiKey: '[redacted]', code: 'EACCES', stack: expect.any(String) },
  })
  expect(facts.headers.authorization).toBe('Bearer t0p')
})

it('writes the lines of one turn of the event loop at once, in their order', async () => {
  const { log, writes } = logged()
  for (const n of [1, 2, 3]) log.info(`line ${n}`)
  expect(writes).toEqual([])
  await turn()
  expect(writes).toHaveLength(1)
  expect(writes[0]?.match(/line \d/g)).toEqual(['line 1', 'line 2', 'line 3'])
})

it('loses no line of a process that ends at once', () => {
  const program = `
    const { createLogger } = await import(${JSON.stringify(new URL('logger.ts', import.meta.url).href)})
    createLogger({ logLevel: 'info', logFormat: 'json' }).error('the last words')
    process.exit(3)`
  const args = ['--conditions=codelab-source', '--input-type=module', '--eval', program]
  try {
    execFileSync(process.execPath, args, { encoding: 'utf8' })
    expect.unreachable()
  } catch (ended) {
    expect(ended).toMatchObject({ status: 3, stdout: expect.stringContaining('the last words') })
  }
})
