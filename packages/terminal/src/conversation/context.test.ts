import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { describeWorkspace, readInstructions } from './context.ts'

let root: string
let inner: string

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'codelab-work-'))
  inner = join(root, 'packages', 'a')
  await mkdir(inner, { recursive: true })
})

afterEach(() => rm(root, { recursive: true, force: true }))

it('reads AGENTS.md from the root down, CLAUDE.md where there is none', async () => {
  await writeFile(join(root, 'AGENTS.md'), 'root rules')
  await writeFile(join(root, 'CLAUDE.md'), 'not read')
  await writeFile(join(root, 'packages', 'CLAUDE.md'), 'packages rules')
  await writeFile(join(inner, 'AGENTS.md'), 'inner rules')
  const found = await readInstructions(root, inner)
  expect(found.map(({ path, text }) => [path, text])).toEqual([
    ['AGENTS.md', 'root rules'],
    ['packages/CLAUDE.md', 'packages rules'],
    ['packages/a/AGENTS.md', 'inner rules'],
  ])
  expect(found[0]?.sha256).toMatch(/^[0-9a-f]{64}$/)
})

it('keeps to 32 KiB in all, whole characters', async () => {
  await writeFile(join(root, 'AGENTS.md'), 'ж'.repeat(15_000))
  await writeFile(join(inner, 'AGENTS.md'), 'ж'.repeat(15_000))
  const found = await readInstructions(root, inner)
  expect(found.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0)).toBeLessThanOrEqual(32 * 1024)
  expect(found.map(({ text }) => /^ж+$/.test(text))).toEqual([true, true])
})

it('does not follow a link out of the workspace', async () => {
  const outside = await mkdtemp(join(tmpdir(), 'codelab-outside-'))
  await writeFile(join(outside, 'secret'), 'secret')
  await symlink(join(outside, 'secret'), join(root, 'AGENTS.md'))
  expect(await readInstructions(root, root)).toEqual([])
  await rm(outside, { recursive: true })
})

it('says branch and state of a repository and leaves it as it was', async () => {
  const git = (...args: string[]) => execFileSync('git', ['-C', root, ...args], { stdio: 'pipe' })
  git('init', '-b', 'feature')
  git('-c', 'user.name=t', '-c', 'user.email=t@example.com', 'commit', '--allow-empty', '-m', 'first')
  const before = await readdir(join(root, '.git'))
  expect(await describeWorkspace(inner, new Date('2026-02-03T12:00:00Z'))).toMatchObject({
    date: '2026-02-03',
    git: { branch: 'feature', dirty: false },
  })
  await writeFile(join(root, 'new.txt'), '')
  expect(await describeWorkspace(inner, new Date())).toMatchObject({ git: { dirty: true } })
  expect(await readdir(join(root, '.git'))).toEqual(before)
})

it('names the project by its real folder, and does not look at files where only the branch is asked', async () => {
  execFileSync('git', ['-C', root, 'init', '-b', 'main'], { stdio: 'pipe' })
  const first = await describeWorkspace(root, new Date())
  const link = join(dirname(root), `${basename(root)}-link`)
  await symlink(root, link)
  const later = await describeWorkspace(link, new Date(), false)
  await rm(link)
  expect(later['project']).toEqual(first['project'])
  expect(later['project']).toMatchObject({ name: basename(root), id: expect.stringMatching(/^[0-9a-f]{64}$/) })
  expect(later['git']).toEqual({ branch: 'main' })
})

it('does without a repository', async () => {
  expect(await describeWorkspace(root, new Date())).not.toHaveProperty('git')
})
