import { describe, expect, it } from 'vitest'
import { readConfig } from '../config.ts'
import { checkKeys, DEFAULT_KEY, internalKeys } from './access.ts'
import { isLoopback } from './loopback.ts'
import { isFault } from './problems.ts'

const LONG = 'k'.repeat(16)

describe('isLoopback', () => {
  it.each(['127.0.0.1', '127.8.9.10', '::1', '0:0:0:0:0:0:0:1', '::ffff:127.0.0.1', 'localhost', 'LOCALHOST'])(
    'takes %s',
    (host) => {
      expect(isLoopback(host)).toBe(true)
    },
  )
  it.each(['0.0.0.0', '::', '10.0.0.1', '128.0.0.1', '127.0.0.1.example.com', 'localhost.example.com', ''])(
    'refuses %s',
    (host) => {
      expect(isLoopback(host)).toBe(false)
    },
  )
})

describe('internalKeys', () => {
  it('is a list', () => {
    expect(internalKeys('current, next', '')).toEqual({ value: ['current', 'next'] })
  })
  it.each(['abc,,def', 'with\ttab', 'ключ', 'line\nbreak'])('refuses %j without repeating it', (text) => {
    const parsed = internalKeys(text, '')
    expect(isFault(parsed) && parsed.fault).toBeTruthy()
    expect(JSON.stringify(parsed)).not.toContain(text)
  })
})

describe('checkKeys', () => {
  const local = { host: '127.0.0.1', empty: false }
  const open = { host: '0.0.0.0', empty: false }
  const production = { ...local, production: 'NODE_ENV=production' }

  it('accepts the default on loopback, and a short key with a note', () => {
    expect(checkKeys([DEFAULT_KEY], local)).toEqual({})
    expect(checkKeys(['short'], local)).toEqual({ note: 'a key of 5 characters is accepted on loopback only' })
  })
  it('accepts long keys anywhere', () => {
    expect([checkKeys([LONG, LONG], open), checkKeys([LONG], production)]).toEqual([{}, {}])
  })
  it.each([
    [
      'the default elsewhere',
      [DEFAULT_KEY],
      open,
      'HOST=0.0.0.0 opens the port to others, so the default key is refused.',
    ],
    [
      'the default in production',
      [DEFAULT_KEY],
      production,
      'NODE_ENV=production means production, so the default key is refused.',
    ],
    [
      'the default as the next key',
      [LONG, DEFAULT_KEY],
      open,
      'HOST=0.0.0.0 opens the port to others, so the default key is refused.',
    ],
    [
      'an empty key',
      [DEFAULT_KEY],
      { ...open, empty: true },
      'HOST=0.0.0.0 opens the port to others, so an empty key is refused.',
    ],
    [
      'a key of 15',
      [LONG, LONG.slice(1)],
      open,
      'HOST=0.0.0.0 opens the port to others, so a key of 15 characters is refused.',
    ],
  ])('refuses %s', (_, keys, exposure, fault) => {
    expect(checkKeys(keys, exposure)).toMatchObject({ fault, hint: 'Set 16 or more characters:  openssl rand -hex 24' })
  })
})

describe('the whole configuration', () => {
  const names = async (env: Record<string, string>) => {
    const { problems } = await readConfig({ flags: {}, env, cwd: import.meta.dirname })
    return problems.map(({ name, place }) => `${name} ${place}`)
  }

  it('blames the own name, and the legacy one when the person uses those', async () => {
    expect(await names({ HOST: '0.0.0.0' })).toEqual(['CODELAB_INTERNAL_API_KEY default'])
    expect(await names({ CODELAB_ENV: 'Production' })).toEqual(['CODELAB_INTERNAL_API_KEY default'])
    expect(await names({ NODE_ENV: 'production', AGENT_RUNTIME__LOG_LEVEL: 'INFO' })).toEqual([
      'AGENT_RUNTIME__INTERNAL_API_KEY default',
    ])
    expect(await names({ HOST: '::', AGENT_RUNTIME__INTERNAL_API_KEY: 'short' })).toEqual([
      'AGENT_RUNTIME__INTERNAL_API_KEY environment',
    ])
  })
  it('accepts a good key on every address', async () => {
    expect(await names({ HOST: '0.0.0.0', NODE_ENV: 'production', CODELAB_INTERNAL_API_KEY: LONG })).toEqual([])
  })
})
