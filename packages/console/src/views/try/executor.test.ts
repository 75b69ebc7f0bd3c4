import { describe, expect, it } from 'vitest'
import { Executor, toolNames } from './executor.ts'
import { normalisePath } from './paths.ts'
import { Workspace, workspaceLimits } from './workspace.ts'

const files = {
  'README.md': '# todo\n',
  'src/store.ts': 'one\ntwo\n// Left: three\n',
  'src/.hidden': 'x',
  'test/a.ts': 'two\n',
}

function start() {
  const workspace = new Workspace('todo', Object.entries(files))
  const executor = new Executor(workspace)
  const run = (tool: string, args: object = {}) => executor.run({ callId: 'c', tool, arguments: { ...args } })
  const preview = (tool: string, args: object = {}) => executor.preview({ callId: 'c', tool, arguments: { ...args } })
  return { workspace, run, preview }
}

const bad = (summary: string) => expect.objectContaining({ ok: false, summary })

describe('paths', () => {
  it.each([
    ['./src//a.ts', 'src/a.ts'],
    ['src\\a.ts', 'src/a.ts'],
    ['a/../b', 'b'],
    ['.', '.'],
  ])('%s is %s', (path, shown) => expect(normalisePath(path)).toBe(shown))

  it.each(['/etc/passwd', '../x', 'a/../../x', '~/x', 'c:/x', 'file:///x', '', 'a\u202eb', 'https://x/y'])(
    'refuses %j',
    (path) => expect(start().run('read_file', { path })).toEqual(bad('not allowed')),
  )

  it.each(['.git/config', '.GIT/x', 'a/.ssh/id'])('%s is not written', (path) => {
    expect(start().run('write_file', { path, content: '', create_dirs: true })).toEqual(bad('not allowed'))
  })
})

describe('reading', () => {
  it('gives numbered lines, whole or a range', () => {
    const { run } = start()
    expect(run('read_file', { path: 'src/store.ts' })).toMatchObject({
      text: 'src/store.ts, lines 1-3 of 3\n1\tone\n2\ttwo\n3\t// Left: three',
      summary: '3 lines',
    })
    expect(run('read_file', { path: 'src/store.ts', start_line: 2, end_line: 2 })).toMatchObject({ summary: '1 line' })
    expect(run('read_file', { path: 'src/store.ts', start_line: 9 })).toEqual(bad('no such line'))
    expect(run('read_file', { path: 'store.ts' })).toMatchObject({ error: expect.stringContaining('src/store.ts') })
    expect(run('read_file', { path: 'src' })).toEqual(bad('is a folder'))
  })

  it('cuts a long file and says how to go on', () => {
    const workspace = new Workspace('w', [['long.txt', 'x\n'.repeat(5000)]])
    const outcome = new Executor(workspace).run({ callId: 'c', tool: 'read_file', arguments: { path: 'long.txt' } })
    expect(outcome).toMatchObject({ text: expect.stringContaining('"start_line":2001') })
  })

  it('lists folders, with a pattern and below', () => {
    const { run } = start()
    const names = (args: object) => {
      const outcome = run('list_files', args)
      return outcome.ok ? (outcome.result['items'] as { path: string }[]).map(({ path }) => path) : []
    }
    expect(names({ path: '.' })).toEqual(['src', 'test', 'README.md'])
    expect(names({ path: 'src' })).toEqual(['src/store.ts'])
    expect(names({ path: 'src', include_hidden: true })).toEqual(['src/.hidden', 'src/store.ts'])
    expect(names({ pattern: '**/*.ts' })).toEqual(['src/store.ts', 'test/a.ts'])
    expect(run('list_files', { path: 'nowhere' })).toEqual(bad('folder not found'))
  })

  it('searches text and expressions', () => {
    const { run } = start()
    expect(run('search_in_code', { query: 'LEFT', path: 'src' })).toMatchObject({
      text: '1 match in 1 file\nsrc/store.ts\n1-\tone\n2-\ttwo\n3:\t// Left: three',
      result: { matches: [{ path: 'src/store.ts', line: 3 }] },
    })
    expect(run('search_in_code', { query: '^two$', regex: true })).toMatchObject({ summary: '2 matches' })
    expect(run('search_in_code', { query: 'two', file_pattern: '*.md' })).toMatchObject({ text: 'No match.' })
    expect(run('search_in_code', { query: '(', regex: true })).toEqual(bad('wrong regular expression'))
  })
})

describe('changing', () => {
  it('creates a file, and overwrites only what was read as it is', () => {
    const { run, workspace } = start()
    expect(run('write_file', { path: 'NOTES.md', content: 'a' })).toMatchObject({ summary: 'created' })
    expect(run('write_file', { path: 'NOTES.md', content: 'b' })).toMatchObject({ summary: 'written' })
    expect(run('write_file', { path: 'README.md', content: '' })).toEqual(bad('not read before'))
    run('read_file', { path: 'README.md' })
    workspace.type('README.md', '# changed\n')
    expect(run('write_file', { path: 'README.md', content: '' })).toEqual(bad('changed since it was read'))
    run('read_file', { path: 'README.md' })
    expect(run('write_file', { path: 'README.md', content: '' })).toMatchObject({ ok: true })
    expect(run('write_file', { path: 'new/x', content: '' })).toEqual(bad('no such folder'))
    expect(run('write_file', { path: 'new/x', content: '', create_dirs: true })).toMatchObject({ ok: true })
    expect(run('write_file', { path: 'README.md/x', content: '', create_dirs: true })).toEqual(bad('not a folder'))
  })

  it('edits parts, all of them or none', () => {
    const { run, preview, workspace } = start()
    const edits = [{ old_text: 'two', new_text: '2' }]
    expect(run('edit_file', { path: 'src/store.ts', edits })).toEqual(bad('not read before'))
    run('read_file', { path: 'src/store.ts' })
    expect(preview('edit_file', { path: 'src/store.ts', edits })).toMatchObject({
      kind: 'write',
      after: 'one\n2\n// Left: three\n',
    })
    expect(run('edit_file', { path: 'src/store.ts', edits: [...edits, { old_text: 'four', new_text: '' }] })).toEqual(
      bad('not found'),
    )
    expect(workspace.read('src/store.ts')).toBe(files['src/store.ts'])
    expect(run('edit_file', { path: 'src/store.ts', edits })).toMatchObject({ summary: '1 edit' })
  })

  it('moves and deletes, and takes each step back', () => {
    const { run, workspace } = start()
    run('read_file', { path: 'test/a.ts' })
    expect(run('move_file', { source_path: 'test/a.ts', destination_path: 'README.md' })).toEqual(
      bad('the name is taken'),
    )
    expect(run('move_file', { source_path: 'test/a.ts', destination_path: 'b.ts' })).toMatchObject({ ok: true })
    expect(run('delete_file', { path: 'src' })).toEqual(bad('folder is not empty'))
    expect(run('delete_file', { path: 'src', recursive: true })).toMatchObject({ ok: true })
    expect([...workspace.files.keys()].sort()).toEqual(['README.md', 'b.ts'])
    expect(workspace.isFolder('src')).toBe(false)
    expect(workspace.undo()?.changes).toHaveLength(2)
    expect(workspace.undo()?.changes).toHaveLength(2)
    expect(new Map(workspace.files)).toEqual(new Map(Object.entries(files)))
    expect(workspace.isFolder('src')).toBe(true)
    expect(workspace.undo()).toBeUndefined()
  })

  it('has limits, and changes nothing beyond them', () => {
    const { run, workspace } = start()
    for (let index = 0; index < workspaceLimits.files; index++) run('write_file', { path: `f${index}`, content: 'x' })
    expect(workspace.files.size).toBe(workspaceLimits.files)
    expect(run('write_file', { path: 'one-more', content: 'x' })).toEqual(bad('too large'))
  })

  it('has no shell, and says so before anybody is asked', () => {
    expect(start().preview('execute_command', { command: 'npm test' })).toMatchObject({
      kind: 'refused',
      reason: expect.stringContaining('There is no shell here'),
    })
  })
})

it('declares the tools that it runs, and refuses wrong arguments of each', () => {
  const { run } = start()
  expect(toolNames).toContain('execute_command')
  for (const tool of toolNames) {
    for (const args of [{}, { path: 3 }, { path: null }])
      expect(run(tool, args).ok, tool).toBe(tool === 'list_files' && args.path !== 3)
  }
})
