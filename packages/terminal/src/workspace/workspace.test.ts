import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { nameMentions } from './mentions.ts'
import { runShellCommand } from './shell-command.ts'
import { rankPaths, WorkspaceFiles } from './workspace-files.ts'

let root: string
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'codelab-files-'))
})
afterEach(() => rm(root, { recursive: true, force: true }))

describe('WorkspaceFiles', () => {
  it('finds files, hidden ones too, and none that Git ignores', async () => {
    await mkdir(join(root, '.git'))
    await mkdir(join(root, 'src'))
    await writeFile(join(root, '.gitignore'), 'dist\n')
    await mkdir(join(root, 'dist'))
    await writeFile(join(root, 'dist', 'orders.js'), '')
    await writeFile(join(root, '.git', 'orders'), '')
    await writeFile(join(root, 'src', 'orders.ts'), 'a\nb')
    await writeFile(join(root, '.orders.yml'), 'a: 1\n')
    const found = await new WorkspaceFiles(root).find('ord')
    expect(found.map(({ path, lines }) => [path, lines])).toEqual([
      ['src/orders.ts', 2],
      ['.orders.yml', 1],
    ])
  })

  it('ranks the name before the path, and letters in order last', () => {
    const paths = ['other/reports.ts', 'order/x.ts', 'src/order.ts', 'src/my-order.ts', 'o/r/d/e/r']
    expect(rankPaths(paths, 'order')).toEqual(['order/x.ts', 'src/order.ts', 'src/my-order.ts', 'o/r/d/e/r'])
  })
})

describe('runShellCommand', () => {
  const run = (command: string, signal = new AbortController().signal) =>
    runShellCommand(command, { cwd: root, env: { ...process.env, SHELL: '/bin/sh' }, signal, onOutput: () => {} })

  it('gives exit code and output of both streams', async () => {
    expect(await run('echo out; echo err >&2; exit 3')).toMatchObject({ exitCode: 3, wasStopped: false })
    expect((await run('pwd; cat')).output).toContain('codelab-files-')
  })

  it('ends the whole group when it is stopped', async () => {
    const controller = new AbortController()
    setTimeout(() => controller.abort(), 150)
    const end = await run('sleep 30 & sleep 30', controller.signal)
    expect(end).toMatchObject({ exitCode: 130, wasStopped: true })
  })

  it('keeps the end of a long output and says what is gone', async () => {
    const end = await run('yes line | head -c 100000')
    expect(end.output.length).toBe(30_000)
    expect(end.leftOut).toBe(70_000)
  })
})

describe('nameMentions', () => {
  it('takes the sign off where there is such a file in the folder, and nowhere else', async () => {
    await writeFile(join(root, 'a.ts'), '')
    await writeFile(join(root, 'b c.ts'), '')
    const said = 'See @a.ts, @"b c.ts" (@a.ts) and @nobody, me@a.ts or @../a.ts.'
    expect(nameMentions(said, root)).toBe('See a.ts, "b c.ts" (a.ts) and @nobody, me@a.ts or @../a.ts.')
  })
})
