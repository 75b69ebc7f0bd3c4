import { mkdir, mkdtemp, readdir, readFile, realpath, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createFolders, openFolder, openParent, readRegularFile } from './open-folder.ts'
import { createWorkspace, type Workspace } from './paths.ts'

/** What somebody could change between the check of a path and its use. */
describe('open folders', () => {
  let top: string
  let root: string
  let workspace: Workspace

  beforeEach(async () => {
    top = await realpath(await mkdtemp(join(tmpdir(), 'folders-')))
    root = join(top, 'project')
    await mkdir(join(root, 'src/deep'), { recursive: true })
    await mkdir(join(top, 'outside/deep'), { recursive: true })
    await writeFile(join(root, 'src/a.ts'), 'inside')
    await writeFile(join(top, 'outside/a.ts'), 'secret')
    workspace = await createWorkspace(root, join(top, 'state'))
  })

  afterEach(() => rm(top, { recursive: true, force: true }))

  async function swap(): Promise<void> {
    await rename(join(root, 'src'), join(root, 'moved'))
    await symlink(join(top, 'outside'), join(root, 'src'))
  }

  it('refuses a folder that became a link after it was located', async () => {
    const place = await workspace.locate('src/a.ts', 'read')
    await swap()
    await expect(openParent(workspace, place, 'read')).rejects.toThrow()
  })

  it('refuses a folder with a link further up', async () => {
    const place = await workspace.locate('src/deep', 'write')
    await swap()
    await expect(openFolder(workspace, place.existing, 'write', place.shown)).rejects.toThrow(
      'outside the project folder',
    )
  })

  it('refuses a file that became a link after it was located', async () => {
    const [folder, name] = await openParent(workspace, await workspace.locate('src/a.ts', 'read'), 'read')
    await rm(join(root, 'src/a.ts'))
    await symlink(join(top, 'outside/a.ts'), join(root, 'src/a.ts'))
    await expect(readRegularFile(workspace, folder, name, 100, 'src/a.ts')).rejects.toThrow('ELOOP')
    await folder.close()
  })

  it.runIf(process.platform === 'linux')('stays with the folder it opened', async () => {
    const [folder, name] = await openParent(workspace, await workspace.locate('src/a.ts', 'write'), 'write')
    await swap()
    await writeFile(folder.at('new.ts'), 'x')
    const file = await readRegularFile(workspace, folder, name, 100, 'src/a.ts')
    await folder.close()
    expect(file === 'too large' ? file : file.bytes.toString()).toBe('inside')
    expect(await readdir(join(top, 'outside'))).toEqual(['a.ts', 'deep'])
    expect(await readFile(join(root, 'moved/new.ts'), 'utf8')).toBe('x')
  })

  it('makes no folder outside when a link turns up on the way', async () => {
    const place = await workspace.locate('src/new/x', 'write')
    await symlink(join(top, 'outside'), join(root, 'src/new'))
    await expect(createFolders(workspace, place.existing, place.missing, place.shown)).rejects.toThrow()
    expect(await readdir(join(top, 'outside'))).toEqual(['a.ts', 'deep'])
  })
})
