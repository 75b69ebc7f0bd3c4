import type { CallPreview } from '@codelab/protocol'
import { formatPatch, structuredPatch } from 'diff'
import type { Preview } from './tool.ts'

const longest = 64 * 1024

/** A call that would change files, as a unified diff; undefined for any other. */
export function patchOf(preview: Preview, read: (path: string) => string | undefined): string | undefined {
  switch (preview.kind) {
    case 'write':
      return fileDiff(preview.path, preview.before, preview.after)
    case 'delete':
      return preview.files.map((path) => fileDiff(path, read(path) ?? '', null)).join('')
    case 'move':
      return `rename from ${preview.path}\nrename to ${preview.to}\n`
    default:
      return undefined
  }
}

function fileDiff(path: string, before: string | null, after: string | null): string {
  const names = [before === null ? '/dev/null' : `a/${path}`, after === null ? '/dev/null' : `b/${path}`] as const
  const patch = structuredPatch(...names, before ?? '', after ?? '', undefined, undefined, {
    context: 3,
    timeout: 1500,
  })
  return patch ? formatPatch(patch).replace(/^=+\n/, '') : ''
}

/** What the server is told of a call that waits, so that a person elsewhere can decide. Undefined where a page may not make digests. */
export async function previewBody(preview: Preview, patch: string): Promise<CallPreview | undefined> {
  if (!crypto.subtle) return undefined
  const before = preview.kind === 'write' ? preview.before : null
  const old_sha256 = before === null ? null : await sha256(before)
  const text = patch.toWellFormed()
  const bytes = new TextEncoder().encode(text)
  if (bytes.length <= longest) return { old_sha256, diff: text, truncated: false }
  const end = bytes.lastIndexOf(0x0a, longest - 1)
  return { old_sha256, diff: new TextDecoder().decode(bytes.subarray(0, end + 1)), truncated: true }
}

async function sha256(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}
