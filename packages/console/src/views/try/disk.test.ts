import { expect, it } from 'vitest'
import { readFolder } from './disk.ts'

function file(path: string, content: string | Uint8Array<ArrayBuffer> = 'text\n'): File {
  const made = new File([content], path.slice(path.lastIndexOf('/') + 1))
  Object.defineProperty(made, 'webkitRelativePath', { value: path })
  return made
}

it('takes the text files of a folder, and says how many it leaves out', async () => {
  const read = await readFolder([
    file('app/README.md', '# app\n'),
    file('app/src/a.ts'),
    file('app/node_modules/x/index.js'),
    file('app/.git/HEAD'),
    file('app/.env', 'KEY=secret'),
    file('app/certs/server.pem'),
    file('app/logo.png', new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0, 0xff])),
    file('app/large.txt', 'x'.repeat(600 * 1024)),
  ])
  expect(read?.workspace.name).toBe('app')
  expect([...(read?.workspace.files.keys() ?? [])]).toEqual(['README.md', 'src/a.ts'])
  expect(read?.left).toBe(4)
})

it('makes no workspace of a folder without text', async () => {
  expect(await readFolder([file('app/logo.png', new Uint8Array([0, 1]))])).toBeUndefined()
})

it('stops where the workspace is full', async () => {
  const read = await readFolder(Array.from({ length: 510 }, (_, index) => file(`app/f${index}.txt`)))
  expect(read?.workspace.files.size).toBe(500)
  expect(read?.left).toBe(10)
})
