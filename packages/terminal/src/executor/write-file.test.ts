import { chmod, mkdir, mkdtemp, readdir, readFile, realpath, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Backups } from './backups.ts'
import { createExecutor, executorLimits } from './create-executor.ts'
import type { CallPreview, Executor, ToolOutcome } from './executor.ts'
import { createWorkspace } from './paths.ts'
import { digestOf, openSeenFiles } from './seen-files.ts'
import { createWriteFile } from './write-file.ts'

describe('write_file', () => {
  let top: string
  let root: string
  let executor: Executor

  beforeEach(async () => {
    top = await realpath(await mkdtemp(join(tmpdir(), 'write-')))
    root = join(top, 'project')
    await mkdir(root)
    executor = await createExecutor({ root, stateFolder: join(top, 'state') })
  })

  afterEach(() => rm(top, { recursive: true, force: true }))

  function write(values: Record<string, unknown>): Promise<ToolOutcome> {
    return executor.run({ callId: 'call_1', tool: 'write_file', arguments: values })
  }

  function preview(values: Record<string, unknown>): Promise<CallPreview> {
    return executor.preview({ callId: 'call_1', tool: 'write_file', arguments: values })
  }

  /** What a session has not read it may not replace. */
  function read(path: string): Promise<ToolOutcome> {
    return executor.run({ callId: 'call_0', tool: 'read_file', arguments: { path } })
  }

  async function errorOf(values: Record<string, unknown>): Promise<string> {
    const outcome = await write(values)
    return outcome.ok ? `no error: ${JSON.stringify(outcome)}` : outcome.error
  }

  function backups(): Promise<string[]> {
    return readdir(join(top, 'state/backups')).catch(() => [])
  }

  it('creates a file, to the byte', async () => {
    expect(await write({ path: 'a.txt', content: 'Привет\r\n' })).toEqual({
      ok: true,
      result: { success: true, path: 'a.txt', bytes_written: 14, created: true },
      summary: 'created',
    })
    expect(await readFile(join(root, 'a.txt'), 'utf8')).toBe('Привет\r\n')
    expect((await stat(join(root, 'a.txt'))).mode & 0o777).toBe(0o666 & ~process.umask())
    expect(await readdir(root)).toEqual(['a.txt'])
    expect(await backups()).toEqual([])
  })

  it('replaces a file, keeps its mode and a copy of its old content outside the project', async () => {
    await writeFile(join(root, 'run.sh'), 'old')
    await chmod(join(root, 'run.sh'), 0o750)
    await read('run.sh')
    expect(await write({ path: 'run.sh', content: 'new' })).toEqual({
      ok: true,
      result: { success: true, path: 'run.sh', bytes_written: 3, created: false, backup: true },
      summary: 'written',
    })
    expect(await readFile(join(root, 'run.sh'), 'utf8')).toBe('new')
    expect((await stat(join(root, 'run.sh'))).mode & 0o777).toBe(0o750)
    expect(await readdir(root)).toEqual(['run.sh'])
    const [copy = ''] = await backups()
    expect(copy).toMatch(/project\.run\.sh$/)
    expect(await readFile(join(top, 'state/backups', copy), 'utf8')).toBe('old')
    expect((await stat(join(top, 'state/backups', copy))).mode & 0o777).toBe(0o600)
  })

  it('keeps no copy when none is wanted', async () => {
    await writeFile(join(root, 'a.txt'), 'old')
    await read('a.txt')
    expect(await write({ path: 'a.txt', content: 'new', backup: false })).toMatchObject({
      result: { success: true, path: 'a.txt', bytes_written: 3, created: false },
    })
    expect(await backups()).toEqual([])
  })

  it('bounds the copies by number and by size, the oldest go', async () => {
    const limits = { backupFiles: 3, backupBytes: 10 }
    executor = await createExecutor({ root, stateFolder: join(top, 'state'), limits })
    for (const content of ['0', '1', '2', '3', '4', '5']) await write({ path: 'a.txt', content })
    const kept = await Promise.all(
      (await backups()).sort().map((name) => readFile(join(top, 'state/backups', name), 'utf8')),
    )
    expect(kept.sort()).toEqual(['2', '3', '4'])
    await write({ path: 'a.txt', content: 'x'.repeat(9) })
    await write({ path: 'a.txt', content: 'y' })
    expect((await backups()).length).toBe(2)
  })

  it('does not write when the copy cannot be kept', async () => {
    await writeFile(join(root, 'a.txt'), 'old')
    await read('a.txt')
    await writeFile(join(top, 'state/backups'), 'in the way')
    expect(await errorOf({ path: 'a.txt', content: 'new' })).toMatch(/^Keeping a copy .* Nothing was changed\.$/)
    expect(await readFile(join(root, 'a.txt'), 'utf8')).toBe('old')
  })

  it('creates folders only when asked', async () => {
    expect(await errorOf({ path: 'src/deep/a.ts', content: 'x' })).toBe(
      'The folder "src/deep" does not exist. Set create_dirs to true to create it.',
    )
    expect(await readdir(root)).toEqual([])
    expect(await write({ path: 'src/deep/a.ts', content: 'x', create_dirs: true })).toMatchObject({ ok: true })
    expect(await readFile(join(root, 'src/deep/a.ts'), 'utf8')).toBe('x')
  })

  it('writes other encodings, and keeps a byte order mark', async () => {
    await writeFile(join(root, 'a.cs'), '\ufeffold')
    await read('a.cs')
    expect(await write({ path: 'a.cs', content: 'new' })).toMatchObject({ result: { bytes_written: 6 } })
    expect(await readFile(join(root, 'a.cs'), 'utf8')).toBe('\ufeffnew')
    await write({ path: 'b.txt', content: 'Ж', encoding: 'windows-1251' })
    expect([...(await readFile(join(root, 'b.txt')))]).toEqual([0xc6])
    await write({ path: 'c.txt', content: 'é', encoding: 'latin1' })
    expect([...(await readFile(join(root, 'c.txt')))]).toEqual([0xe9])
    expect(await errorOf({ path: 'd.txt', content: 'x', encoding: 'nonsense' })).toContain('unknown')
    expect(await errorOf({ path: 'd.txt', content: 'Ж', encoding: 'latin1' })).toContain('does not have')
  })

  it('refuses what is too large, and leaves nothing behind', async () => {
    executor = await createExecutor({ root, stateFolder: join(top, 'state'), limits: { writeBytes: 4, readBytes: 8 } })
    await writeFile(join(root, 'large'), '123456789')
    expect(await write({ path: 'a', content: '1234' })).toMatchObject({ ok: true })
    expect(await errorOf({ path: 'b', content: 'жжж', create_dirs: true })).toContain('the most is')
    expect(await errorOf({ path: 'large', content: 'x' })).toContain('too large to be replaced')
    expect(await readdir(root)).toEqual(['a', 'large'])
  })

  it('leaves nothing behind when it fails or is interrupted on the way', async () => {
    expect(await errorOf({ path: 'n'.repeat(300), content: 'x' })).toContain('name is too long')
    await writeFile(join(root, 'a.txt'), 'old')
    await writeFile(join(root, 'b.txt'), 'old')
    const stop = new AbortController()
    const workspace = await createWorkspace(root, join(top, 'state'))
    const meanwhile: Backups = {
      async keep(path) {
        if (path === 'b.txt') return stop.abort()
        await rm(join(root, path))
        await mkdir(join(root, path))
      },
    }
    const seen = await openSeenFiles(join(top, 'state'), root)
    for (const name of ['a.txt', 'b.txt']) await seen.note('', name, digestOf(Buffer.from('old')))
    const tool = createWriteFile(workspace, meanwhile, seen, executorLimits)
    await expect(tool.run({ path: 'a.txt', content: 'new' }, {})).rejects.toThrow('EISDIR')
    await expect(tool.run({ path: 'b.txt', content: 'new' }, { signal: stop.signal })).rejects.toThrow('Interrupted')
    expect(await readdir(root)).toEqual(['a.txt', 'b.txt'])
    expect(await readFile(join(root, 'b.txt'), 'utf8')).toBe('old')
  })

  it('refuses targets that are no file, lead outside or are protected', async () => {
    await mkdir(join(root, 'src'))
    await mkdir(join(root, '.git'))
    await mkdir(join(top, 'outside'))
    await symlink(join(top, 'outside'), join(root, 'out'))
    await symlink(join(top, 'outside/new'), join(root, 'dangling'))
    await symlink('loop', join(root, 'loop'))
    expect(await errorOf({ path: 'src', content: 'x' })).toContain('is a folder')
    expect(await errorOf({ path: 'new/', content: 'x' })).toContain('names a folder')
    expect(await errorOf({ path: 'out/a', content: 'x', create_dirs: true })).toContain('outside')
    expect(await errorOf({ path: 'out/b/a', content: 'x', create_dirs: true })).toContain('outside')
    expect(await errorOf({ path: 'dangling', content: 'x' })).toContain('Nothing was written')
    expect(await errorOf({ path: 'loop', content: 'x' })).toContain('circle')
    expect(await errorOf({ path: '.git/config', content: 'x' })).toContain('not allowed')
    expect(await readdir(join(top, 'outside'))).toEqual([])
    expect(await readdir(join(root, '.git'))).toEqual([])
  })

  it('writes through a link inside, which stays a link', async () => {
    await writeFile(join(root, 'a.txt'), 'old')
    await symlink('a.txt', join(root, 'b.txt'))
    await read('a.txt')
    expect(await write({ path: 'b.txt', content: 'new' })).toMatchObject({ result: { path: 'b.txt', created: false } })
    expect(await readFile(join(root, 'a.txt'), 'utf8')).toBe('new')
    expect(await realpath(join(root, 'b.txt'))).toBe(join(root, 'a.txt'))
  })

  it.skipIf(process.getuid?.() === 0)('does not replace a read-only file', async () => {
    await writeFile(join(root, 'a.txt'), 'old')
    await chmod(join(root, 'a.txt'), 0o444)
    await read('a.txt')
    expect(await errorOf({ path: 'a.txt', content: 'new' })).toContain('permission denied')
  })

  it('checks its arguments', async () => {
    expect(await errorOf({ content: 'x' })).toBe('"path" is missing: give a string.')
    expect(await errorOf({ path: 'a' })).toBe('"content" is missing: give a string.')
    expect(await errorOf({ path: 'a', content: { a: 1 } })).toBe('"content" must be a string, not an object.')
    expect(await errorOf({ path: ['a'], content: '' })).toBe('"path" must be a string, not an array.')
    expect(await errorOf({ path: 'a', content: '', backup: 'yes' })).toBe(
      '"backup" must be true or false, not a string.',
    )
    expect(await readdir(root)).toEqual([])
  })

  it('shows the whole old and new text beforehand, and touches nothing', async () => {
    await writeFile(join(root, 'a.txt'), '\ufeffold\r\n')
    await writeFile(join(root, 'b.bin'), Buffer.from([0x61, 0, 0x62, 0xff]))
    for (const name of ['a.txt', 'b.bin']) await read(name)
    expect(await preview({ path: './a.txt', content: 'new' })).toEqual({
      kind: 'write',
      path: 'a.txt',
      before: 'old\r\n',
      after: 'new',
      oldDigest: digestOf(Buffer.from('\ufeffold\r\n')),
    })
    expect(await preview({ path: 'x/y.txt', content: 'new', create_dirs: true })).toEqual({
      kind: 'write',
      path: 'x/y.txt',
      before: null,
      after: 'new',
      oldDigest: null,
    })
    expect(await preview({ path: 'b.bin', content: '' })).toMatchObject({ before: 'a\0b\ufffd' })
    expect(await preview({ path: 'x/y.txt', content: 'new' })).toEqual({
      kind: 'refused',
      reason: 'The folder "x" does not exist. Set create_dirs to true to create it.',
    })
    expect(await preview({ path: '../a', content: '' })).toMatchObject({ kind: 'refused' })
    expect(await readdir(root)).toEqual(['a.txt', 'b.bin'])
    expect(await readdir(join(top, 'state'))).toEqual(['seen'])
  })
})
