import { statSync } from 'node:fs'
import { relative, resolve, sep } from 'node:path'

const maxMentions = 50

/** `@path` becomes `path` where the folder has such a file or folder: a model takes the sign for a part of the name. */
export function nameMentions(text: string, root: string): string {
  let count = 0
  return text.replace(/(^|[\s(])@(?:"([^"\n]+)"|(\S+))/g, (whole, before: string, quoted?: string, plain?: string) => {
    if (++count > maxMentions) return whole
    if (quoted !== undefined) return isThere(quoted, root) ? `${before}"${quoted}"` : whole
    const path = plain ?? ''
    const bare = path.replace(/[.,;:!?)]+$/, '')
    if (isThere(path, root)) return before + path
    return isThere(bare, root) ? before + path : whole
  })
}

function isThere(path: string, root: string): boolean {
  const way = relative(root, resolve(root, path))
  if (path === '' || way === '..' || way.startsWith(`..${sep}`)) return false
  return statSync(resolve(root, path), { throwIfNoEntry: false }) !== undefined
}
