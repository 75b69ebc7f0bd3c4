import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createExecutor } from './create-executor.ts'
import type { Executor, ToolOutcome } from './executor.ts'

describe('list_files', () => {
  let top: string
  let root: string
  let executor: Executor

  beforeEach(async () => {
    top = await realpath(await mkdtemp(join(tmpdir(), 'list-')))
    root = join(top, 'project')
    await mkdir(root)
    executor = await createExecutor({ root, stateFolder: join(top, 'state') })
  })

  afterEach(() => rm(top, { recursive: true, force: true }))

  function list(values: Record<string, unknown>): Promise<ToolOutcome> {
    return executor.run({ callId: 'call_1', tool: 'list_files', arguments: values })
  }

  async function pathsOf(values: Record<string, unknown>): Promise<string[]> {
    const outcome = await list(values)
    if (!outcome.ok) return [outcome.error]
    const items = outcome.result['items']
    return Array.isArray(items) ? items.map((item: { path: string; type: string }) => item.path) : []
  }

  async function files(...paths: string[]): Promise<void> {
    for (const path of paths) {
      await mkdir(join(root, path, '..'), { recursive: true })
      await writeFile(join(root, path), 'text')
    }
  }

  it('lists one folder, folders first', async () => {
    await files('b.txt', 'a.txt', 'src/x.ts', '.env')
    expect(await list({ path: '.' })).toEqual({
      ok: true,
      result: {
        success: true,
        path: '.',
        items: [
          { name: 'src', path: 'src', type: 'directory' },
          { name: 'a.txt', path: 'a.txt', type: 'file', size: 4 },
          { name: 'b.txt', path: 'b.txt', type: 'file', size: 4 },
        ],
        total_count: 3,
      },
      summary: '3 items',
    })
    expect(await pathsOf({ path: 'src' })).toEqual(['src/x.ts'])
    expect(await pathsOf({ path: '.', include_hidden: true })).toEqual(['src', '.env', 'a.txt', 'b.txt'])
  })

  it('goes into folders, but not into .git and node_modules', async () => {
    await files('a.ts', 'src/b.ts', 'src/deep/c.ts', 'node_modules/x/y.js', '.git/config', '.github/ci.yml')
    expect(await pathsOf({ path: '.', recursive: true })).toEqual([
      'node_modules',
      'src',
      'src/deep',
      'a.ts',
      'src/b.ts',
      'src/deep/c.ts',
    ])
    expect(await pathsOf({ path: '.', recursive: true, include_hidden: true })).toContain('.github/ci.yml')
    expect(await pathsOf({ path: '.', recursive: true, include_hidden: true })).not.toContain('.git/config')
    expect(await pathsOf({ path: 'node_modules', recursive: true })).toEqual(['node_modules/x', 'node_modules/x/y.js'])
    expect(await pathsOf({ path: '.git' })).toEqual(['.git/config'])
  })

  it('honours .gitignore, the nearest first', async () => {
    await files('a.log', 'dist/a.js', 'src/b.log', 'src/keep.log', 'src/c.ts', 'src/gen/d.ts')
    await writeFile(join(root, '.gitignore'), '*.log\n/dist\n')
    await writeFile(join(root, 'src/.gitignore'), '!keep.log\ngen/\n')
    expect(await pathsOf({ path: '.', recursive: true })).toEqual(['src', 'src/c.ts', 'src/keep.log'])
    expect(await pathsOf({ path: 'src', recursive: true })).toEqual(['src/c.ts', 'src/keep.log'])
    expect(await pathsOf({ path: 'dist', recursive: true })).toEqual(['dist/a.js'])
    expect(await pathsOf({ path: '.' })).toContain('dist')
  })

  it('filters by a glob, on the name or on the path', async () => {
    await files('a.ts', 'b.md', 'src/c.ts', 'src/deep/d.ts', 'src/deep/e.md')
    expect(await pathsOf({ path: '.', pattern: '*.ts' })).toEqual(['a.ts'])
    expect(await pathsOf({ path: '.', pattern: '*.ts', recursive: true })).toEqual([
      'a.ts',
      'src/c.ts',
      'src/deep/d.ts',
    ])
    expect(await pathsOf({ path: '.', pattern: '**/*.md' })).toEqual(['b.md', 'src/deep/e.md'])
    expect(await pathsOf({ path: 'src', pattern: 'deep/*.{ts,md}' })).toEqual(['src/deep/d.ts', 'src/deep/e.md'])
  })

  it('does not follow links, and tells what they are', async () => {
    await files('src/a.ts', 'b.txt')
    await writeFile(join(top, 'secret'), 'secret')
    await symlink('..', join(root, 'src/up'))
    await symlink('src', join(root, 'sources'))
    await symlink('b.txt', join(root, 'c.txt'))
    await symlink(top, join(root, 'out'))
    await symlink('nothing', join(root, 'dangling'))
    await symlink('loop', join(root, 'loop'))
    const outcome = await list({ path: '.', recursive: true })
    expect(outcome.ok && outcome.result['items']).toEqual([
      { name: 'sources', path: 'sources', type: 'directory' },
      { name: 'src', path: 'src', type: 'directory' },
      { name: 'up', path: 'src/up', type: 'directory' },
      { name: 'b.txt', path: 'b.txt', type: 'file', size: 4 },
      { name: 'c.txt', path: 'c.txt', type: 'file', size: 4 },
      { name: 'dangling', path: 'dangling', type: 'link' },
      { name: 'loop', path: 'loop', type: 'link' },
      { name: 'out', path: 'out', type: 'link' },
      { name: 'a.ts', path: 'src/a.ts', type: 'file', size: 4 },
    ])
    expect(await pathsOf({ path: 'out' })).toEqual([expect.stringContaining('outside the project folder')])
    expect(await pathsOf({ path: 'sources' })).toEqual(['src/up', 'src/a.ts'])
  })

  it('cuts a long list at its deepest, and says so', async () => {
    executor = await createExecutor({ root, stateFolder: join(top, 'state'), limits: { listItems: 3 } })
    await files('a/deep/1', 'a/deep/2', 'a/3', 'z')
    const outcome = await list({ path: '.', recursive: true })
    expect(outcome).toMatchObject({ result: { total_count: 6, truncated: true }, summary: '6 items' })
    expect(await pathsOf({ path: '.', recursive: true })).toEqual(['a', 'a/3', 'z'])
  })

  it('looks at a bounded number of entries', async () => {
    executor = await createExecutor({ root, stateFolder: join(top, 'state'), limits: { listVisited: 2 } })
    await files('a', 'b', 'c')
    expect(await list({ path: '.' })).toMatchObject({ result: { total_count: 2, truncated: true } })
  })

  it('finds folders that the disk spells decomposed', async () => {
    await files('cafe\u0301/menu.txt')
    expect(await pathsOf({ path: '.', recursive: true })).toEqual(['caf\u00e9', 'caf\u00e9/menu.txt'])
    expect(await pathsOf({ path: 'caf\u00e9' })).toEqual(['caf\u00e9/menu.txt'])
  })

  it('says what is wrong', async () => {
    await files('a.txt')
    expect(await list({ path: 'x' })).toEqual({ ok: false, error: 'Folder not found: x', summary: 'folder not found' })
    expect(await pathsOf({ path: 'a.txt' })).toEqual(['"a.txt" is a file, not a folder. Use read_file.'])
    expect(await pathsOf({ path: '.', recursive: 1 })).toEqual(['"recursive" must be true or false, not a number.'])
    expect(await pathsOf({ path: '' })).toEqual([expect.stringContaining('empty')])
  })

  it('ends when it is interrupted', async () => {
    const call = { callId: 'call_1', tool: 'list_files', arguments: { path: '.' } }
    expect(await executor.run(call, { signal: AbortSignal.abort() })).toMatchObject({
      ok: false,
      summary: 'interrupted',
    })
  })
})

describe('create_directory', () => {
  let top: string
  let root: string
  let executor: Executor

  beforeEach(async () => {
    top = await realpath(await mkdtemp(join(tmpdir(), 'directory-')))
    root = join(top, 'project')
    await mkdir(root)
    executor = await createExecutor({ root, stateFolder: join(top, 'state') })
  })

  afterEach(() => rm(top, { recursive: true, force: true }))

  function create(values: Record<string, unknown>): Promise<ToolOutcome> {
    return executor.run({ callId: 'call_1', tool: 'create_directory', arguments: values })
  }

  it('creates a folder and those above it', async () => {
    expect(await create({ path: 'a/b/c' })).toEqual({
      ok: true,
      result: { success: true, path: 'a/b/c', created: true },
      summary: 'created',
    })
    expect(await create({ path: 'a/b/c' })).toMatchObject({ result: { created: false }, summary: 'exists already' })
  })

  it('creates one folder only when told so', async () => {
    expect(await create({ path: 'a/b', recursive: false })).toMatchObject({
      error: 'The folder "a" does not exist. Set recursive to true to create it.',
    })
    expect(await create({ path: 'a', recursive: false })).toMatchObject({ ok: true })
  })

  it('refuses files, protected folders and ways out', async () => {
    await writeFile(join(root, 'file'), '')
    await symlink(top, join(root, 'out'))
    expect(await create({ path: 'file' })).toMatchObject({ error: '"file" is a file already.' })
    expect(await create({ path: 'file/x' })).toMatchObject({ error: expect.stringContaining('is a file') })
    expect(await create({ path: '.git/hooks' })).toMatchObject({ error: expect.stringContaining('not allowed') })
    expect(await create({ path: 'out/x' })).toMatchObject({ error: expect.stringContaining('outside') })
  })

  it('is shown beforehand', async () => {
    const preview = (path: string) => executor.preview({ callId: 'c', tool: 'create_directory', arguments: { path } })
    expect(await preview('a/b')).toEqual({ kind: 'directory', path: 'a/b', exists: false })
    expect(await preview('.')).toEqual({ kind: 'directory', path: '.', exists: true })
    expect(await preview('/a')).toMatchObject({ kind: 'refused' })
  })
})
