import { chmod, mkdir, mkdtemp, readdir, readFile, realpath, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createExecutor } from '../executor/create-executor.ts'
import type { Executor } from '../executor/executor.ts'
import { ChangeLog } from './change-log.ts'
import { recordChanges } from './recording-executor.ts'
import { undoLastTurn, undoNote } from './undo-turn.ts'

let root: string
let stateFolder: string
let log: ChangeLog
let executor: Executor
let calls = 0

beforeEach(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'codelab-undo-')))
  stateFolder = await mkdtemp(join(tmpdir(), 'codelab-state-'))
  log = new ChangeLog(stateFolder, root)
  executor = recordChanges(await createExecutor({ root, stateFolder }), log)
  await writeFile(join(root, 'a.txt'), 'one\r\ntwo')
  log.beginTurn('s1')
})

afterEach(async () => {
  await rm(root, { recursive: true, force: true })
  await rm(stateFolder, { recursive: true, force: true })
})

async function write(path: string, content: string): Promise<void> {
  // What was not read is not written.
  await executor.run({ callId: `c${calls++}`, tool: 'read_file', arguments: { path } })
  const values = { path, content, create_dirs: true }
  const outcome = await executor.run({ callId: `c${calls++}`, tool: 'write_file', arguments: values })
  expect(outcome).toMatchObject({ ok: true })
}

const read = (path: string) => readFile(join(root, path), 'utf8')

describe('undoLastTurn', () => {
  it('restores bytes and mode of what the turn wrote, and deletes what it made with its folders', async () => {
    await chmod(join(root, 'a.txt'), 0o755)
    await write('a.txt', 'changed')
    await write('a.txt', 'changed again')
    await write('./new/deep/b.txt', 'b')
    expect(await undoLastTurn(log, 's1')).toEqual([
      { path: 'a.txt', what: 'restored' },
      { path: 'new/deep/b.txt', what: 'deleted' },
    ])
    expect(await read('a.txt')).toBe('one\r\ntwo')
    expect((await stat(join(root, 'a.txt'))).mode & 0o777).toBe(0o755)
    expect(await readdir(root)).toEqual(['a.txt'])
  })

  it('brings back what was edited, moved and deleted', async () => {
    const run = async (tool: string, values: Record<string, unknown>) =>
      expect(await executor.run({ callId: `c${calls++}`, tool, arguments: values })).toMatchObject({ ok: true })
    await run('read_file', { path: 'a.txt' })
    await run('edit_file', { path: 'a.txt', edits: [{ old_text: 'two', new_text: '2' }] })
    await run('move_file', { source_path: 'a.txt', destination_path: 'lib/b.txt' })
    expect(await undoLastTurn(log, 's1')).toMatchObject([{ what: 'restored' }, { what: 'deleted' }])
    expect(await read('a.txt')).toBe('one\r\ntwo')
    log.beginTurn('s1')
    await run('read_file', { path: 'a.txt' })
    await run('delete_file', { path: 'a.txt' })
    await undoLastTurn(log, 's1')
    expect(await read('a.txt')).toBe('one\r\ntwo')
    expect(await readdir(root)).toEqual(['a.txt'])
  })

  it('leaves a file alone that was changed since, and undoes the others', async () => {
    await write('a.txt', 'changed')
    await write('b.txt', 'b')
    await writeFile(join(root, 'a.txt'), 'by the person')
    const undone = await undoLastTurn(log, 's1')
    expect(undone).toEqual([
      { path: 'a.txt', what: 'left', why: 'it was changed since' },
      { path: 'b.txt', what: 'deleted' },
    ])
    expect(await read('a.txt')).toBe('by the person')
    expect(undoNote(undone ?? [])).toContain('deleted again: b.txt; left as they are: a.txt')
  })

  it('goes back turn by turn, also in a later process, and only for its session', async () => {
    await write('a.txt', 'first')
    log.beginTurn('s1')
    await write('a.txt', 'second')
    const later = new ChangeLog(stateFolder, root)
    expect(await undoLastTurn(later, 's2')).toBeUndefined()
    await undoLastTurn(later, 's1')
    expect(await read('a.txt')).toBe('first')
    await undoLastTurn(later, 's1')
    expect(await read('a.txt')).toBe('one\r\ntwo')
    expect(await undoLastTurn(later, 's1')).toBeUndefined()
  })

  it('does not follow a link that leads out of the folder', async () => {
    await mkdir(join(root, 'sub'))
    await write('sub/a.txt', 'x')
    const outside = await mkdtemp(join(tmpdir(), 'codelab-outside-'))
    await writeFile(join(outside, 'a.txt'), 'x')
    await rm(join(root, 'sub'), { recursive: true })
    await symlink(outside, join(root, 'sub'))
    expect(await undoLastTurn(log, 's1')).toMatchObject([{ what: 'left' }])
    expect(await readFile(join(outside, 'a.txt'), 'utf8')).toBe('x')
    await rm(outside, { recursive: true })
  })

  it('keeps copies for this user only and never in the folder', async () => {
    await write('a.txt', 'changed')
    expect(await readdir(root)).toEqual(['a.txt'])
    const [folder = ''] = await readdir(join(stateFolder, 'undo'))
    for (const name of await readdir(join(stateFolder, 'undo', folder))) {
      expect((await stat(join(stateFolder, 'undo', folder, name))).mode & 0o777).toBe(0o600)
    }
  })

  it('keeps no more turns and bytes than it may', async () => {
    const small = new ChangeLog(stateFolder, root, { turns: 3, bytes: 1_000_000 })
    const recorder = recordChanges(await createExecutor({ root, stateFolder }), small)
    await recorder.run({ callId: 'k', tool: 'read_file', arguments: { path: 'a.txt' } })
    for (let turn = 0; turn < 6; turn++) {
      small.beginTurn('s1')
      const values = { path: 'a.txt', content: `turn ${turn}` }
      await recorder.run({ callId: `k${turn}`, tool: 'write_file', arguments: values })
    }
    expect(await small.turnsOf('s1')).toHaveLength(3)
    const [folder = ''] = await readdir(join(stateFolder, 'undo'))
    expect((await readdir(join(stateFolder, 'undo', folder))).filter((name) => name.endsWith('.bin'))).toHaveLength(3)
  })
})
