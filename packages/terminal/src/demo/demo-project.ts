import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

const files: Readonly<Record<string, string>> = {
  'README.md': '# Orders\n\nTakes orders. A key may send a few of them a minute; see src/limits.js.\n',
  'src/limits.js': `// How many orders a key may send in a minute.
export const perMinute = 5

export function isAllowed(sent) {
  return sent < perMinute
}
`,
  'test/limits.test.js': `import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isAllowed, perMinute } from '../src/limits.js'

test('allows as many as the limit says, and no more', () => {
  assert.equal(isAllowed(perMinute - 1), true)
  assert.equal(isAllowed(perMinute), false)
})
`,
  'package.json': '{ "name": "orders", "type": "module", "scripts": { "test": "node --test" } }\n',
}

export interface DemoProject {
  readonly folder: string
  readonly stateFolder: string
  remove(): Promise<void>
}

/** A small project in a temporary folder, with a state folder beside it: nothing of the person's own is touched. */
export async function makeDemoProject(): Promise<DemoProject> {
  const base = await realpath(await mkdtemp(join(tmpdir(), 'codelab-demo-')))
  const folder = join(base, 'orders')
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), content)
  }
  const stateFolder = join(base, 'state')
  await mkdir(stateFolder, { mode: 0o700 })
  return { folder, stateFolder, remove: () => rm(base, { recursive: true, force: true, maxRetries: 5 }) }
}
