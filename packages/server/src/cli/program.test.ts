import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { runServerProgram, type ServerActions } from './program.ts'

const calls: unknown[] = []
const actions: ServerActions = {
  serve: async (...args) => calls.push('serve', ...args) * 0 + 78,
  doctor: async (...args) => calls.push('doctor', ...args) * 0 + 1,
  config: async (...args) => calls.push('config', ...args) * 0,
  cleanup: async (...args) => calls.push('cleanup', ...args) * 0,
  pause: async (...args) => calls.push('pause', ...args) * 0,
  show: async (...args) => calls.push('show', ...args) * 0,
  backup: async (...args) => calls.push('backup', ...args) * 0,
  restore: async (...args) => calls.push('restore', ...args) * 0,
  deadLettersList: async (...args) => calls.push('deadletters list', ...args) * 0,
  deadLettersReplay: async (...args) => calls.push('deadletters replay', ...args) * 0,
  usage: async (...args) => calls.push('usage', ...args) * 0,
  importPython: async (...args) => calls.push('import-python', ...args) * 0,
  keysCreate: async (...args) => calls.push('keys create', ...args) * 0,
  keysList: async (...args) => calls.push('keys list', ...args) * 0,
  keysRevoke: async (...args) => calls.push('keys revoke', ...args) * 0,
  debugBundle: async (...args) => calls.push('debug-bundle', ...args) * 0,
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

  it('hands an operator command its own options apart from the settings', async () => {
    const words = ['cleanup', '--older-than', '30d', '--dry-run', '--database', 'sqlite:///x.db']
    expect(await runServerProgram(words, actions)).toBe(0)
    expect(calls).toEqual(['cleanup', { database: 'sqlite:///x.db' }, { dryRun: true, olderThan: '30d', json: false }])
  })

  it('reads what usage is wanted', async () => {
    await runServerProgram(['usage'], actions)
    await runServerProgram(['usage', '--by', 'user,day', '--from', '2026-01-01', '--user', 'alice', '--json'], actions)
    expect(calls).toEqual([
      ...['usage', {}, { by: ['day'], json: false }],
      ...['usage', {}, { by: ['day', 'user'], from: '2026-01-01', user: 'alice', json: true }],
    ])
  })

  it('imports only when it is told to, for the owner that is named', async () => {
    await runServerProgram(['import-python', 'a.db'], actions)
    await runServerProgram(['import-python', 'a.db', '--dry-run', '--json'], actions)
    await runServerProgram(['import-python', 'a.db', '--apply', '--owner', 'alice'], actions)
    expect(calls).toEqual([
      ...['import-python', {}, { from: 'a.db', apply: false, json: false }],
      ...['import-python', {}, { from: 'a.db', apply: false, json: true }],
      ...['import-python', {}, { from: 'a.db', apply: true, owner: 'alice', json: false }],
    ])
  })

  it('replays one dead letter, or all', async () => {
    for (const words of [['list'], ['replay', '3'], ['replay', '--all', '--json']]) {
      expect(await runServerProgram(['deadletters', ...words], actions)).toBe(0)
    }
    expect(calls).toEqual([
      ...['deadletters list', {}, { json: false }],
      ...['deadletters replay', {}, { id: 3, json: false }],
      ...['deadletters replay', {}, { json: true }],
    ])
  })

  it('knows --json of doctor and config', async () => {
    expect(await runServerProgram(['doctor', '--json', '--host', '::1'], actions)).toBe(1)
    expect(await runServerProgram(['config'], actions)).toBe(0)
    expect(calls).toEqual(['doctor', { host: '::1' }, { tryModel: false, json: true }, 'config', {}, { json: false }])
  })

  it('tries the model only when it is asked for, the configured one or another', async () => {
    await runServerProgram(['doctor', '--model'], actions)
    await runServerProgram(['doctor', '--model', 'fast', '--json'], actions)
    expect(calls).toEqual([
      ...['doctor', {}, { tryModel: true, json: false }],
      ...['doctor', { model: 'fast' }, { tryModel: true, json: true }],
    ])
  })

  it.each([
    [['serve', '--prt', '1']],
    [['serve', 'extra']],
    [['srve']],
    [['deadletters', 'replay']],
    [['deadletters', 'replay', '3', '--all']],
    [['deadletters', 'replay', 'x']],
    [['import-python']],
    [['usage', '--by', 'week']],
    [['usage', '--from', '2026-02-30']],
    [['import-python', 'a.db', '--apply', '--dry-run']],
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
