import { applyPatch } from 'diff'
import { describe, expect, it } from 'vitest'
import { previewBody } from './preview-body.ts'

const digest = 'a'.repeat(64)

describe('previewBody', () => {
  it('is a unified diff that gives the new text', () => {
    const before = Array.from({ length: 40 }, (_, index) => `line ${index}\n`).join('')
    const after = before.replace('line 20\n', 'changed\n').replace('line 39\n', 'line 39')
    const body = previewBody({ kind: 'write', path: 'src/a.ts', before, after, oldDigest: digest })
    expect(body).toMatchObject({ old_sha256: digest, truncated: false })
    expect(body?.diff.split('\n').slice(0, 3)).toEqual(['--- a/src/a.ts', '+++ b/src/a.ts', '@@ -18,7 +18,7 @@'])
    expect(body?.diff).toContain('\\ No newline at end of file')
    expect(applyPatch(before, body?.diff ?? '')).toBe(after)
  })

  it('tells a new file and a deleted one', () => {
    const written = previewBody({ kind: 'write', path: 'a', before: null, after: 'x\n', oldDigest: null })
    expect(written).toEqual({
      old_sha256: null,
      diff: '--- /dev/null\n+++ b/a\n@@ -0,0 +1,1 @@\n+x\n',
      truncated: false,
    })
    const deleted = previewBody({ kind: 'delete', path: 'a', before: 'x\n', oldDigest: digest })
    expect(deleted?.diff).toBe('--- a/a\n+++ /dev/null\n@@ -1,1 +0,0 @@\n-x\n')
    const binary = previewBody({ kind: 'delete', path: 'a.png', before: null, oldDigest: digest })
    expect(binary?.diff).toBe('--- a/a.png\n+++ /dev/null\n')
    expect(previewBody({ kind: 'delete-folder', path: 'd', files: ['d/a', 'd/b'] })?.diff).toBe(
      '--- a/d/a\n+++ /dev/null\n--- a/d/b\n+++ /dev/null\n',
    )
    expect(previewBody({ kind: 'move', path: 'a', to: 'b', oldDigest: digest })?.diff).toBe(
      'rename from a\nrename to b\n',
    )
  })

  it('is cut at a line, below 64 KiB of bytes', () => {
    const body = previewBody({ kind: 'write', path: 'a', before: null, after: 'жжж\n'.repeat(20_000), oldDigest: null })
    expect(body?.truncated).toBe(true)
    expect(Buffer.byteLength(body?.diff ?? '')).toBeLessThanOrEqual(64 * 1024)
    expect(Buffer.byteLength(body?.diff ?? '')).toBeGreaterThan(63 * 1024)
    expect(body?.diff.endsWith('+жжж\n')).toBe(true)
    const line = previewBody({ kind: 'write', path: 'a', before: null, after: 'x'.repeat(100_000), oldDigest: null })
    expect(line?.diff.split('\n')).toEqual(['--- /dev/null', '+++ b/a', '@@ -0,0 +1,1 @@', ''])
  })

  it('is none for what the arguments say', () => {
    expect(previewBody({ kind: 'command', command: 'ls', cwd: '.', timeoutSeconds: 60, shell: false })).toBeUndefined()
    expect(previewBody({ kind: 'refused', reason: 'no' })).toBeUndefined()
  })
})
