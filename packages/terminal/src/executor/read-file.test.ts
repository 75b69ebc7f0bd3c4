import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createExecutor } from './create-executor.ts'
import type { Executor, ToolOutcome } from './executor.ts'

describe('read_file', () => {
  let top: string
  let root: string
  let executor: Executor

  beforeEach(async () => {
    top = await realpath(await mkdtemp(join(tmpdir(), 'read-')))
    root = join(top, 'project')
    await mkdir(root)
    executor = await createExecutor({ root, stateFolder: join(top, 'state') })
  })

  afterEach(() => rm(top, { recursive: true, force: true }))

  function read(values: Record<string, unknown>): Promise<ToolOutcome> {
    return executor.run({ callId: 'call_1', tool: 'read_file', arguments: values })
  }

  async function errorOf(values: Record<string, unknown>): Promise<string> {
    const outcome = await read(values)
    return outcome.ok ? `no error: ${JSON.stringify(outcome)}` : outcome.error
  }

  async function textOf(values: Record<string, unknown>): Promise<string | undefined> {
    const outcome = await read(values)
    return outcome.ok ? outcome.text : outcome.error
  }

  it('reads a whole file, numbered', async () => {
    await writeFile(join(root, 'a.txt'), '\ufeffone\r\ntwo\r\n\r\nПривет')
    expect(await read({ path: './a.txt', start_line: null, encoding: null })).toEqual({
      ok: true,
      result: { success: true, path: 'a.txt', lines_read: 4, total_lines: 4 },
      text: 'a.txt, lines 1-4 of 4, CRLF line ends\n1\tone\n2\ttwo\n3\t\n4\tПривет\n[Line 4 has no line end.]',
      summary: '4 lines',
    })
  })

  it('reads an empty file', async () => {
    await writeFile(join(root, 'a.txt'), '')
    expect(await read({ path: 'a.txt' })).toMatchObject({ text: 'a.txt is empty.', summary: '0 lines' })
    expect(await read({ path: 'a.txt', start_line: 1 })).toMatchObject({ result: { total_lines: 0 } })
  })

  it.each([
    [2, 3, 'a.txt, lines 2-3 of 4\n2\tb\n3\tc', 2],
    [undefined, 1, 'a.txt, lines 1-1 of 4\n1\ta', 1],
    [4, undefined, 'a.txt, lines 4-4 of 4\n4\td\n[Line 4 has no line end.]', 1],
    [4, 99, 'a.txt, lines 4-4 of 4\n4\td\n[Line 4 has no line end.]', 1],
  ])('reads lines %s to %s', async (start, end, text, lines) => {
    await writeFile(join(root, 'a.txt'), 'a\nb\nc\nd')
    expect(await read({ path: 'a.txt', start_line: start, end_line: end })).toMatchObject({
      text,
      result: { lines_read: lines, total_lines: 4 },
    })
  })

  it('shows 2,000 lines at most, and names the next call', async () => {
    await writeFile(join(root, 'a.txt'), Array.from({ length: 5000 }, (_, index) => `line ${index + 1}\n`).join(''))
    const text = (await textOf({ path: 'a.txt' })) ?? ''
    expect(text.split('\n').slice(0, 2)).toEqual(['a.txt, lines 1-2000 of 5000', '1\tline 1'])
    expect(text.split('\n').slice(-2)).toEqual([
      '2000\tline 2000',
      '[Lines 2001-5000 are left out. The next ones: read_file {"path":"a.txt","start_line":2001}]',
    ])
    const part = (await textOf({ path: 'a.txt', start_line: 2001, end_line: 4500 })) ?? ''
    expect(part.split('\n').at(-1)).toBe(
      '[Lines 4001-4500 are left out. The next ones: read_file {"path":"a.txt","start_line":4001,"end_line":4500}]',
    )
  })

  it('shows 50 KB at most', async () => {
    await writeFile(join(root, 'a.txt'), `${'ж'.repeat(500)}\n`.repeat(100))
    const text = (await textOf({ path: 'a.txt' })) ?? ''
    expect(Buffer.byteLength(text)).toBeLessThan(50 * 1024 + 500)
    expect(text).toContain('"start_line":52}')
  })

  it('cuts a long line, and says how to see its rest', async () => {
    await writeFile(join(root, "it's.txt"), `a\n${'x'.repeat(5000)}\n`)
    const text = (await textOf({ path: "it's.txt" })) ?? ''
    expect(text).toContain(`\n2\t${'x'.repeat(2000)}… [3000 more characters]\n`)
    const call = /execute_command (.*)\]$/.exec(text)?.[1] ?? ''
    const rest = await executor.run({ callId: 'c', tool: 'execute_command', arguments: JSON.parse(call) })
    expect(rest.ok && rest.result['stdout']).toBe(`${'x'.repeat(2000)}\n`)
  })

  it('refuses lines that are not there', async () => {
    await writeFile(join(root, 'a.txt'), 'a\nb\n')
    expect(await errorOf({ path: 'a.txt', start_line: 3 })).toBe('start_line 3 is beyond the end: "a.txt" has 2 lines.')
    expect(await errorOf({ path: 'a.txt', start_line: 2, end_line: 1 })).toContain('is before')
    expect(await errorOf({ path: 'a.txt', start_line: 0 })).toContain('at least 1')
    expect(await errorOf({ path: 'a.txt', end_line: 1.5 })).toContain('whole number')
    expect(await errorOf({ path: 'a.txt', end_line: '1' })).toContain('not a string')
  })

  it('says what is not there, and what may have been meant', async () => {
    await mkdir(join(root, 'src'))
    await writeFile(join(root, 'src/orders.ts'), '')
    expect(await read({ path: 'src/order.ts' })).toEqual({
      ok: false,
      error: 'File not found: src/order.ts. Did you mean src/orders.ts?',
      summary: 'file not found',
    })
    expect(await errorOf({ path: 'src/unlike-all.md' })).toBe('File not found: src/unlike-all.md')
    expect(await errorOf({ path: 'lib/deep/a.ts' })).toBe(
      'File not found: lib/deep/a.ts (the folder lib does not exist)',
    )
  })

  it('refuses what is no text file', async () => {
    await mkdir(join(root, 'src'))
    await writeFile(join(root, 'image.png'), Buffer.from([0x89, 0x50, 0, 0, 1]))
    await writeFile(join(root, 'old.txt'), Buffer.from([0xcf, 0xf0, 0xe8]))
    await executor.run({ callId: 'c', tool: 'execute_command', arguments: { command: 'mkfifo pipe' } })
    expect(await errorOf({ path: 'src' })).toBe('"src" is a folder, not a file. Use list_files.')
    expect(await errorOf({ path: '.' })).toContain('Use list_files')
    expect(await errorOf({ path: 'image.png' })).toContain('binary data (5 bytes)')
    expect(await errorOf({ path: 'old.txt' })).toContain('give its name as "encoding"')
    expect(await errorOf({ path: 'pipe' })).toBe('"pipe" is not a regular file.')
    expect(await errorOf({ path: 'old.txt', encoding: 'nonsense' })).toContain('"nonsense" is unknown')
    expect(await textOf({ path: 'old.txt', encoding: 'windows-1251' })).toContain('1\tПри')
  })

  it('refuses what is too large', async () => {
    const small = await createExecutor({ root, stateFolder: join(top, 'state'), limits: { readBytes: 1024 * 1024 } })
    await writeFile(join(root, 'fits'), 'x'.repeat(1024 * 1024))
    await writeFile(join(root, 'large'), 'x'.repeat(1024 * 1024 + 1))
    const run = (path: string) => small.run({ callId: 'c', tool: 'read_file', arguments: { path } })
    expect(await run('fits')).toMatchObject({ ok: true })
    expect(await run('large')).toMatchObject({ ok: false, error: expect.stringContaining('larger than 1 MB') })
  })

  it('reads through links inside and not outside', async () => {
    await writeFile(join(root, 'a.txt'), 'inside')
    await writeFile(join(top, 'secret'), 'secret')
    await symlink('a.txt', join(root, 'b.txt'))
    await symlink('../secret', join(root, 'c.txt'))
    await symlink('nothing', join(root, 'd.txt'))
    expect(await textOf({ path: 'b.txt' })).toContain('1\tinside')
    expect(await errorOf({ path: 'c.txt' })).toContain('outside the project folder')
    expect(await errorOf({ path: 'd.txt' })).toBe('File not found: d.txt (a link to something that does not exist)')
    expect(await errorOf({ path: '../secret' })).toContain('outside the project folder')
  })
})
