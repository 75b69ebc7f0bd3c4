import type { CallPreview as PreviewBody } from '@codelab/protocol'
import { formatPatch, structuredPatch } from 'diff'
import type { CallPreview } from '../executor/executor.ts'

const longestDiff = 64 * 1024
const context = 3
const timeLimitMs = 1500

/** What the server is told of a call that waits: enough for a person elsewhere to decide. Undefined for a call whose arguments say all there is, and for one that cannot work. */
export function previewBody(preview: CallPreview): PreviewBody | undefined {
  switch (preview.kind) {
    case 'write':
      return body(preview.oldDigest, fileDiff(preview.path, preview.before, preview.after))
    case 'delete':
      return body(
        preview.oldDigest,
        preview.before === null ? gone(preview.path) : fileDiff(preview.path, preview.before, null),
      )
    case 'delete-folder':
      return body(null, preview.files.map(gone).join(''))
    case 'move':
      return body(preview.oldDigest, `rename from ${preview.path}\nrename to ${preview.to}\n`)
    default:
      return undefined
  }
}

function fileDiff(path: string, before: string | null, after: string | null): string {
  const options = { context, timeout: timeLimitMs }
  const names = [before === null ? '/dev/null' : `a/${path}`, after === null ? '/dev/null' : `b/${path}`] as const
  const patch = structuredPatch(...names, before ?? '', after ?? '', undefined, undefined, options)
  // Too different to be compared in time: all out, all in.
  const whole = patch ?? wholePatch(names, before ?? '', after ?? '')
  return formatPatch(whole).replace(/^=+\n/, '')
}

function wholePatch(names: readonly [string, string], before: string, after: string) {
  const [old, now] = [linesOf(before), linesOf(after)]
  const lines = [...old.map((line) => `-${line}`), ...now.map((line) => `+${line}`)]
  const hunk = { oldStart: 1, oldLines: old.length, newStart: 1, newLines: now.length, lines }
  return { oldFileName: names[0], newFileName: names[1], oldHeader: undefined, newHeader: undefined, hunks: [hunk] }
}

function linesOf(text: string): string[] {
  const lines = text.split('\n')
  if (lines.at(-1) === '') lines.pop()
  return lines
}

function gone(path: string): string {
  return `--- a/${path}\n+++ /dev/null\n`
}

function body(oldDigest: string | null, whole: string): PreviewBody {
  const text = whole.toWellFormed()
  const bytes = Buffer.from(text)
  if (bytes.length <= longestDiff) return { old_sha256: oldDigest, diff: text, truncated: false }
  const end = bytes.lastIndexOf(0x0a, longestDiff - 1)
  const cut = bytes.subarray(0, end === -1 ? 0 : end + 1).toString()
  return { old_sha256: oldDigest, diff: cut, truncated: true }
}
