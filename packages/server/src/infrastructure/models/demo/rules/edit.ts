/** One change of a text. Lines count from 1. */
export type Edit =
  | { readonly kind: 'replace'; readonly old: string; readonly text: string }
  /** With `keepIndent` the new line starts where the old one does. */
  | { readonly kind: 'line'; readonly line: number | 'last'; readonly text: string; readonly keepIndent: boolean }
  | { readonly kind: 'delete'; readonly line: number | 'last' }
  | { readonly kind: 'append'; readonly text: string }

export type Edited =
  | { readonly state: 'changed'; readonly content: string; readonly places: number; readonly diff: string }
  | { readonly state: 'missing'; readonly line?: number }
  | { readonly state: 'same' }

const mostShown = 6

/** The whole new text. Line ends, the end of the last line and all that the edit does not name stay as they are. */
export function edit(content: string, wanted: Edit): Edited {
  const end = content.includes('\r\n') ? '\r\n' : '\n'
  const text = 'text' in wanted ? wanted.text.replace(/\r?\n/g, end) : ''
  if (wanted.kind === 'replace') return replaced(content, wanted.old.replace(/\r?\n/g, end), text)
  const lines = linesOf(content)
  if (wanted.kind === 'append') {
    const last = lines.at(-1)
    const open = last !== undefined && !last.endsWith('\n')
    const added = `${open ? end : ''}${text}${open ? '' : end}`
    return { state: 'changed', content: content + added, places: 1, diff: diffOf([], [text]) }
  }
  const number = wanted.line === 'last' ? lines.length : wanted.line
  const before = lines[number - 1]
  if (before === undefined) return { state: 'missing', line: number }
  const ending = /\r?\n$/.exec(before)?.[0] ?? ''
  const bare = before.slice(0, before.length - ending.length)
  const indent = wanted.kind === 'line' && wanted.keepIndent ? (/^[ \t]*/.exec(bare)?.[0] ?? '') : ''
  const line = indent + text
  if (wanted.kind === 'line' && bare === line) return { state: 'same' }
  const after = wanted.kind === 'line' ? [line + ending] : []
  const result = [...lines.slice(0, number - 1), ...after, ...lines.slice(number)].join('')
  return { state: 'changed', content: result, places: 1, diff: diffOf([bare], wanted.kind === 'line' ? [line] : []) }
}

function replaced(content: string, old: string, text: string): Edited {
  if (old === '') return { state: 'missing' }
  if (old === text) return { state: 'same' }
  const pieces = content.split(old)
  if (pieces.length === 1) return { state: 'missing' }
  const result = pieces.join(text)
  const single = !old.includes('\n') && !text.includes('\n')
  const touched = single ? linesOf(content).filter((line) => line.includes(old)) : [old]
  const shown = touched.slice(0, mostShown).map((line) => line.replace(/\r?\n$/, ''))
  const diff = shown.map((line) => diffOf([line], [line.split(old).join(text)])).join('\n')
  return {
    state: 'changed',
    content: result,
    places: pieces.length - 1,
    diff: touched.length > mostShown ? `${diff}\n…` : diff,
  }
}

function linesOf(content: string): string[] {
  return content === '' ? [] : content.split(/(?<=\n)/)
}

function diffOf(before: readonly string[], after: readonly string[]): string {
  const marked = (mark: string) => (line: string) => line.split(/\r?\n/).map((part) => `${mark} ${part}`)
  return [...before.flatMap(marked('-')), ...after.flatMap(marked('+'))].join('\n')
}
