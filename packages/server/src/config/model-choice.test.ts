import { describe, expect, it } from 'vitest'
import { loadConfig, readConfig } from '../config.ts'

const cwd = import.meta.dirname
const choice = async (env: Record<string, string>) => (await loadConfig({ flags: {}, env, cwd })).config.model
const faults = async (env: Record<string, string>) => (await readConfig({ flags: {}, env, cwd })).problems
const KEY = 'change-me-internal-key'
const PROXY = { kind: 'llm-proxy', url: 'http://localhost:8002', key: KEY }

describe('the model', () => {
  it('is the demo only when nothing at all is set', async () => {
    expect(await choice({})).toEqual({ kind: 'demo' })
    expect(await choice({ AGENT_RUNTIME__LLM_PROXY_URL: '', OPENAI_API_KEY: ' ' })).toEqual({ kind: 'demo' })
  })

  it.each([
    [
      'the proxy by its URL',
      { AGENT_RUNTIME__LLM_PROXY_URL: 'http://p:1/v1/' },
      { kind: 'llm-proxy', url: 'http://p:1', model: 'fake-llm', key: KEY },
    ],
    ['the proxy by a legacy model', { AGENT_RUNTIME__LLM_MODEL: 'qwen3' }, { ...PROXY, model: 'qwen3' }],
    ['the proxy by its own model name', { CODELAB_MODEL: 'llama3:8b' }, { ...PROXY, model: 'llama3:8b' }],
    [
      'OpenAI',
      { OPENAI_API_KEY: 'k' },
      { kind: 'openai-compatible', url: 'https://api.openai.com/v1', apiKey: 'k', model: 'gpt-4.1' },
    ],
    [
      'a compatible server',
      { OPENAI_BASE_URL: 'http://h:1/v1/', CODELAB_MODEL: 'm' },
      { kind: 'openai-compatible', url: 'http://h:1/v1', model: 'm' },
    ],
    [
      'Anthropic',
      { ANTHROPIC_API_KEY: 'k' },
      { kind: 'anthropic', apiKey: 'k', baseUrl: 'https://api.anthropic.com/v1', model: 'claude-sonnet-4-5' },
    ],
    [
      'Anthropic elsewhere',
      { ANTHROPIC_API_KEY: 'k', ANTHROPIC_BASE_URL: 'http://a/' },
      { kind: 'anthropic', apiKey: 'k', baseUrl: 'http://a/v1', model: 'claude-sonnet-4-5' },
    ],
  ])('is %s', async (_, env, expected) => {
    expect(await choice(env)).toEqual(expected)
  })

  const all = { CODELAB_LLM_PROXY_URL: 'http://p:1', OPENAI_API_KEY: 'o', ANTHROPIC_API_KEY: 'a' }

  it('of several is the proxy, then OpenAI, then Anthropic', async () => {
    const { CODELAB_LLM_PROXY_URL: _, ...keys } = all
    expect(await choice(all)).toMatchObject({ kind: 'llm-proxy' })
    expect(await choice(keys)).toMatchObject({ kind: 'openai-compatible' })
  })

  it.each([
    ['openai:gpt-x', { kind: 'openai-compatible', model: 'gpt-x' }],
    ['anthropic:claude-x', { kind: 'anthropic', model: 'claude-x' }],
    ['proxy:openai:odd', { kind: 'llm-proxy', model: 'openai:odd' }],
  ])('of several is named by %s', async (model, expected) => {
    expect(await choice({ ...all, CODELAB_MODEL: model })).toMatchObject(expected)
  })

  it.each([
    ['openai:gpt-x', '"openai:gpt-x" needs OPENAI_API_KEY, and that is not set.'],
    ['anthropic:claude-x', '"anthropic:claude-x" needs ANTHROPIC_API_KEY, and that is not set.'],
    ['proxy:', '"proxy:" names no model. Write its id after the colon.'],
  ])('is a problem with %s alone', async (model, text) => {
    expect(await faults({ CODELAB_MODEL: model })).toMatchObject([
      { name: 'CODELAB_MODEL', place: 'environment', text },
    ])
  })

  it('is no silent demo when only an address of Anthropic is set', async () => {
    expect(await faults({ ANTHROPIC_BASE_URL: 'http://a' })).toMatchObject([{ name: 'ANTHROPIC_BASE_URL' }])
  })

  it('sends the first of several internal keys to the proxy', async () => {
    const env = { CODELAB_INTERNAL_API_KEY: 'current-current-1,next-next-next-2', CODELAB_MODEL: 'proxy:m' }
    expect(await choice(env)).toMatchObject({ key: 'current-current-1' })
  })

  it.each([
    ['localhost:8002', '"localhost:8002" is not a URL. Did you mean http://localhost:8002?'],
    ['ftp://host', '"ftp://host" is not a URL. It starts with http:// or https://.'],
    ['http://host/v1?key=abc', '"http://host/v1?key=***" is a base URL and takes nothing after "?" or "#".'],
  ])('has no URL such as %s', async (url, text) => {
    expect(await faults({ CODELAB_LLM_PROXY_URL: url })).toMatchObject([{ text }])
  })
})
