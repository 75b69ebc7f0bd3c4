import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { readConfig } from '../config.ts'

const cwd = mkdtempSync(join(tmpdir(), 'codelab-models-'))
afterAll(() => rmSync(cwd, { recursive: true }))
beforeEach(() => writeFileSync(join(cwd, 'codelab.jsonc'), '{}'))

const file = (content: unknown) => writeFileSync(join(cwd, 'codelab.jsonc'), JSON.stringify(content))
const read = (env: Record<string, string> = {}) => readConfig({ flags: {}, env, cwd })
const faults = async (env: Record<string, string> = {}) => (await read(env)).problems.map(({ text }) => text)

const sonnet = {
  provider: 'anthropic',
  id: 'claude-sonnet-4-5',
  context: 200_000,
  price: { input: 3, output: 15, cached: 0.3 },
  fallback: ['local'],
}
const local = { provider: 'openai', id: 'qwen3-coder', baseUrl: 'http://127.0.0.1:11434/v1/', streaming: 'never' }
const keys = { ANTHROPIC_API_KEY: 'sk-anthropic-key', OPENAI_API_KEY: 'sk-openai-key' }

describe('several models', () => {
  it('are entries with their provider, the first is the default', async () => {
    file({ models: { sonnet, local } })
    const { config } = await read(keys)
    expect(config?.models).toMatchObject([
      {
        alias: 'sonnet',
        choice: { kind: 'anthropic', apiKey: 'sk-anthropic-key', model: 'claude-sonnet-4-5' },
        context: 200_000,
        maxOutput: null,
        price: { input: 3, output: 15, cached: 0.3 },
        fallback: ['local'],
      },
      {
        alias: 'local',
        choice: { kind: 'openai-compatible', url: 'http://127.0.0.1:11434/v1', model: 'qwen3-coder' },
        streaming: 'never',
        price: null,
        fallback: [],
      },
    ])
    expect(config?.model).toEqual(config?.models[0].choice)
  })

  it('have the default that CODELAB_MODEL names, by alias or as ever', async () => {
    file({ models: { sonnet, local } })
    expect((await read({ ...keys, CODELAB_MODEL: 'local' })).config?.models.map(({ alias }) => alias)).toEqual([
      'local',
      'sonnet',
    ])
    const { config } = await read({ ...keys, CODELAB_MODEL: 'openai:gpt-4.1' })
    expect(config?.models.map(({ alias }) => alias)).toEqual(['gpt-4.1', 'sonnet', 'local'])
    expect(config?.model).toMatchObject({ kind: 'openai-compatible', model: 'gpt-4.1', apiKey: 'sk-openai-key' })
  })

  it('are not there unless they are named: one model as before', async () => {
    const { config } = await read({ OPENAI_API_KEY: 'sk-openai-key' })
    expect(config?.models.map(({ alias }) => alias)).toEqual(['gpt-4.1'])
  })

  it('can be given in the environment, as JSON', async () => {
    const { config, problems } = await read({ CODELAB_MODELS: JSON.stringify({ local }) })
    expect([problems, config?.models.map(({ alias }) => alias)]).toEqual([[], ['local']])
  })

  it('never get a key that belongs to another address', async () => {
    file({
      models: { local, other: { ...local, apiKeyEnv: 'MY_KEY' }, official: { provider: 'openai', id: 'gpt-4.1' } },
    })
    const { config } = await read({ ...keys, MY_KEY: 'sk-of-my-own' })
    expect(config?.models.map(({ choice }) => choice)).toMatchObject([
      { url: 'http://127.0.0.1:11434/v1' },
      { apiKey: 'sk-of-my-own' },
      { apiKey: 'sk-openai-key' },
    ])
    expect(config?.models[0].choice).not.toHaveProperty('apiKey')
  })

  it('take a key from the file of its variable, and hide it', async () => {
    writeFileSync(join(cwd, 'key'), 'sk-out-of-a-file\n')
    file({ models: { local: { ...local, apiKeyEnv: 'MY_KEY' } } })
    const { config, entries } = await read({ MY_KEY_FILE: 'key' })
    expect(config?.model).toMatchObject({ apiKey: 'sk-out-of-a-file' })
    expect(JSON.stringify(entries)).not.toContain('sk-out-of-a-file')
  })
})

describe('what is wrong with them is said, with its place', () => {
  it.each<[string, unknown, string]>([
    [
      'an unknown provider',
      { a: { provider: 'mistral', id: 'x' } },
      'a.provider: provider is one of openai, anthropic, proxy.',
    ],
    ['no id', { a: { provider: 'openai' } }, 'a.id: Invalid input: expected string, received undefined.'],
    ['a key of its own', { a: { ...local, apiKey: 'sk-12345678' } }, 'a: there is no "apiKey" here.'],
    ['a price below nothing', { a: { ...local, price: { input: -1, output: 1 } } }, 'a.price.input: Too small'],
    ['an unknown fallback', { a: { ...local, fallback: ['b'] } }, 'a.fallback: "b" is no alias. Known: a.'],
    ['itself as fallback', { a: { ...local, fallback: ['a'] } }, 'a.fallback: "a" is the model itself.'],
    ['a proxy elsewhere', { a: { provider: 'proxy', id: 'x', baseUrl: 'http://h' } }, 'a: there is no "baseUrl" here.'],
    ['an alias nobody can type', { 'a b': local }, 'an alias is letters'],
    ['a missing key', { a: { ...sonnet, fallback: [] } }, 'models.a: it needs ANTHROPIC_API_KEY, and that is not set.'],
    [
      'a missing key of its own',
      { a: { ...local, apiKeyEnv: 'MY_KEY' } },
      'models.a: it needs MY_KEY, and that is not set.',
    ],
    ['no URL', { a: { ...local, baseUrl: 'nonsense' } }, 'a.baseUrl: "nonsense" is not a URL.'],
    ['none at all', {}, 'no model is named.'],
    ['a list', [], 'an object, { … }, belongs here.'],
  ])('%s', async (_name, models, text) => {
    file({ models })
    const found = await faults()
    expect(found).toHaveLength(1)
    expect(found[0]).toContain(text)
  })

  it('text that is no JSON', async () => {
    expect((await faults({ CODELAB_MODELS: 'gpt-4.1' }))[0]).toContain('this is not JSON')
  })
})
