import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { commandPath, needs } from './lanes.ts'

const root = join(import.meta.dirname, '..')
let folder = ''

const FILES = {
  'lanes.test.ts': `
    import { expect, it } from 'vitest'
    import { lane, needs } from '${root}/test/lanes.ts'
    lane('absent', () => needs('no-such-command'), () => it('never runs', () => expect(1).toBe(2)))
    lane('present', () => needs('node'), () => it('runs', () => expect(1).toBe(1)))
  `,
  'failing.test.ts': `
    import { expect, it } from 'vitest'
    it('fails', () => expect(1).toBe(2))
  `,
  'broken.test.ts': `throw new Error('outside of every test')`,
  'setup.ts': `export function setup() { if (process.env.BREAK) throw new Error('the build failed') }`,
  'vitest.config.ts': `
    import { ClosingLine } from '${root}/test/closing-line.ts'
    export default { test: { include: ['*.test.ts'], globalSetup: 'setup.ts', reporters: ['default', new ClosingLine()] } }
  `,
}

function run(file: string, env: Record<string, string>): { status: number | null; lines: string[] } {
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs')
  const { NODE_OPTIONS: _, REQUIRE_ALL: __, ...inherited } = process.env
  const result = spawnSync(process.execPath, [vitest, 'run', file, '--root', folder], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...inherited, NO_COLOR: '1', ...env },
  })
  return { status: result.status, lines: result.stdout.trimEnd().split('\n') }
}

// Inside the repository, so that the files find vitest.
beforeAll(() => {
  mkdirSync(join(root, 'node_modules', '.cache'), { recursive: true })
  folder = mkdtempSync(join(root, 'node_modules', '.cache', 'lanes-'))
  for (const [name, text] of Object.entries(FILES)) writeFileSync(join(folder, name), text)
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('a lane', () => {
  it('that cannot run is skipped and named with its reason before the closing line', () => {
    const { status, lines } = run('lanes.test.ts', {})
    expect(lines.slice(-2)).toEqual(['not run: absent (no-such-command not on PATH)', '1 passed, 0 failed, 1 skipped'])
    expect(status).toBe(0)
  })

  it('that cannot run is a failure with REQUIRE_ALL=1', () => {
    const { status, lines } = run('lanes.test.ts', { REQUIRE_ALL: '1' })
    expect(lines.at(-1)).toBe('1 passed, 1 failed')
    expect(status).not.toBe(0)
  })
})

describe('the closing line', () => {
  it('counts a failed test', () => {
    const { status, lines } = run('failing.test.ts', {})
    expect(lines.at(-1)).toBe('0 passed, 1 failed')
    expect(status).not.toBe(0)
  })

  it('counts a file that broke before its tests', () => {
    const { status, lines } = run('broken.test.ts', {})
    expect(lines.at(-1)).toBe('0 passed, 1 failed')
    expect(status).not.toBe(0)
  })
})

describe('a run that breaks before its tests', () => {
  it('counts as a failure', () => {
    const { status, lines } = run('lanes.test.ts', { BREAK: '1' })
    expect(lines.at(-1)).toBe('0 passed, 1 failed')
    expect(status).not.toBe(0)
  })
})

describe('needs', () => {
  it('names what is not on PATH', () => {
    expect(needs('node')).toBe(true)
    expect(needs('node', 'no-such-a', 'no-such-b')).toBe('no-such-a, no-such-b not on PATH')
    expect(commandPath('node')).toMatch(/node$/)
  })
})
