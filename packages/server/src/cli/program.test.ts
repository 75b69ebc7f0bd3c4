import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { runServerProgram, type ServerActions } from './program.ts'

const calls: unknown[] = []
const actions: ServerActions = {
  serve: async (...args) => calls.push('serve', ...args) * 0 + 78,
  doctor: async (...args) => calls.push('doctor', ...args) * 0 + 1,
  config: async (...args) => calls.push('config', ...args) * 0,
}

const written: string[] = []
beforeEach(() => {
  calls.length = 0
  written.length = 0
  for (const stream of [process.stdout, process.stderr]) {
    vi.spyOn(stream, 'write').mockImplementation((text) => written.push(String(text)) > 0)
  }
})
afterEach(() => vi.restoreAllMocks())

describe('runServerProgram', () => {
  it('hands the flags over by their own names and gives the exit code of the action', async () => {
    expect(
      await runServerProgram(['serve', '--port', '9000', '--log-level=debug', '--model', 'openai:x'], actions),
    ).toBe(78)
    expect(calls).toEqual(['serve', { port: '9000', 'log-level': 'debug', model: 'openai:x' }])
  })

  it('knows --json of doctor and config', async () => {
    expect(await runServerProgram(['doctor', '--json', '--host', '::1'], actions)).toBe(1)
    expect(await runServerProgram(['config'], actions)).toBe(0)
    expect(calls).toEqual(['doctor', { host: '::1' }, { json: true }, 'config', {}, { json: false }])
  })

  it.each([
    [['serve', '--prt', '1']],
    [['serve', 'extra']],
    [['srve']],
    [['serve', '--port']],
    [['serve', '--json']],
    [[]],
  ])('ends with 2 on %j', async (words) => {
    expect(await runServerProgram(words, actions)).toBe(2)
    expect(calls).toEqual([])
  })

  it('ends with 0 on help, which has examples', async () => {
    expect(await runServerProgram(['serve', '--help'], actions)).toBe(0)
    expect(written.join('')).toContain('codelab serve --port 9000 --log-level debug')
  })

  it('lets a failure of an action through', async () => {
    const failing = { ...actions, serve: () => Promise.reject(new Error('broken')) }
    await expect(runServerProgram(['serve'], failing)).rejects.toThrow('broken')
  })
})
