import { describe, expect, it } from 'vitest'
import { versionedUrl } from './base-url.ts'

describe('versionedUrl', () => {
  it.each([
    ['http://localhost:8002', 'http://localhost:8002/v1/x'],
    ['http://localhost:8002/', 'http://localhost:8002/v1/x'],
    ['http://gateway/llm', 'http://gateway/llm/v1/x'],
    ['https://api.openai.com/v1', 'https://api.openai.com/v1/x'],
    ['https://openrouter.ai/api/v1/', 'https://openrouter.ai/api/v1/x'],
    ['https://host/v1beta/openai', 'https://host/v1beta/openai/x'],
    ['https://host/v1?api-version=2', 'https://host/v1/x?api-version=2'],
  ])('%s: %s', (base, expected) => {
    expect(versionedUrl(base, 'x').href).toBe(expected)
  })

  it('is the base itself without a path', () => {
    expect(versionedUrl('https://api.anthropic.com/', '').href).toBe('https://api.anthropic.com/v1')
  })
})
