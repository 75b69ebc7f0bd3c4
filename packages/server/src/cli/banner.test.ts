import { describe, expect, it } from 'vitest'
import { loadConfig } from '../config.ts'
import { localUrl, renderBanner, startFacts } from './banner.ts'
import { createStyle } from './style.ts'

const cwd = '/work/orders-api'
const style = createStyle('plain', 80)

async function banner(
  env: Record<string, string>,
  started: Partial<Parameters<typeof startFacts>[1]> = {},
  width = style,
) {
  const loaded = await loadConfig({ flags: {}, env: { AGENT_RUNTIME__VERSION: '0.4.0', ...env }, cwd })
  const facts = startFacts(
    loaded,
    {
      readyMs: 298.4,
      port: loaded.config.port,
      created: true,
      sessions: 0,
      resumed: { turns: 0, approvals: 0 },
      ...started,
    },
    cwd,
  )
  return { facts, text: renderBanner(facts, width) }
}

describe('renderBanner', () => {
  it('is the screen of the design when nothing is configured', async () => {
    expect((await banner({})).text).toBe(`
 ━━━━━━   CodeLab Agent Runtime 0.4.0                            ready in 298 ms
 ━━━━     SQLite data/agent_runtime.db, created
 ━━ ●     demo model: a few rules, no language model

  API       http://127.0.0.1:8001/docs
  Chat      codelab chat          (in a folder of yours)

  Access    the default key, accepted on 127.0.0.1 only

  For a real model set one of these and start again:
    OPENAI_API_KEY        and OPENAI_BASE_URL for a compatible server
    ANTHROPIC_API_KEY
    AGENT_RUNTIME__LLM_PROXY_URL
`)
  })

  it('is the screen of the design with a model, a console and turns that were cut', async () => {
    const env = { ANTHROPIC_API_KEY: 'secret-of-anthropic', CODELAB_INTERNAL_API_KEY: 'an-internal-secret' }
    const { facts } = await banner(env, {
      readyMs: 312,
      created: false,
      sessions: 1_284,
      resumed: { turns: 2, approvals: 3 },
    })
    expect(renderBanner({ ...facts, console: `${facts.url}/` }, style)).toBe(`
 ━━━━━━   CodeLab Agent Runtime 0.4.0                            ready in 312 ms
 ━━━━     SQLite data/agent_runtime.db, 1,284 sessions
 ━━ ●     claude-sonnet-4-5 via anthropic

  Console   http://127.0.0.1:8001/
  API       http://127.0.0.1:8001/docs
  Chat      codelab chat          (in a folder of yours)

  Access    internal key from environment, loopback only
  Resumed   2 turns that the last stop had cut, 3 approvals wait
`)
    expect(JSON.stringify(facts)).not.toContain('secret')
  })

  it('names the model that answers, and who is asked when it is away', async () => {
    const models = {
      sonnet: { provider: 'anthropic', id: 'claude-sonnet-4-5', fallback: ['local'] },
      local: { provider: 'openai', id: 'qwen3-coder', baseUrl: 'http://qwen:1/v1' },
    }
    const { text, facts } = await banner({ CODELAB_MODELS: JSON.stringify(models), ANTHROPIC_API_KEY: 'secret-key' })
    expect(text).toContain('claude-sonnet-4-5 via anthropic, fallback qwen3-coder\n')
    expect(JSON.stringify(facts)).not.toContain('secret')
  })

  it('says who else may come in, and counts in the singular', async () => {
    const env = {
      HOST: '0.0.0.0',
      CODELAB_INTERNAL_API_KEY: 'an-internal-secret',
      OPENAI_BASE_URL: 'http://u:p@qwen:1/v1',
    }
    const { text } = await banner(env, { created: false, sessions: 1, resumed: { turns: 0, approvals: 1 }, port: 4711 })
    expect(text).toContain('data/agent_runtime.db, 1 session\n')
    expect(text).toContain('gpt-4.1 via qwen:1\n')
    expect(text).toContain('API       http://127.0.0.1:4711/docs')
    expect(text).toContain('internal key from environment, open to others on 0.0.0.0')
    expect(text).toContain('Resumed   1 approval waits')
  })

  it('makes the demo line bold and only bold with NO_COLOR', async () => {
    const bold = '\u001b[1mdemo model: a few rules, no language model\u001b[22m'
    expect((await banner({}, {}, createStyle('colour', 80))).text).toContain(`\u001b[34m●\u001b[39m     ${bold}`)
    expect((await banner({}, {}, createStyle('bold', 80))).text).toContain(` ━━ ●     ${bold}`)
  })
})

describe('localUrl', () => {
  it.each([
    ['127.0.0.1', 'http://127.0.0.1:1'],
    ['0.0.0.0', 'http://127.0.0.1:1'],
    ['::', 'http://[::1]:1'],
    ['fe80::1', 'http://[fe80::1]:1'],
    ['host.example', 'http://host.example:1'],
  ])('of %s is %s', (host, url) => {
    expect(localUrl(host, 1)).toBe(url)
  })
})
