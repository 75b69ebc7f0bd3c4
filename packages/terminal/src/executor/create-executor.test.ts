import { mkdir, mkdtemp, readdir, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createExecutor } from './create-executor.ts'

describe('createExecutor', () => {
  let top: string
  let root: string
  let stateFolder: string

  beforeEach(async () => {
    top = await realpath(await mkdtemp(join(tmpdir(), 'executor-')))
    root = join(top, 'project')
    stateFolder = join(top, 'state')
    await mkdir(root)
  })

  afterEach(() => rm(top, { recursive: true, force: true }))

  it('has the tools of the catalogue and creates nothing by itself', async () => {
    const executor = await createExecutor({ root, stateFolder })
    expect(executor.root).toBe(root)
    expect(executor.tools).toEqual([
      'read_file',
      'write_file',
      'edit_file',
      'delete_file',
      'move_file',
      'list_files',
      'create_directory',
      'execute_command',
      'command_output',
      'search_in_code',
    ])
    expect(await readdir(top)).toEqual(['project'])
  })

  it('refuses a root that is no folder', async () => {
    await writeFile(join(top, 'file'), '')
    await expect(createExecutor({ root: join(top, 'file'), stateFolder })).rejects.toThrow('is not a folder')
    await expect(createExecutor({ root: join(top, 'nowhere'), stateFolder })).rejects.toThrow('is not a folder')
  })

  it('answers an unknown tool', async () => {
    const executor = await createExecutor({ root, stateFolder })
    const call = { callId: 'call_1', tool: 'format_disk', arguments: {} }
    expect(await executor.run(call)).toMatchObject({
      ok: false,
      error: expect.stringContaining('no tool "format_disk"'),
    })
    expect(await executor.preview(call)).toMatchObject({
      kind: 'refused',
      reason: expect.stringContaining('format_disk'),
    })
  })

  it('notes the start and the end of calls with effects only', async () => {
    const executor = await createExecutor({ root, stateFolder })
    await executor.run({ callId: 'call_1', tool: 'list_files', arguments: { path: '.' } })
    expect(await readdir(top)).toEqual(['project'])
    await executor.run({ callId: 'call_2', tool: 'write_file', arguments: { path: 'a', content: 'x' } })
    await executor.run({ callId: 'call_3', tool: 'create_directory', arguments: { path: 'a' } })
    const later = await createExecutor({ root, stateFolder })
    expect(['call_1', 'call_2', 'call_3'].map((id) => later.wasStarted(id))).toEqual([false, false, false])
  })

  it('does nothing when the start cannot be noted', async () => {
    const executor = await createExecutor({ root, stateFolder })
    await writeFile(stateFolder, 'in the way')
    const outcome = await executor.run({ callId: 'c', tool: 'write_file', arguments: { path: 'a', content: 'x' } })
    expect(outcome).toMatchObject({
      ok: false,
      error: expect.stringMatching(/Nothing was done\.$/),
      summary: 'not started',
    })
    expect(await readdir(root)).toEqual([])
  })

  it('names no path of the machine in its errors', async () => {
    const executor = await createExecutor({ root, stateFolder })
    for (const path of ['n'.repeat(300), '../x', 'nowhere/x', 'x']) {
      for (const tool of executor.tools) {
        const values = { path, content: '', query: 'x', command: 'pwd', cwd: path, recursive: false }
        const outcome = await executor.run({ callId: 'c', tool, arguments: values })
        expect(outcome.ok ? '' : outcome.error).not.toContain(top)
      }
    }
  })
})
