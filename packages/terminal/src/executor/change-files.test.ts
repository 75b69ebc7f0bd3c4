import {
  chmod,
  link,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  realpath,
  rm,
  stat,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createExecutor } from './create-executor.ts'
import type { CallPreview, Executor, ToolOutcome } from './executor.ts'
import { digestOf } from './seen-files.ts'

let top: string
let root: string
let executor: Executor

beforeEach(async () => {
  top = await realpath(await mkdtemp(join(tmpdir(), 'change-')))
  root = join(top, 'project')
  await mkdir(root)
  executor = await createExecutor({ root, stateFolder: join(top, 'state') })
})

afterEach(() => rm(top, { recursive: true, force: true }))

const session = 's1'

function run(tool: string, values: Record<string, unknown>, by = session): Promise<ToolOutcome> {
  return executor.run({ callId: 'call_1', tool, arguments: values }, { session: by })
}

function preview(tool: string, values: Record<string, unknown>): Promise<CallPreview> {
  return executor.preview({ callId: 'call_1', tool, arguments: values }, session)
}

async function errorOf(tool: string, values: Record<string, unknown>): Promise<string> {
  const outcome = await run(tool, values)
  return outcome.ok ? `no error: ${JSON.stringify(outcome)}` : outcome.error
}

/** A file that the session has read. */
async function known(path: string, text: string): Promise<void> {
  await writeFile(join(root, path), text)
  await run('read_file', { path })
}

const textOf = (path: string) => readFile(join(root, path), 'utf8')
const edit = (old_text: string, new_text: string) => ({ old_text, new_text })

describe('edit_file', () => {
  it('edits, keeps mark, line ends and mode, and keeps a copy of the old content', async () => {
    await known('run.sh', '\ufeffone\r\ntwo\r\nthree')
    await chmod(join(root, 'run.sh'), 0o750)
    const edits = [edit('one\ntwo', 'one\n2\n2b'), edit('three', '3')]
    expect(await run('edit_file', { path: 'run.sh', edits })).toEqual({
      ok: true,
      result: {
        success: true,
        path: 'run.sh',
        created: false,
        edits: [
          { match: 'line_ends', lines: ['1-3'] },
          { match: 'exact', lines: ['4'] },
        ],
        bytes_written: 16,
      },
      summary: '2 edits',
    })
    expect(await textOf('run.sh')).toBe('\ufeffone\r\n2\r\n2b\r\n3')
    expect((await stat(join(root, 'run.sh'))).mode & 0o777).toBe(0o750)
    expect(await readdir(root)).toEqual(['run.sh'])
    const [copy = ''] = await readdir(join(top, 'state/backups'))
    expect(await readFile(join(top, 'state/backups', copy), 'utf8')).toBe('\ufeffone\r\ntwo\r\nthree')
  })

  it('shows what it would do, to the letter, and does exactly that', async () => {
    await known('a.ts', 'f() {\n  a  \n  b\n}\n')
    const values = { path: './a.ts', edits: [edit('a\nb', 'a\nc')] }
    const shown = await preview('edit_file', values)
    expect(shown).toEqual({
      kind: 'write',
      path: 'a.ts',
      before: 'f() {\n  a  \n  b\n}\n',
      after: 'f() {\n  a  \n  c\n}\n',
      oldDigest: digestOf(Buffer.from('f() {\n  a  \n  b\n}\n')),
    })
    await run('edit_file', values)
    expect(shown.kind === 'write' && shown.after).toBe(await textOf('a.ts'))
  })

  it('makes all edits or none, and says what is there', async () => {
    await known('a.ts', 'one\ntwo\n')
    const values = { path: 'a.ts', edits: [edit('one', '1'), edit('tow', '2')] }
    const error = await errorOf('edit_file', values)
    expect(error).toContain('a.ts: edits[1].old_text is not in the file. Nothing was changed.')
    expect(error).toContain('2\ttwo')
    expect(await preview('edit_file', values)).toEqual({ kind: 'refused', reason: error })
    expect(await textOf('a.ts')).toBe('one\ntwo\n')
    expect(await readdir(join(top, 'state'))).not.toContain('backups')
  })

  it('creates a file from an empty old text only', async () => {
    expect(await errorOf('edit_file', { path: 'a.ts', edits: [edit('x', 'y')] })).toContain('File not found: a.ts')
    expect(await errorOf('edit_file', { path: 'x/a.ts', edits: [edit('', 'y')] })).toContain('does not exist')
    expect(await run('edit_file', { path: 'a.ts', edits: [edit('', 'one\n')] })).toMatchObject({
      ok: true,
      result: { created: true },
    })
    expect(await textOf('a.ts')).toBe('one\n')
    expect(await run('edit_file', { path: 'a.ts', edits: [edit('one', 'two')] })).toMatchObject({ ok: true })
  })

  it('checks its arguments and its target', async () => {
    await mkdir(join(root, 'src'))
    await writeFile(join(top, 'secret'), 'secret')
    await symlink('../secret', join(root, 'out'))
    await known('old.txt', 'x')
    await writeFile(join(root, 'old.txt'), Buffer.from([0xcf, 0xf0, 0xe8]))
    const edits = [edit('secret', 'x')]
    expect(await errorOf('edit_file', { path: 'a', edits: 'x' })).toContain('"edits" must be a list')
    expect(await errorOf('edit_file', { path: 'a', edits: [{ old_text: 'x' }] })).toContain('edits[0] must have')
    expect(await errorOf('edit_file', { path: 'src', edits })).toContain('is a folder')
    expect(await errorOf('edit_file', { path: 'out', edits })).toContain('outside')
    expect(await errorOf('edit_file', { path: '.git/config', edits: [edit('', 'x')] })).toContain('not allowed')
    expect(await errorOf('edit_file', { path: 'old.txt', edits })).toContain('not UTF-8 text')
    expect(await readFile(join(top, 'secret'), 'utf8')).toBe('secret')
  })

  it('edits text in another encoding', async () => {
    await writeFile(join(root, 'old.txt'), Buffer.from([0xcf, 0x0a]))
    await run('read_file', { path: 'old.txt', encoding: 'windows-1251' })
    await run('edit_file', { path: 'old.txt', encoding: 'windows-1251', edits: [edit('П', 'Ж')] })
    expect([...(await readFile(join(root, 'old.txt')))]).toEqual([0xc6, 0x0a])
  })
})

describe('a file that the session does not know as it is', () => {
  const changes: [string, Record<string, unknown>][] = [
    ['write_file', { path: 'a.ts', content: 'new' }],
    ['edit_file', { path: 'a.ts', edits: [edit('two', '2')] }],
    ['delete_file', { path: 'a.ts' }],
    ['move_file', { source_path: 'a.ts', destination_path: 'b.ts' }],
  ]

  it.each(changes)('%s refuses one that was never read', async (tool, values) => {
    await writeFile(join(root, 'a.ts'), 'one\ntwo\n')
    await run('search_in_code', { query: 'two' })
    const error = await errorOf(tool, values)
    expect(error).toContain('you have not read it in this session')
    expect(error).toContain('read_file {"path":"a.ts"}')
    expect(error).toContain('1\tone\n2\ttwo')
    expect(await preview(tool, values)).toEqual({ kind: 'refused', reason: error })
    expect(await textOf('a.ts')).toBe('one\ntwo\n')
  })

  it.each(changes)('%s refuses one that a person has changed since, until it is read again', async (tool, values) => {
    await known('a.ts', 'one\ntwo\n')
    await writeFile(join(root, 'a.ts'), 'one\ntwo\nthree\n')
    expect(await errorOf(tool, values)).toContain('was changed since you read it')
    expect(await errorOf(tool, values)).toContain('3\tthree')
    expect(await textOf('a.ts')).toBe('one\ntwo\nthree\n')
    await run('read_file', { path: 'a.ts', end_line: 1 })
    expect(await run(tool, values)).toMatchObject({ ok: true })
  })

  it.each(changes)('%s knows nothing of what another session has read', async (tool, values) => {
    await writeFile(join(root, 'a.ts'), 'one\ntwo\n')
    await run('read_file', { path: 'a.ts' }, 's2')
    expect(await errorOf(tool, values)).toContain('not read it in this session')
  })

  it('counts what a command did, and shows the region of the edit', async () => {
    const lines = Array.from({ length: 100 }, (_, index) => `line ${index + 1}\n`).join('')
    await known('a.ts', lines)
    await run('execute_command', { command: 'echo more >> a.ts' })
    const error = await errorOf('edit_file', { path: 'a.ts', edits: [edit('line 60\n', 'x\n')] })
    expect(error).toContain('60\tline 60')
    expect(error).not.toContain('\n2\tline 2\n')
  })

  it('remembers over a restart, and through links', async () => {
    await known('a.ts', 'one\n')
    await symlink('a.ts', join(root, 'b.ts'))
    executor = await createExecutor({ root, stateFolder: join(top, 'state') })
    expect(await run('write_file', { path: 'b.ts', content: 'two\n' })).toMatchObject({ ok: true })
    executor = await createExecutor({ root, stateFolder: join(top, 'state') })
    expect(await run('edit_file', { path: 'a.ts', edits: [edit('two', 'three')] })).toMatchObject({ ok: true })
  })

  it('takes half a line of a process that died for none', async () => {
    await known('a.ts', 'one\n')
    const [name = ''] = await readdir(join(top, 'state/seen'))
    await writeFile(join(top, 'state/seen', name), '{"session":"s1","pa', { flag: 'a' })
    executor = await createExecutor({ root, stateFolder: join(top, 'state') })
    expect(await run('write_file', { path: 'a.ts', content: 'two\n' })).toMatchObject({ ok: true })
  })
})

describe('delete_file', () => {
  it('deletes a file and keeps a copy', async () => {
    await known('a.ts', 'one\n')
    expect(await preview('delete_file', { path: 'a.ts' })).toEqual({
      kind: 'delete',
      path: 'a.ts',
      before: 'one\n',
      oldDigest: digestOf(Buffer.from('one\n')),
    })
    expect(await run('delete_file', { path: 'a.ts' })).toEqual({
      ok: true,
      result: { success: true, path: 'a.ts', deleted: 'file', backup: true },
      summary: 'deleted',
    })
    expect(await readdir(root)).toEqual([])
    expect(await readdir(join(top, 'state/backups'))).toHaveLength(1)
    await writeFile(join(root, 'a.ts'), 'one\n')
    expect(await errorOf('delete_file', { path: 'a.ts' })).toContain('not read it in this session')
  })

  it('deletes what cannot be shown as text, once it was looked at', async () => {
    await writeFile(join(root, 'a.png'), Buffer.from([1, 0, 2]))
    await writeFile(join(root, 'large'), '')
    await truncate(join(root, 'large'), 11 * 1024 * 1024)
    for (const path of ['a.png', 'large']) {
      expect(await errorOf('delete_file', { path })).toContain('not read it')
      await run('read_file', { path })
      expect(await preview('delete_file', { path })).toMatchObject({ kind: 'delete', before: null })
      expect(await run('delete_file', { path })).toMatchObject({ ok: true })
    }
  })

  it('deletes a folder with files only when asked, and never a repository', async () => {
    await mkdir(join(root, 'src/deep/er'), { recursive: true })
    expect(await run('delete_file', { path: 'src/deep' })).toMatchObject({ ok: true, result: { files: 0 } })
    await mkdir(join(root, 'src/sub'))
    await writeFile(join(root, 'src/b.ts'), 'b')
    await writeFile(join(root, 'src/sub/a.ts'), 'a')
    await writeFile(join(top, 'kept'), 'kept')
    await symlink('../../kept', join(root, 'src/link'))
    expect(await errorOf('delete_file', { path: 'src' })).toContain('Set recursive to true')
    expect(await preview('delete_file', { path: 'src', recursive: true })).toEqual({
      kind: 'delete-folder',
      path: 'src',
      files: ['src/b.ts', 'src/link', 'src/sub/a.ts'],
    })
    await mkdir(join(root, 'src/sub/.git'))
    expect(await errorOf('delete_file', { path: 'src', recursive: true })).toContain('not open to tools')
    await rm(join(root, 'src/sub/.git'), { recursive: true })
    expect(await run('delete_file', { path: 'src', recursive: true })).toMatchObject({ ok: true, result: { files: 3 } })
    expect(await readdir(root)).toEqual([])
    expect(await readFile(join(top, 'kept'), 'utf8')).toBe('kept')
    expect(await readdir(join(top, 'state/backups'))).toHaveLength(2)
  })

  it('refuses links, the root, and more than it keeps copies of', async () => {
    await known('a.ts', 'one\n')
    await symlink('a.ts', join(root, 'b.ts'))
    await symlink('..', join(root, 'out'))
    await mkdir(join(root, 'many'))
    for (let index = 0; index < 4; index++) await writeFile(join(root, `many/${index}`), '')
    executor = await createExecutor({ root, stateFolder: join(top, 'state'), limits: { deletedFiles: 3 } })
    expect(await errorOf('delete_file', { path: 'b.ts' })).toContain('is a link to "a.ts"')
    expect(await errorOf('delete_file', { path: 'out/secret' })).toContain('outside')
    expect(await errorOf('delete_file', { path: '.' })).toContain('project folder itself')
    expect(await errorOf('delete_file', { path: 'none' })).toContain('File not found: none')
    expect(await errorOf('delete_file', { path: 'many', recursive: true })).toContain('Nothing was deleted')
    expect(await readdir(root)).toEqual(['a.ts', 'b.ts', 'many', 'out'])
  })
})

describe('move_file', () => {
  const to = (source_path: string, destination_path: string) => ({ source_path, destination_path })

  it('moves a file, makes folders, and knows it under its new name', async () => {
    await known('a.ts', 'one\n')
    await chmod(join(root, 'a.ts'), 0o640)
    expect(await preview('move_file', to('a.ts', 'src/new/b.ts'))).toMatchObject({ kind: 'move', to: 'src/new/b.ts' })
    expect(await run('move_file', to('a.ts', 'src/new/b.ts'))).toMatchObject({
      ok: true,
      summary: 'moved to src/new/b.ts',
    })
    expect(await readdir(root)).toEqual(['src'])
    expect((await stat(join(root, 'src/new/b.ts'))).mode & 0o777).toBe(0o640)
    expect(await run('edit_file', { path: 'src/new/b.ts', edits: [edit('one', 'two')] })).toMatchObject({ ok: true })
  })

  it('moves a folder', async () => {
    await mkdir(join(root, 'src'))
    await writeFile(join(root, 'src/a.ts'), 'a')
    expect(await run('move_file', to('src', 'lib'))).toMatchObject({ ok: true })
    expect(await textOf('lib/a.ts')).toBe('a')
    expect(await errorOf('move_file', to('lib', 'lib/in/itself'))).toContain('lies in "lib" itself')
    await mkdir(join(root, 'lib/.git'))
    expect(await errorOf('move_file', to('lib', 'other'))).toContain('not open to tools')
  })

  it('never replaces, never leaves the folder, follows no link', async () => {
    await known('a.ts', 'one\n')
    await known('b.ts', 'two\n')
    await link(join(root, 'b.ts'), join(root, 'c.ts'))
    await symlink('a.ts', join(root, 'd.ts'))
    await symlink('..', join(root, 'out'))
    expect(await errorOf('move_file', to('a.ts', 'b.ts'))).toContain('"b.ts" exists already')
    expect(await errorOf('move_file', to('a.ts', 'd.ts'))).toContain('exists already')
    expect(await errorOf('move_file', to('a.ts', 'out/a.ts'))).toContain('outside')
    expect(await errorOf('move_file', to('a.ts', '../a.ts'))).toContain('outside')
    expect(await errorOf('move_file', to('d.ts', 'e.ts'))).toContain('is a link')
    expect(await errorOf('move_file', to('a.ts', '.git/a.ts'))).toContain('not allowed')
    expect(await readdir(root)).toEqual(['a.ts', 'b.ts', 'c.ts', 'd.ts', 'out'])
    expect(await textOf('b.ts')).toBe('two\n')
  })
})
