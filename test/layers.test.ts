import { spawnSync } from 'node:child_process'
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, relative } from 'node:path'
import { describe, expect, it } from 'vitest'
import { copyWorkspace, root } from './workspace-copy.ts'

interface Plant {
  readonly rule: string
  /** A folder or file below the copy. In a folder the longest source is taken: it has the most in front of the plant. */
  readonly into: string
  /** What is appended. `TARGET` becomes the path to `target`, as seen from the file. */
  readonly text: string
  readonly target: string
}

const SERVER = 'packages/server/src'
// Forms that are lost without `parser: 'swc'`, which would let the check pass.
const typeImport = `export type { Planted } from 'TARGET'`
const usingImport = `export async function planted() { await using _ = await import('TARGET') }`
const lateImport = `void ({} satisfies object)\nexport const planted = await import('TARGET')`

const PLANTS: readonly Plant[] = [
  plant('domain-imports-nothing', 'domain', typeImport, 'application/planted.ts'),
  plant('domain-imports-nothing', 'domain', lateImport, '@codelab/protocol'),
  plant('pure-layers-have-no-packages', 'domain', lateImport, 'node:fs'),
  plant('application-imports-domain', 'application', lateImport, 'catalogue/planted.ts'),
  plant('application-imports-domain', 'application', typeImport, '@codelab/protocol'),
  plant('pure-layers-have-no-packages', 'application', lateImport, 'node:fs'),
  plant('pure-layers-have-no-packages', 'application', typeImport, 'undici'),
  plant('the-catalogue-is-data', 'catalogue', typeImport, 'infrastructure/planted.ts'),
  plant('the-catalogue-has-zod-only', 'catalogue', lateImport, 'node:fs'),
  plant('the-catalogue-has-zod-only', 'catalogue', typeImport, 'undici'),
  plant('infrastructure-implements-ports', 'infrastructure', typeImport, 'application/planted.ts'),
  plant('infrastructure-implements-ports', 'infrastructure', usingImport, '@codelab/protocol'),
  plant('only-the-process-composes', 'infrastructure', lateImport, 'compose.ts'),
  plant('settings-stand-alone', 'config', typeImport, 'infrastructure/planted.ts'),
  plant('the-command-line-composes', 'cli', lateImport, 'infrastructure/planted.ts'),
  plant('api-talks-to-the-application', 'api', typeImport, 'infrastructure/planted.ts'),
  plant('api-talks-to-the-application', 'api', typeImport, 'application/ports/planted.ts'),
  { rule: 'protocol-has-one-face', into: SERVER, text: typeImport, target: 'packages/protocol/src/sse.ts' },
  { rule: 'sources-know-no-tests', into: SERVER, text: lateImport, target: 'packages/server/test/planted.ts' },
  { rule: 'packages-meet-in-protocol', into: 'packages/terminal/src', text: typeImport, target: `${SERVER}/main.ts` },
  {
    rule: 'packages-meet-in-protocol',
    into: 'packages/terminal/src',
    text: lateImport,
    target: '@codelab/server/main',
  },
  { rule: 'the-console-runs-in-a-browser', into: 'packages/console/src', text: lateImport, target: 'node:fs' },
  { rule: 'packages-meet-in-protocol', into: 'packages/console/src', text: lateImport, target: `${SERVER}/main.ts` },
  { rule: 'protocol-runs-in-a-browser', into: 'packages/protocol/src', text: lateImport, target: 'node:fs' },
  plant('domain-imports-nothing', 'domain', typeImport, '@codelab/edits'),
  plant('edits-are-for-executors-and-lowering', 'api', lateImport, '@codelab/edits'),
  plant('edits-are-for-executors-and-lowering', 'infrastructure', typeImport, '@codelab/edits'),
  {
    rule: 'edits-have-one-face',
    into: 'packages/terminal/src',
    text: typeImport,
    target: 'packages/edits/src/find.ts',
  },
  { rule: 'edits-stand-alone', into: 'packages/edits/src', text: lateImport, target: 'node:fs' },
  { rule: 'edits-stand-alone', into: 'packages/edits/src', text: typeImport, target: '@codelab/protocol' },
  { rule: 'nothing-unresolved', into: 'packages/terminal/src', text: lateImport, target: './no-such-file.ts' },
  // The second file of the circle is the target; a circle is reported once.
  {
    rule: 'no-circles',
    into: `${SERVER}/domain/planted-circle.ts`,
    text: typeImport,
    target: `${SERVER}/domain/planted-circle-back.ts`,
  },
]

function plant(rule: string, layer: string, text: string, target: string): Plant {
  const inServer = target.includes('planted') || target === 'compose.ts'
  return { rule, into: `${SERVER}/${layer}`, text, target: inServer ? `${SERVER}/${target}` : target }
}

/** Plants and returns the file that holds it, relative to the folder. Files that do not exist yet are made. */
function sow(folder: string, { into, text, target }: Plant): string {
  const file = into.endsWith('.ts') ? into : (longestSource(folder, into) ?? `${into}/planted-source.ts`)
  ensureFile(folder, file)
  if (target.startsWith('packages/')) ensureFile(folder, target)
  const path = target.startsWith('packages/') ? `./${relative(dirname(file), target)}`.replace('./..', '..') : target
  appendFileSync(join(folder, file), `\n${text.replace('TARGET', path)}\n`)
  return file
}

function ensureFile(folder: string, file: string): void {
  if (existsSync(join(folder, file))) return
  mkdirSync(join(folder, dirname(file)), { recursive: true })
  const back = file.endsWith('-back.ts') ? `import type { Planted as Back } from './planted-circle.ts'\n` : ''
  writeFileSync(join(folder, file), `${back}export type Planted = string\n`)
}

function longestSource(folder: string, into: string): string | undefined {
  if (existsSync(join(folder, `${into}.ts`))) return `${into}.ts`
  if (!existsSync(join(folder, into))) return undefined
  const length = (file: string) => readFileSync(join(folder, file), 'utf8').length
  return readdirSync(join(folder, into), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts') && !name.includes('planted'))
    .map((name) => `${into}/${name}`)
    .sort((a, b) => length(b) - length(a))[0]
}

interface Cruise {
  readonly modules: readonly { readonly source: string }[]
  readonly summary: {
    readonly violations: readonly {
      readonly rule: { readonly name: string }
      readonly from: string
      readonly to: string
    }[]
  }
}

function depcruise(folder: string, ...more: string[]) {
  const cruiser = join(root, 'node_modules', 'dependency-cruiser', 'bin', 'dependency-cruiser.mjs')
  const args = [cruiser, 'packages', '--config', '.dependency-cruiser.cjs', ...more]
  return spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 })
}

function cruise(folder: string): Cruise {
  const { stdout, stderr, status } = depcruise(folder, '--output-type', 'json')
  if (stdout === '') throw new Error(`the check did not run (${status}): ${stderr}`)
  return JSON.parse(stdout) as Cruise
}

function sourcesIn(folder: string): string[] {
  return readdirSync(join(folder, 'packages'), { recursive: true, encoding: 'utf8' })
    .filter((name) => /^[^/]+\/src\/.*\.ts$/.test(name) && !name.endsWith('.test.ts') && !name.includes('node_modules'))
    .map((name) => `packages/${name}`)
}

describe('the layers', () => {
  it('hold, and the check has seen every source', () => {
    using copy = copyWorkspace()
    const { modules, summary } = cruise(copy.folder)
    expect(summary.violations).toEqual([])
    const seen = new Set(modules.map(({ source }) => source))
    const sources = sourcesIn(copy.folder)
    expect(sources.length).toBeGreaterThan(60)
    expect(sources.filter((source) => !seen.has(source))).toEqual([])
    expect(depcruise(copy.folder).status).toBe(0)
  })

  it('report each planted violation by its rule, wherever it stands in a file', () => {
    using copy = copyWorkspace()
    const planted = PLANTS.map((one) => ({ ...one, file: sow(copy.folder, one) }))
    const { violations } = cruise(copy.folder).summary
    const unseen = planted.filter(
      ({ rule, file, target }) =>
        !violations.some((found) => found.rule.name === rule && connects(found, file, target)),
    )
    expect(unseen).toEqual([])
    expect(depcruise(copy.folder).status).toBeGreaterThan(0)
  })

  it('have a plant for every rule', () => {
    const { forbidden } = createRequire(import.meta.url)('../.dependency-cruiser.cjs') as {
      forbidden: { name: string }[]
    }
    const planted = new Set(PLANTS.map(({ rule }) => rule))
    expect(forbidden.map(({ name }) => name).filter((name) => !planted.has(name))).toEqual([])
  })
})

function connects(found: { from: string; to: string }, file: string, target: string): boolean {
  return (found.from === file && leadsTo(found.to, target)) || (found.from === target && found.to === file)
}

/** Whether the path that the check reports is the one that was planted; packages and Node's modules come with their folder or bare name. */
function leadsTo(reported: string, target: string): boolean {
  if (target === '@codelab/protocol') return reported === 'packages/protocol/src/index.ts'
  if (target === '@codelab/edits') return reported === 'packages/edits/src/index.ts'
  if (target === '@codelab/server/main') return reported === `${SERVER}/main.ts`
  return (
    reported === target || reported.includes(`node_modules/${target}/`) || reported === target.replace(/^node:/, '')
  )
}

describe('the linter', () => {
  function lint(file: string, text: string) {
    using copy = copyWorkspace()
    const settings = JSON.parse(readFileSync(join(root, 'biome.json'), 'utf8')) as { vcs: { enabled: boolean } }
    settings.vcs.enabled = false
    writeFileSync(join(copy.folder, 'biome.json'), JSON.stringify(settings))
    ensureFile(copy.folder, file)
    appendFileSync(join(copy.folder, file), text)
    const biome = join(root, 'node_modules', '@biomejs', 'biome', 'bin', 'biome')
    return spawnSync(process.execPath, [biome, 'lint', file], { cwd: copy.folder, encoding: 'utf8' })
  }

  it('refuses what the check of the layers cannot see: a type imported in place', () => {
    const refused = lint(`${SERVER}/domain/planted.ts`, `export type Late = import('../api/planted.ts').Planted\n`)
    expect(refused.stderr + refused.stdout).toContain('Write an import at the head of the file')
    expect(refused.status).not.toBe(0)
  })

  it('keeps the process out of the pure layers, and leaves it to the others', () => {
    const text = 'export const planted = process.env\n'
    expect(lint(`${SERVER}/application/planted.ts`, text).status).not.toBe(0)
    expect(lint(`${SERVER}/infrastructure/planted.ts`, text).status).toBe(0)
  })
})
