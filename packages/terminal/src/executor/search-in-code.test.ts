import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createExecutor } from './create-executor.ts'
import type { Executor, ToolOutcome } from './executor.ts'

describe('search_in_code', () => {
  let top: string
  let root: string
  let executor: Executor

  beforeEach(async () => {
    top = await realpath(await mkdtemp(join(tmpdir(), 'search-')))
    root = join(top, 'project')
    await mkdir(root)
    executor = await createExecutor({ root, stateFolder: join(top, 'state') })
  })

  afterEach(() => rm(top, { recursive: true, force: true }))

  function search(values: Record<string, unknown>): Promise<ToolOutcome> {
    return executor.run({ callId: 'call_1', tool: 'search_in_code', arguments: values })
  }

  async function found(values: Record<string, unknown>): Promise<string[]> {
    const outcome = await search(values)
    if (!outcome.ok) return [outcome.error]
    const matches = outcome.result['matches']
    return Array.isArray(matches)
      ? matches.map((match: { path: string; line: number }) => `${match.path}:${match.line}`)
      : []
  }

  async function file(path: string, text: string | Buffer): Promise<void> {
    await mkdir(join(root, path, '..'), { recursive: true })
    await writeFile(join(root, path), text)
  }

  it('finds text, without regard to case unless told', async () => {
    await file('src/a.ts', 'one\n  totalFor(order)\r\n')
    await file('b.ts', 'TOTALFOR(x)')
    expect(await search({ query: 'totalFor(' })).toEqual({
      ok: true,
      result: {
        query: 'totalFor(',
        matches: [
          { path: 'b.ts', line: 1, text: 'TOTALFOR(x)' },
          { path: 'src/a.ts', line: 2, text: '  totalFor(order)' },
        ],
        total_matches: 2,
        truncated: false,
      },
      text: '2 matches in 2 files\nb.ts\n1:\tTOTALFOR(x)\nsrc/a.ts\n1-\tone\n2:\t  totalFor(order)',
      summary: '2 matches',
    })
    expect(await found({ query: 'totalFor(', case_sensitive: true })).toEqual(['src/a.ts:2'])
    expect(await search({ query: 'absent' })).toMatchObject({ ok: true, result: { matches: [], total_matches: 0 } })
    expect(await found({ query: '-e' })).toEqual([])
  })

  it('takes a regular expression, look-ahead included', async () => {
    await file('a.ts', 'foo1\nfoo2\nbar')
    expect(await found({ query: '^fo+\\d$', regex: true })).toEqual(['a.ts:1', 'a.ts:2'])
    expect(await found({ query: 'foo(?=2)', regex: true })).toEqual(['a.ts:2'])
    expect(await search({ query: 'foo(', regex: true })).toMatchObject({
      ok: false,
      error: expect.stringMatching(/^The regular expression is not valid: .*unclosed group$/s),
      summary: 'wrong regular expression',
    })
  })

  it('searches a folder, a file, or the files of a pattern', async () => {
    await file('src/a.ts', 'x')
    await file('src/deep/b.md', 'x')
    await file('lib/c.ts', 'x')
    expect(await found({ query: 'x', path: 'src' })).toEqual(['src/a.ts:1', 'src/deep/b.md:1'])
    expect(await found({ query: 'x', path: 'src/a.ts' })).toEqual(['src/a.ts:1'])
    expect(await found({ query: 'x', file_pattern: '*.ts' })).toEqual(['lib/c.ts:1', 'src/a.ts:1'])
    expect(await found({ query: 'x', file_pattern: 'src/**/*.md' })).toEqual(['src/deep/b.md:1'])
    expect(await found({ query: 'x', file_pattern: '**/*' })).toHaveLength(3)
    expect(await found({ query: 'x', file_pattern: '[a' })).toEqual([
      expect.stringContaining('"file_pattern" is not valid'),
    ])
  })

  it('leaves out ignored and hidden files, dependencies and secrets', async () => {
    await file('.gitignore', 'dist\n')
    for (const path of [
      'dist/a.js',
      'node_modules/m/i.js',
      '.git/config',
      '.env',
      '.env.local',
      'keys/id_rsa',
      'server.pem',
      '.hidden',
    ]) {
      await file(path, 'token=x')
    }
    await file('a.ts', 'token=x')
    for (const pattern of [undefined, '*', '**/*', '.env*', '{.env*,id_*,*.pem,a.ts}']) {
      const expected = pattern === '.env*' ? [] : ['a.ts:1']
      expect(await found({ query: 'token', file_pattern: pattern }), pattern).toEqual(expected)
    }
    expect(await found({ query: 'token', path: 'dist' })).toEqual(['dist/a.js:1'])
  })

  it('neither follows links nor leaves the folder', async () => {
    await writeFile(join(top, 'secret.txt'), 'token')
    await file('src/a.ts', 'token')
    await symlink(top, join(root, 'out'))
    await symlink('../secret.txt', join(root, 'b.txt'))
    await symlink('src', join(root, 'sources'))
    expect(await found({ query: 'token' })).toEqual(['src/a.ts:1'])
    expect(await found({ query: 'token', path: 'sources' })).toEqual(['src/a.ts:1'])
    for (const path of ['out', 'b.txt', '..', '../project-2']) {
      expect(await found({ query: 'token', path }), path).toEqual([expect.stringContaining('outside')])
    }
  })

  it('stops at the limit and says so', async () => {
    await file('a.ts', 'x\n'.repeat(5000))
    await file('b.ts', 'x\n'.repeat(20))
    const outcome = await search({ query: 'x', max_results: 10 })
    expect(outcome).toMatchObject({
      result: { total_matches: 5020, truncated: true },
      summary: '10 matches, and more',
    })
    const text = (outcome.ok && outcome.text) || ''
    expect(text.split('\n').slice(0, 3)).toEqual(['5020 matches in 2 files', 'a.ts', '1:\tx'])
    expect(text.split('\n').at(-1)).toBe(
      '[5010 of 5020 matches are left out: a.ts (4990), b.ts (20). Next: search_in_code {"query":"x","path":"a.ts"}, or a narrower query or file_pattern.]',
    )
    const all = await search({ query: 'x', max_results: 5000 })
    expect(all.ok && all.result['matches']).toHaveLength(100)
    const alone = await search({ query: 'x', path: 'a.ts' })
    expect((alone.ok && alone.text) || '').toContain('Next: read_file {"path":"a.ts","start_line":101}')
    await rm(join(root, 'b.ts'))
    await file('a.ts', 'x\n'.repeat(10))
    expect(await search({ query: 'x', max_results: 10 })).toMatchObject({
      result: { total_matches: 10, truncated: false },
    })
  })

  it('cuts a long line round its match', async () => {
    await file('a.js', `${'ж'.repeat(100_000)}needle${'ж'.repeat(100_000)}`)
    await file('b.js', `needle${'b'.repeat(1000)}`)
    const outcome = await search({ query: 'needle' })
    const matches = outcome.ok ? outcome.result['matches'] : []
    expect(matches).toEqual([
      { path: 'a.js', line: 1, text: `…${'ж'.repeat(100)}needle${'ж'.repeat(392)}…` },
      { path: 'b.js', line: 1, text: `needle${'b'.repeat(493)}…` },
    ])
  })

  it('shows lines that are not UTF-8, and passes over binary files', async () => {
    await file('old.txt', Buffer.from([0x61, 0xcf, 0x62, 0x0a]))
    await file('image.bin', Buffer.from([0x61, 0, 0, 0x62]))
    expect(await search({ query: 'a' })).toMatchObject({
      result: { matches: [{ path: 'old.txt', line: 1, text: 'a\ufffdb' }] },
    })
  })

  it('says what is wrong', async () => {
    expect(await found({ query: '' })).toEqual(['"query" is empty.'])
    expect(await found({ query: 'x'.repeat(1001) })).toEqual(['"query" is longer than 1000 characters.'])
    expect(await found({ query: 'a\nb' })).toEqual([expect.stringContaining('one line')])
    expect(await found({ query: 'x', path: 'nowhere' })).toEqual(['Path not found: nowhere'])
    expect(await found({ query: 'x', max_results: '5' })).toEqual([expect.stringContaining('whole number')])
  })

  it('ends when it is interrupted or takes too long', async () => {
    for (let index = 0; index < 300; index++) await file(`d${index}/a.txt`, 'lorem ipsum\n'.repeat(2000))
    const call = { callId: 'call_1', tool: 'search_in_code', arguments: { query: 'absent' } }
    const stop = new AbortController()
    const running = executor.run(call, { signal: stop.signal })
    setTimeout(() => stop.abort(), 5)
    expect(await running).toMatchObject({ ok: false, summary: 'interrupted' })
    const hasty = await createExecutor({ root, stateFolder: join(top, 'state'), limits: { searchMs: 1 } })
    expect(await hasty.run(call)).toMatchObject({ ok: true, result: { matches: [], truncated: true } })
  })
})
