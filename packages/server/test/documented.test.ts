import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { tools } from '../src/catalogue/tools/index.ts'
import { readConfig } from '../src/config.ts'
import { createMarkdownAgents } from '../src/infrastructure/agents/markdown-agents.ts'
import { createWorkspaceAgentReader } from '../src/infrastructure/agents/workspace-agents.ts'

// What a page shows is copied by people: it has to work as it stands there.

const page = (name: string) => readFileSync(join(import.meta.dirname, '../../../docs', name), 'utf8')
const block = (text: string, language: string) =>
  new RegExp(`^\`\`\`${language}\n([\\s\\S]*?)^\`\`\`$`, 'm').exec(text)?.[1] ?? ''

test('the models of docs/models.md are read without a word of complaint', async () => {
  const cwd = mkdtempSync(join(tmpdir(), 'codelab-docs-'))
  try {
    writeFileSync(join(cwd, 'codelab.jsonc'), block(page('models.md'), 'jsonc'))
    const env = { OPENAI_API_KEY: 'sk-a', ANTHROPIC_API_KEY: 'sk-b', LOCAL_KEY: 'sk-c' }
    const { config, problems, warnings } = await readConfig({ flags: {}, env, cwd })
    expect([problems, warnings]).toEqual([[], []])
    expect(config?.models).toMatchObject([
      { alias: 'sonnet', price: { input: 3, output: 15, cached: 0.3 }, fallback: ['mini', 'local'] },
      { alias: 'mini', choice: { apiKey: 'sk-a' } },
      { alias: 'local', choice: { apiKey: 'sk-c', url: 'http://127.0.0.1:11434/v1' }, streaming: 'never' },
    ])
  } finally {
    rmSync(cwd, { recursive: true })
  }
})

test('the lines for each provider name that provider', async () => {
  const lines = [...page('models.md').matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, text = '']) => text)
  const read = async (text: string) => {
    const pairs = [...text.matchAll(/^([A-Z_]+)=(\S+)$/gm)].map(([, name = '', value = '']) => [name, value])
    const env = Object.fromEntries(pairs.map(([name, value]) => [name, String(value).replace('…', 'x')]))
    const { config, problems } = await readConfig({ flags: {}, env, cwd: '/' })
    expect(problems).toEqual([])
    const model = config?.model
    return model && model.kind !== 'demo' ? `${model.kind} ${model.model}` : model?.kind
  }
  const given = []
  for (const text of lines) given.push(await read(text))
  expect(given).toEqual([
    'openai-compatible gpt-4.1',
    'anthropic claude-sonnet-4-5',
    'openai-compatible gemini-2.5-pro',
    'openai-compatible my-model',
    'openai-compatible Qwen/Qwen3-Coder-30B-A3B-Instruct',
    'openai-compatible qwen3-coder',
  ])
})

test('the agent of docs/agents.md can be used', async () => {
  const knownTools = tools.map(({ name }) => name)
  const catalogue = await createMarkdownAgents({ knownTools }).load()
  const reader = createWorkspaceAgentReader({
    knownTools,
    aliases: ['sonnet'],
    fragments: catalogue.fragments ?? new Map(),
  })
  const text = block(page('agents.md'), 'markdown')
  const { agents, faults } = reader.read([{ path: 'reviewer.md', text, sha256: null }], catalogue.agents)
  expect(faults).toEqual([])
  expect(agents).toMatchObject([{ name: 'reviewer', model: 'sonnet', role: 'specialist' }])
})
