import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { runConfigCommand } from './config.ts'
import { createStyle } from './style.ts'

let cwd: string
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'codelab-config-'))
})
afterEach(() => rm(cwd, { recursive: true }))

async function run(env: Record<string, string>, json: boolean) {
  let text = ''
  const write = (piece: string) => {
    text += piece
  }
  const exitCode = await runConfigCommand({ flags: {}, env, cwd }, { json, style: createStyle('plain', 80), write })
  return { exitCode, text }
}

describe('codelab config', () => {
  const env = {
    AGENT_RUNTIME__INTERNAL_API_KEY: 'internal-secret-that-is-32-long-',
    OPENAI_API_KEY: 'openai-secret',
    AGENT_RUNTIME__REQUEST_TIMEOUT: '30',
  }

  it('prints each value and its source', async () => {
    const { exitCode, text } = await run(env, false)
    const line = (name: string) =>
      text
        .split('\n')
        .find((candidate) => candidate.includes(`  ${name} `))
        ?.trim()
        .split(/ {2,}/)
    expect(exitCode).toBe(0)
    expect(line('PORT')).toEqual(['PORT', '8001', 'default'])
    expect(line('CODELAB_INTERNAL_API_KEY')).toEqual([
      'CODELAB_INTERNAL_API_KEY',
      'set, 32 characters',
      'environment, AGENT_RUNTIME__INTERNAL_API_KEY',
    ])
    expect(line('AGENT_RUNTIME__REQUEST_TIMEOUT')).toEqual([
      'AGENT_RUNTIME__REQUEST_TIMEOUT',
      '30',
      'environment, accepted, not used',
    ])
    expect(text).toContain('Model: gpt-4.1 via openai.')
    expect(text).not.toContain('secret-')
    expect(text).not.toContain('openai-secret')
  })

  it('lists the models that can be named, without a secret', async () => {
    const models = {
      big: { provider: 'openai', id: 'gpt-4.1', fallback: ['local'] },
      local: { provider: 'openai', id: 'qwen3', baseUrl: 'http://u:local-secret@qwen:1/v1' },
    }
    const { text } = await run({ ...env, CODELAB_MODELS: JSON.stringify(models) }, false)
    expect(text).toContain('Model: gpt-4.1 via openai, fallback qwen3.')
    expect(text).toContain('Models: big (gpt-4.1 via openai), local (qwen3 via qwen:1).')
    expect(text).not.toMatch(/local-secret|openai-secret/)
  })

  it('gives a program the same, without a secret', async () => {
    const { text } = await run(env, true)
    const answer: unknown = JSON.parse(text)
    expect(answer).toMatchObject({
      model: { kind: 'openai-compatible', id: 'gpt-4.1', via: 'openai' },
      files: [],
      problems: [],
    })
    expect(text).not.toMatch(/secret-|openai-secret/)
  })

  it('still shows every value when one is wrong, and ends with 78', async () => {
    const { exitCode, text } = await run(
      { PORT: '80801', CODELAB_QEUE_LENGTH: '1', ANTHROPIC_API_KEY: 'two secrets' },
      false,
    )
    expect(exitCode).toBe(78)
    expect(text).toContain('"80801" is not a port. Use 1 to 65535.')
    expect(text).toContain('Did you mean CODELAB_QUEUE_LENGTH?')
    expect(text).not.toContain('two secrets')
  })
})
