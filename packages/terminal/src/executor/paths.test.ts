import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createWorkspace, normalisePath, type Workspace } from './paths.ts'

describe('normalisePath', () => {
  it.each([
    ['a/b.ts', 'a/b.ts'],
    ['./a//b/', 'a/b'],
    ['a\\b\\c.ts', 'a/b/c.ts'],
    ['a/../b', 'b'],
    ['.', '.'],
    ['a/..', '.'],
    ['cafe\u0301.md', 'caf\u00e9.md'],
    ['...', '...'],
    ['a:b', undefined],
    ['foo:bar', 'foo:bar'],
  ])('%j is %j', (path, shown) => {
    if (shown === undefined) expect(() => normalisePath(path)).toThrow()
    else expect(normalisePath(path)).toBe(shown)
  })

  it.each([
    ['', 'empty'],
    ['  ', 'empty'],
    ['/etc/passwd', 'absolute'],
    ['\\\\server\\share', 'absolute'],
    ['C:\\x', 'absolute'],
    ['c:x', 'absolute'],
    ['~/x', '~'],
    ['~root/x', '~'],
    ['file:x', 'URL'],
    ['https://x/y', 'URL'],
    ['..', 'outside'],
    ['a/../../b', 'outside'],
    ['..\\b', 'outside'],
    ['a\0b', 'control'],
    ['a\nb', 'control'],
    ['a\u007fb', 'control'],
    ['a\u202etxt.exe', 'control'],
    ['a'.repeat(5000), 'longer'],
  ])('refuses %j', (path, why) => {
    expect(() => normalisePath(path)).toThrow(why)
  })
})

describe('locate', () => {
  let top: string
  let root: string
  let workspace: Workspace

  beforeEach(async () => {
    top = await realpath(await mkdtemp(join(tmpdir(), 'paths-')))
    root = join(top, 'project')
    await mkdir(join(root, 'src'), { recursive: true })
    await mkdir(join(top, 'outside'))
    await mkdir(join(top, 'project-2'))
    await writeFile(join(root, 'src/a.ts'), 'a')
    await writeFile(join(top, 'outside/secret'), 'secret')
    workspace = await createWorkspace(root, join(top, 'state'))
  })

  afterEach(() => rm(top, { recursive: true, force: true }))

  it('finds what exists and names what does not', async () => {
    expect(await workspace.locate('src/a.ts', 'read')).toEqual({
      shown: 'src/a.ts',
      existing: join(root, 'src/a.ts'),
      missing: [],
    })
    expect(await workspace.locate('src/x/y.ts', 'write')).toEqual({
      shown: 'src/x/y.ts',
      existing: join(root, 'src'),
      missing: ['x', 'y.ts'],
    })
    expect(await workspace.locate('.', 'read')).toEqual({ shown: '.', existing: root, missing: [] })
  })

  it('takes a root that is given through a link', async () => {
    await symlink(root, join(top, 'link'))
    const linked = await createWorkspace(join(top, 'link'), join(top, 'state'))
    expect(linked.root).toBe(root)
    expect((await linked.locate('src/a.ts', 'read')).existing).toBe(join(root, 'src/a.ts'))
  })

  it('follows links that stay inside', async () => {
    await symlink('src', join(root, 'sources'))
    await symlink(join(root, 'src/a.ts'), join(root, 'absolute.ts'))
    expect((await workspace.locate('sources/a.ts', 'write')).existing).toBe(join(root, 'src/a.ts'))
    expect((await workspace.locate('absolute.ts', 'read')).existing).toBe(join(root, 'src/a.ts'))
    expect((await workspace.locate('sources/new.ts', 'write')).existing).toBe(join(root, 'src'))
  })

  it('takes a link that goes out and comes back for what it ends at', async () => {
    await symlink(root, join(top, 'outside/back'))
    await symlink(join(top, 'outside/back/src'), join(root, 'round'))
    expect((await workspace.locate('round/a.ts', 'read')).existing).toBe(join(root, 'src/a.ts'))
  })

  it.each(['read', 'write'] as const)(
    'refuses links that leave, at the end and in the middle (%s)',
    async (purpose) => {
      await symlink(join(top, 'outside/secret'), join(root, 'leak'))
      await symlink('../../outside', join(root, 'src/out'))
      await symlink('../project-2', join(root, 'sibling'))
      await symlink('src/out', join(root, 'chain'))
      for (const path of ['leak', 'src/out/secret', 'src/out/new', 'src/out', 'sibling/x', 'chain/secret']) {
        await expect(workspace.locate(path, purpose), path).rejects.toThrow('outside the project folder')
      }
    },
  )

  it('refuses loops and links to nothing', async () => {
    await symlink('b', join(root, 'a'))
    await symlink('a', join(root, 'b'))
    await symlink(join(top, 'outside/new'), join(root, 'dangling'))
    await expect(workspace.locate('a', 'read')).rejects.toThrow('circle')
    await expect(workspace.locate('a/x', 'write')).rejects.toThrow('circle')
    await expect(workspace.locate('dangling', 'write')).rejects.toThrow('does not exist')
    await expect(workspace.locate('dangling/x', 'write')).rejects.toThrow('does not exist')
  })

  it('refuses a file in the middle', async () => {
    await expect(workspace.locate('src/a.ts/x', 'read')).rejects.toThrow('"src/a.ts" is a file')
  })

  it.each([
    '.git/config',
    '.git',
    'sub/.git/hooks/pre-commit',
    '.ssh/authorized_keys',
    '.GIT/config',
    '.git./x',
    '.g\u200cit/config',
  ])('refuses to write %j', async (path) => {
    await expect(workspace.locate(path, 'write')).rejects.toThrow('is not allowed')
  })

  it('refuses to write under .git through a link, and lets it be read', async () => {
    await mkdir(join(root, '.git'))
    await symlink('.git', join(root, 'plain'))
    await expect(workspace.locate('plain/config', 'write')).rejects.toThrow('is not allowed')
    expect((await workspace.locate('.git/config', 'read')).missing).toEqual(['config'])
    expect((await workspace.locate('.gitignore', 'write')).missing).toEqual(['.gitignore'])
  })

  it('keeps our own state folder closed when it lies in the project', async () => {
    const home = await createWorkspace(root, join(root, '.state/codelab'))
    await expect(home.locate('.state/codelab/server.key', 'read')).rejects.toThrow('belongs to CodeLab')
    await expect(home.locate('.state/codelab', 'write')).rejects.toThrow('belongs to CodeLab')
    expect((await home.locate('.state/codelab-2', 'read')).missing).toEqual(['.state', 'codelab-2'])
  })

  it('finds a name that the disk spells decomposed', async () => {
    await writeFile(join(root, 'cafe\u0301.md'), 'x')
    expect((await workspace.locate('caf\u00e9.md', 'read')).missing).toEqual([])
  })
})
