import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { Folders } from './folders.ts'

let stateFolder: string

beforeEach(async () => {
  stateFolder = await mkdtemp(join(tmpdir(), 'codelab-state-'))
})

afterEach(() => rm(stateFolder, { recursive: true, force: true }))

it('remembers the sessions of each folder, the last used one first', () => {
  const folders = new Folders(stateFolder)
  folders.remember('/a', '1')
  folders.remember('/b', '2')
  folders.remember('/a', '3')
  folders.remember('/a', '1')
  expect(new Folders(stateFolder).sessionsOf('/a')).toEqual(['1', '3'])
  expect(folders.folderOf('2')).toBe('/b')
  folders.forget('1')
  expect(folders.sessionsOf('/a')).toEqual(['3'])
})

it('keeps 500 and leaves no other file behind', async () => {
  const folders = new Folders(stateFolder)
  for (let i = 0; i < 510; i++) folders.remember('/a', String(i))
  expect(folders.sessionsOf('/a')).toHaveLength(500)
  expect(folders.sessionsOf('/a')[0]).toBe('509')
  expect(await readdir(stateFolder)).toEqual(['folders.json'])
})

it.each(['', '{', '{"sessions":7}', '{"sessions":[1,{"folder":2}]}'])(
  'starts anew from a damaged file: %j',
  async (text) => {
    await writeFile(join(stateFolder, 'folders.json'), text)
    const folders = new Folders(stateFolder)
    expect(folders.sessionsOf('/a')).toEqual([])
    folders.remember('/a', '1')
    expect(folders.sessionsOf('/a')).toEqual(['1'])
  },
)
