import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ConfigError, loadConfig, readConfig } from '../config.ts'

let cwd: string
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'codelab-config-'))
})
afterEach(() => rm(cwd, { recursive: true }))

const put = (name: string, text: string) => writeFile(join(cwd, name), text)
const load = (env: Record<string, string> = {}, flags: Record<string, string> = {}) => loadConfig({ flags, env, cwd })
const read = (env: Record<string, string> = {}, flags: Record<string, string> = {}) => readConfig({ flags, env, cwd })
const problems = async (env: Record<string, string> = {}, flags: Record<string, string> = {}) =>
  (await read(env, flags)).problems

describe('defaults', () => {
  it('are those of the contract and the design', async () => {
    const { config, files, warnings } = await load()
    expect(config).toEqual({
      host: '127.0.0.1',
      port: 8001,
      production: false,
      database: { kind: 'sqlite', file: join(cwd, 'data/agent_runtime.db') },
      durability: 'full',
      databasePool: { connections: 10, statementMs: 30_000, prepares: true },
      replicaSilentMs: 10_000,
      keys: ['change-me-internal-key'],
      browsers: { hosts: [], origins: [] },
      socketAccess: 'local',
      version: '0.3.0',
      multiAgent: true,
      logLevel: 'info',
      logFormat: 'auto',
      hitl: { approve: 'run', strict: false },
      maskKeys: true,
      model: { kind: 'demo' },
      models: [
        {
          alias: 'demo',
          choice: { kind: 'demo' },
          context: null,
          maxOutput: null,
          images: null,
          cache: 'auto',
          streaming: 'auto',
          price: null,
          fallback: [],
        },
      ],
      idleExitMs: 0,
      cleanup: { rule: { idleMs: 86_400_000, emptyOnly: true }, purgeAfterMs: 604_800_000 },
      limits: {
        upstreamConnectMs: 5_000,
        upstreamHeadersMs: 60_000,
        upstreamFirstDataMs: 180_000,
        upstreamIdleMs: 60_000,
        upstreamTotalMs: 360_000,
        upstreamRetries: 2,
        breakerFailures: 5,
        breakerWindowMs: 30_000,
        breakerOpenMs: 15_000,
        runMs: 600_000,
        turnSteps: 50,
        turnTokens: 1_000_000,
        answerBytes: 2_097_152,
        queueLength: 8,
        queueWaitMs: 120_000,
        drainMs: 60_000,
        shutdownMs: 25_000,
      },
      protection: {
        rateLimit: 'off',
        maxStreams: 2_000,
        maxStreamsPerUser: 20,
        maxLoopDelayMs: 1_500,
        minFreeDiskBytes: 67_108_864,
      },
    })
    expect([files, warnings]).toEqual([[], []])
  })

  it('cannot be changed by whoever receives them', async () => {
    const { config } = await load()
    expect([config, config.limits, config.keys, config.model, config.hitl].every(Object.isFrozen)).toBe(true)
  })
})

describe('precedence', () => {
  it('is flag, environment, .env, codelab.jsonc', async () => {
    await put('codelab.jsonc', '{ "port": 1001 }')
    expect((await load()).config.port).toBe(1001)
    await put('.env', 'PORT=1002\n')
    expect((await load()).config.port).toBe(1002)
    expect((await load({ PORT: '1003' })).config.port).toBe(1003)
    expect((await load({ PORT: '1003' }, { port: '1004' })).config.port).toBe(1004)
  })

  it('does not read what it overrides', async () => {
    await put('.env', 'PORT=nonsense\n')
    expect((await load({ PORT: '1003' })).config.port).toBe(1003)
  })

  it('takes the file of CODELAB_CONFIG instead, and CODELAB_CONFIG_CONTENT over it', async () => {
    await put('codelab.jsonc', '{ "port": 1001, "durability": 1 }')
    await put('other.jsonc', '{ "port": 1002, "log": { "format": "json" } }')
    const { config, files } = await load({ CODELAB_CONFIG: 'other.jsonc', CODELAB_CONFIG_CONTENT: '{"port": 1003}' })
    expect([config.port, config.logFormat]).toEqual([1003, 'json'])
    expect(files).toEqual(['other.jsonc', 'CODELAB_CONFIG_CONTENT'])
  })

  it('counts a variable that is set to nothing as not set', async () => {
    await put('.env', 'PORT=1002\n')
    expect((await load({ HOST: '', AGENT_RUNTIME__LOG_LEVEL: ' ' })).config).toMatchObject({
      port: 1002,
      logLevel: 'info',
    })
  })
})

describe('legacy names', () => {
  it('are honoured, all of them', async () => {
    const { config } = await load({
      AGENT_RUNTIME__DB_URL: 'sqlite:////var/lib/x.db',
      AGENT_RUNTIME__INTERNAL_API_KEY: 'a-key-of-the-old-service',
      AGENT_RUNTIME__LLM_PROXY_URL: 'http://proxy:8002/',
      AGENT_RUNTIME__LLM_MODEL: 'qwen3',
      AGENT_RUNTIME__LOG_LEVEL: 'Warning',
      AGENT_RUNTIME__MULTI_AGENT_MODE: 'False',
      AGENT_RUNTIME__VERSION: '0.3.0',
      AGENT_RUNTIME__GATEWAY_URL: 'http://localhost:8000',
      AGENT_RUNTIME__MAX_CONCURRENT_REQUESTS: '100',
      AGENT_RUNTIME__REQUEST_TIMEOUT: '30',
    })
    expect(config).toMatchObject({
      database: { kind: 'sqlite', file: '/var/lib/x.db' },
      keys: ['a-key-of-the-old-service'],
      model: { kind: 'llm-proxy', url: 'http://proxy:8002', model: 'qwen3', key: 'a-key-of-the-old-service' },
      logLevel: 'warn',
      multiAgent: false,
      version: '0.3.0',
    })
  })

  it('may say the same as the own name, in other words too', async () => {
    const env = { CODELAB_DATABASE_URL: 'sqlite:///a.db', AGENT_RUNTIME__DB_URL: 'sqlite+aiosqlite:///a.db' }
    expect((await load(env)).config.database).toEqual({ kind: 'sqlite', file: join(cwd, 'a.db') })
  })

  it('that differ from the own name are a problem that names both', async () => {
    await put('.env', '\nAGENT_RUNTIME__DB_URL=sqlite:///b.db\n')
    expect(await problems({ CODELAB_DATABASE_URL: 'sqlite:///a.db' })).toEqual([
      {
        name: 'CODELAB_DATABASE_URL',
        place: 'environment',
        text: 'CODELAB_DATABASE_URL and AGENT_RUNTIME__DB_URL (.env:2) are both set, and differ.',
        hint: 'Keep one of the two.',
        wrong: 'AGENT_RUNTIME__DB_URL',
      },
    ])
  })
})

describe('secrets from files', () => {
  it('lose the line breaks at their end, nothing else', async () => {
    await put('key', 'two lines\nof it\n')
    await put('good', 'sk-secret-of-openai\r\n')
    expect((await load({ OPENAI_API_KEY_FILE: 'good' })).config.model).toMatchObject({ apiKey: 'sk-secret-of-openai' })
    expect((await problems({ OPENAI_API_KEY_FILE: 'key' }))[0]).toMatchObject({ name: 'OPENAI_API_KEY_FILE' })
  })

  it('work for the legacy name of the internal key', async () => {
    await put('key', 'internal-key-from-a-file\n')
    const { config, entries } = await load({ AGENT_RUNTIME__INTERNAL_API_KEY_FILE: join(cwd, 'key') })
    expect(config.keys).toEqual(['internal-key-from-a-file'])
    expect(entries.find(({ name }) => name === 'CODELAB_INTERNAL_API_KEY')).toMatchObject({
      value: 'set, 24 characters',
      via: 'AGENT_RUNTIME__INTERNAL_API_KEY_FILE',
    })
  })

  it('that cannot be read are a problem, and no second one follows from it', async () => {
    await mkdir(join(cwd, 'folder'))
    const said = await problems({
      CODELAB_INTERNAL_API_KEY_FILE: 'nowhere',
      ANTHROPIC_API_KEY_FILE: 'folder',
      HOST: '0.0.0.0',
    })
    expect(said.map(({ name, text }) => `${name}: ${text}`)).toEqual([
      'CODELAB_INTERNAL_API_KEY_FILE: "nowhere" cannot be read: no such file.',
      'ANTHROPIC_API_KEY_FILE: "folder" cannot be read: it is a folder.',
    ])
  })

  it('that differ from the plain variable are a problem', async () => {
    await put('key', 'sk-one')
    expect((await problems({ OPENAI_API_KEY: 'sk-two', OPENAI_API_KEY_FILE: 'key' }))[0]?.text).toBe(
      'OPENAI_API_KEY and OPENAI_API_KEY_FILE (environment) are both set, and differ.',
    )
  })
})

describe('problems', () => {
  it('are reported all at once, each with its place', async () => {
    await put('.env', '# a comment\nexport AGENT_RUNTIME__DB_URL=postgre://app@db/agents\nLOG_FORMAT = pritty\n')
    await put('codelab.jsonc', '{\n  // limits\n  "limits": { "runMs": "5s", "runM": 1 },\n  "prot": 1,\n}\n')
    const thrown = await load({ PORT: '80801', HOST: '0.0.0.0' }).catch((error: unknown) => error)
    if (!(thrown instanceof ConfigError)) throw thrown
    expect(thrown.exitCode).toBe(78)
    expect(thrown.files).toEqual(['.env', 'codelab.jsonc'])
    expect(thrown.problems.map(({ name, place, text }) => [name, place, text])).toEqual([
      ['limits.runM', 'codelab.jsonc:3:30', '"runM" is no setting. Did you mean runMs?'],
      ['prot', 'codelab.jsonc:4:3', '"prot" is no setting. Did you mean port?'],
      ['PORT', 'environment', '"80801" is not a port. Use 1 to 65535.'],
      ['AGENT_RUNTIME__DB_URL', '.env:2', '"postgre://app@db/agents": unknown scheme. Did you mean postgresql://?'],
      ['LOG_FORMAT', '.env:3', '"pritty" is not known here. Did you mean pretty?'],
      ['limits.runMs', 'codelab.jsonc:3:24', '"5s" is not a number of milliseconds. Use 1 to 2147483647.'],
      [
        'AGENT_RUNTIME__INTERNAL_API_KEY',
        'default',
        'HOST=0.0.0.0 opens the port to others, so the default key is refused.',
      ],
    ])
  })

  it('name the flag as their place', async () => {
    expect(await problems({}, { port: 'x' })).toMatchObject([{ name: 'PORT', place: '--port' }])
  })

  it.each([
    ['{ "port": 1 ', 'codelab.jsonc:1:13', 'a closing } is missing.'],
    ['{\n "port" 1 }', 'codelab.jsonc:2:9', 'a colon is missing before this.'],
    ['[]', 'codelab.jsonc:1:1', 'the file must hold one object, { … }.'],
    ['{ "limits": 3 }', 'codelab.jsonc:1:13', 'an object, { … }, belongs here.'],
    ['{ "port": {} }', 'codelab.jsonc:1:11', 'a string, a number or true or false belongs here.'],
    ['{ "port": 1, "port": 2 }', 'codelab.jsonc:1:14', '"port" is set twice.'],
  ])('find what is wrong in %j', async (text, place, said) => {
    await put('codelab.jsonc', text)
    expect(await problems()).toContainEqual(expect.objectContaining({ place, text: said }))
  })

  it('tell when CODELAB_CONFIG names no file', async () => {
    expect(await problems({ CODELAB_CONFIG: 'no.jsonc' })).toMatchObject([
      { name: 'CODELAB_CONFIG', text: '"no.jsonc" cannot be read: no such file.' },
    ])
  })

  it('do not carry control characters of a value to the screen', async () => {
    const [problem] = await problems({ PORT: '\u001b[2J80' })
    expect(problem?.text).toBe('"\\u001b[2J80" is not a port. Use 1 to 65535.')
  })

  it.skipIf(process.getuid?.() === 0)('tell when .env may not be read', async () => {
    await put('.env', 'PORT=1\n')
    await chmod(join(cwd, '.env'), 0)
    expect(await problems()).toMatchObject([{ name: '.env', text: 'the file cannot be read: permission denied.' }])
  })
})

describe('unknown names', () => {
  it('in the environment are a warning, not an error', async () => {
    await put('.env', 'AGENT_RUNTIME__DB_URI=x\n')
    const { warnings, config } = await load({ CODELAB_QEUE_LENGTH: '3', CODELAB_XYZ: '1', OTHER: '1' })
    expect(config.limits.queueLength).toBe(8)
    expect(warnings.map(({ name, place, text }) => [name, place, text])).toEqual([
      ['AGENT_RUNTIME__DB_URI', '.env:1', 'no setting has this name. Did you mean AGENT_RUNTIME__DB_URL?'],
      ['CODELAB_QEUE_LENGTH', 'environment', 'no setting has this name. Did you mean CODELAB_QUEUE_LENGTH?'],
      ['CODELAB_XYZ', 'environment', expect.stringContaining('no setting has this name.')],
    ])
  })

  it('leave $schema alone', async () => {
    await put('codelab.jsonc', '{ "$schema": "x" }')
    expect(await problems()).toEqual([])
  })
})

describe('nothing that a report shows', () => {
  const secrets = {
    CODELAB_INTERNAL_API_KEY: 'first-internal-secret,second-internal-secret',
    OPENAI_API_KEY: 'openai-secret-value',
    ANTHROPIC_API_KEY: 'anthropic secret value é',
    OPENAI_BASE_URL: 'https://user:url-secret-value@host/v1?token=query-secret-value',
    AGENT_RUNTIME__DB_URL: 'postgresql+asyncpg://u:database-secret-value@db:x/x',
    AGENT_RUNTIME__GATEWAY_URL: 'http://u:gateway-secret-value@gateway',
    HOST: '0.0.0.0',
  }

  it('holds a secret', async () => {
    const { config: _withSecrets, ...shown } = await read(secrets)
    expect(shown.problems.length).toBeGreaterThan(2)
    expect(JSON.stringify(shown)).not.toMatch(/secret-value|secret value|internal-secret/)
    expect(shown.entries.find(({ name }) => name === 'CODELAB_INTERNAL_API_KEY')?.value).toBe(
      'set, 2 keys of 21, 22 characters',
    )
  })
})
