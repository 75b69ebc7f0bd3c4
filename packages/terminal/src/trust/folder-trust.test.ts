import { mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { FolderTrust } from './folder-trust.ts'

let root: string
let stateFolder: string

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'codelab-trust-'))
  stateFolder = await mkdtemp(join(tmpdir(), 'codelab-state-'))
})
afterEach(async () => {
  await rm(root, { recursive: true, force: true })
  await rm(stateFolder, { recursive: true, force: true })
})

async function put(path: string, text: string): Promise<void> {
  await mkdir(join(root, path, '..'), { recursive: true })
  await writeFile(join(root, path), text)
}

const rules = `{
  // what this project allows
  "rules": [
    { "tool": "execute_command", "pattern": "npm test *", "effect": "allow" },
    { "tool": "write_file", "pattern": "dist/**", "effect": "deny" },
  ],
}`
const read = (folder = root) => FolderTrust.read(folder, stateFolder)

describe('FolderTrust', () => {
  it('asks nothing and tells nothing where nothing is set', async () => {
    const trust = await read()
    expect([trust.mustAsk, trust.isTrusted, trust.context]).toEqual([false, false, {}])
  })

  it('tells nothing before the person trusted it, and all of it afterwards, in later chats too', async () => {
    await put('.codelab/permissions.jsonc', rules)
    await put('.codelab/agents/reviewer.md', '---\nname: reviewer\ntools: [read_file, execute_command]\n---\nReview.\n')
    const trust = await read()
    expect([trust.mustAsk, trust.context]).toEqual([true, {}])
    const question = trust.question().join('\n')
    expect(question).toContain('allow  execute_command  npm test *')
    expect(question).toContain('deny   write_file  dist/**')
    expect(question).toContain('reviewer, tools read_file, execute_command')
    trust.decide(true)
    const later = await read()
    expect(later.mustAsk).toBe(false)
    expect(later.context).toEqual({
      rules: [
        { tool: 'execute_command', pattern: 'npm test *', effect: 'allow' },
        { tool: 'write_file', pattern: 'dist/**', effect: 'deny' },
      ],
      agents: [
        { path: '.codelab/agents/reviewer.md', text: expect.stringContaining('Review.'), sha256: expect.any(String) },
      ],
    })
    expect((await stat(join(stateFolder, 'trust.json'))).mode & 0o777).toBe(0o600)
  })

  it('asks again when a single byte changes, and says that it is a change', async () => {
    await put('.codelab/permissions.jsonc', rules)
    ;(await read()).decide(true)
    await put('.codelab/permissions.jsonc', rules.replace('npm test', 'npm *'))
    const changed = await read()
    expect([changed.mustAsk, changed.context]).toEqual([true, {}])
    expect(changed.question()[0]).toContain('changed since you trusted them')
    await put('.codelab/permissions.jsonc', rules)
    expect((await read()).isTrusted).toBe(true)
  })

  it('does not ask twice after a no', async () => {
    await put('.codelab/permissions.jsonc', rules)
    ;(await read()).decide(false)
    const trust = await read()
    expect([trust.mustAsk, trust.isTrusted, trust.context]).toEqual([false, false, {}])
  })

  it('finds it from a folder below, not above the repository', async () => {
    await put('.codelab/permissions.jsonc', rules)
    await mkdir(join(root, 'repo', '.git'), { recursive: true })
    await mkdir(join(root, 'plain', 'deep'), { recursive: true })
    expect((await read(join(root, 'plain', 'deep'))).mustAsk).toBe(true)
    expect((await read(join(root, 'repo'))).mustAsk).toBe(false)
  })

  it('leaves out what cannot be read, and says so', async () => {
    await put('elsewhere.md', 'x')
    await put('.codelab/permissions.jsonc', '{ "rules": [ { "tool": "a b", "effect": "allow" }, { "tool": "x" } ] }')
    await mkdir(join(root, '.codelab', 'agents'))
    await symlink(join(root, 'elsewhere.md'), join(root, '.codelab', 'agents', 'link.md'))
    await put('.codelab/agents/long.md', 'x'.repeat(70_000))
    const trust = await read()
    expect(trust.settings?.rules).toEqual([])
    expect(trust.settings?.agents).toEqual([])
    expect(trust.settings?.faults).toHaveLength(4)
    await put('.codelab/permissions.jsonc', '{ "rules": ')
    expect((await read()).question().join('\n')).toContain('no JSON')
  })

  it('trusts nothing when its own file is damaged', async () => {
    await put('.codelab/permissions.jsonc', rules)
    ;(await read()).decide(true)
    const file = join(stateFolder, 'trust.json')
    await writeFile(file, (await readFile(file, 'utf8')).slice(0, -5))
    expect((await read()).isTrusted).toBe(false)
  })
})
