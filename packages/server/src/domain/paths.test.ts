import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { longestPath, normalisePath, protectedPath } from './paths.ts'

const accepted: [string, string][] = [
  ['src/a.ts', 'src/a.ts'],
  ['./src//a.ts/', 'src/a.ts'],
  ['src\\lib\\a.ts', 'src/lib/a.ts'],
  ['src/../a.ts', 'a.ts'],
  ['a/b/../../c', 'c'],
  ['a/..', '.'],
  ['', '.'],
  ['.', '.'],
  ['./', '.'],
  ['папка/файл с пробелом.md', 'папка/файл с пробелом.md'],
  ['cafe\u0301.md', 'caf\u00e9.md'],
  ['...', '...'],
  ['..a/b', '..a/b'],
  ['a~/b', 'a~/b'],
  ['docs/10:30.md', 'docs/10:30.md'],
]

const refused: [string, RegExp][] = [
  ['/etc/passwd', /absolute/],
  ['\\windows', /absolute/],
  ['\\\\server\\share', /absolute/],
  ['C:\\x', /drive/],
  ['c:x', /drive/],
  ['./C:/x', /drive/],
  ['C:/../x', /drive/],
  ['~', /home/],
  ['~/x', /home/],
  ['~root/x', /home/],
  ['./~/x', /home/],
  ['a/../~/x', /home/],
  ['file:///etc/passwd', /URL/],
  ['file:/etc/passwd', /URL/],
  ['https://example.org/x', /URL/],
  ['..', /leaves/],
  ['../x', /leaves/],
  ['a/../../x', /leaves/],
  ['a\\..\\..\\x', /leaves/],
  ['a\0.md', /control/],
  ['a\n.md', /control/],
  ['a\u0085', /control/],
  ['a\u202egnp.exe', /control/],
  ['a\ud800', /Unicode/],
  ['x'.repeat(longestPath + 1), /longer/],
]

describe('normalisePath', () => {
  it.each(accepted)('%j is %j', (raw, path) => {
    expect(normalisePath(raw)).toEqual({ ok: true, path })
  })

  it.each(refused)('refuses %j', (raw, reason) => {
    expect(normalisePath(raw)).toEqual({ ok: false, reason: expect.stringMatching(reason) })
  })

  const segment = fc.oneof(
    fc.constantFrom('.', '..', '', '~', 'C:', 'file:', 'a', 'b.md', '.git', 'e\u0301', '\u202e', '\0'),
    fc.string({ maxLength: 8, unit: 'grapheme' }),
  )
  const anyPath = fc
    .array(fc.tuple(segment, fc.constantFrom('/', '\\', '//')), { maxLength: 8 })
    .map((pieces) => pieces.flat().join(''))

  it('gives a form that is its own normal form, stays inside and holds nothing dangerous', () => {
    fc.assert(
      fc.property(fc.oneof(anyPath, fc.string({ unit: 'binary' })), (raw) => {
        const result = normalisePath(raw)
        if (!result.ok) return
        const { path } = result
        expect(normalisePath(path)).toEqual(result)
        expect(path).not.toMatch(/[\\\p{Cc}]|^\/|^~|^[a-z]+:|\/\/|\/$/iu)
        expect(path.split('/')).not.toContain('..')
        if (path !== '.') expect(path.split('/')).not.toContain('.')
      }),
      { numRuns: 2000 },
    )
  })

  it('finds the same place as a walk from the root', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('.', '..', 'a', 'b'), { maxLength: 10 }), (segments) => {
        const base = '/one/two'
        const walked = new URL(segments.join('/') || '.', `file://${base}/`).pathname.replace(/\/$/, '')
        let depth = 0
        let lowest = 0
        for (const item of segments) {
          depth += item === '..' ? -1 : item === '.' ? 0 : 1
          lowest = Math.min(lowest, depth)
        }
        const result = normalisePath(segments.join('/'))
        expect(result.ok).toBe(lowest === 0)
        if (result.ok) expect(`${base}/${result.path}`.replace(/\/\.$/, '')).toBe(walked)
      }),
    )
  })
})

describe('protectedPath', () => {
  it.each(['.git', '.git/config', 'sub/.git/hooks/pre-commit', '.GIT/config', '.ssh/authorized_keys', 'home/.ssh/x'])(
    'nobody writes %s',
    (path) => {
      expect(protectedPath(path, 'write')).toBe('refuse')
    },
  )

  it.each(['.git./config', '.git /config', '.g\u200cit/config', 'git~1/config', '.git::$INDEX_ALLOCATION/config'])(
    'nobody writes %j, which some file systems take for .git',
    (path) => {
      expect(protectedPath(path, 'write')).toBe('refuse')
    },
  )

  it.each([
    '.env',
    '.env.local',
    'app/.env.production',
    '.envrc',
    '.ENV',
    '.env./x',
    'id_rsa',
    'keys/id_ed25519',
    'id_rsa.bak',
  ])('asks for %s', (path) => {
    expect([protectedPath(path, 'read'), protectedPath(path, 'write')]).toEqual(['ask', 'ask'])
  })

  it.each(['server.pem', 'tls/site.key', 'cert.p12', 'CERT.PFX', 'putty.ppk', 'release.jks'])(
    'asks for the key %s',
    (path) => {
      expect([protectedPath(path, 'read'), protectedPath(path, 'write')]).toEqual(['ask', 'ask'])
    },
  )

  it.each([
    '.env.example',
    '.env.sample',
    'app/.env.template',
    'id_rsa.pub',
    'a.keys.ts',
    'environment.ts',
    '.gitignore',
    '.github/x.yml',
  ])('%s is free', (path) => {
    expect([protectedPath(path, 'read'), protectedPath(path, 'write')]).toEqual(['free', 'free'])
  })

  it('lets a repository be read, and asks for what lies beside the keys', () => {
    expect(protectedPath('.git/config', 'read')).toBe('free')
    expect(protectedPath('.ssh/work', 'read')).toBe('ask')
    expect(protectedPath('.ssh/work.pub', 'read')).toBe('free')
  })

  it('never lets a write go under .git, whatever stands around it', () => {
    const name = fc.stringMatching(/^[a-z.~ ]{1,6}$/)
    fc.assert(
      fc.property(fc.array(name, { maxLength: 3 }), fc.array(name, { maxLength: 3 }), (before, after) => {
        const result = normalisePath([...before, '.git', ...after, 'x'].join('/'))
        if (result.ok && result.path.split('/').includes('.git'))
          expect(protectedPath(result.path, 'write')).toBe('refuse')
      }),
    )
  })
})
