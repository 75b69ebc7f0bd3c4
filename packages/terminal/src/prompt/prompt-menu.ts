import type { Style } from '../screen/style.ts'
import { clean, cut, plural, spread } from '../screen/text.ts'
import type { FileMatch } from '../workspace/workspace-files.ts'

/** One row of the menu below the line. */
export interface MenuItem {
  /** What takes the place of the word that was being typed. */
  readonly insert: string
  row(columns: number, style: Style): string
}

export type CommandRow = readonly [name: string, says: string]

/** The word before the cursor that the menu completes. */
export interface MenuQuery {
  readonly kind: 'command' | 'file'
  readonly word: string
}

const shown = 8

/** What could be completed before the cursor; undefined when nothing can. */
export function menuQuery(before: string): MenuQuery | undefined {
  if (/^\/[a-z-]*$/.test(before)) return { kind: 'command', word: before }
  const file = /(?:^|\s)@([^\s@]*)$/.exec(before)
  return file ? { kind: 'file', word: `@${file[1] ?? ''}` } : undefined
}

export function commandItems(commands: readonly CommandRow[], word: string): MenuItem[] {
  const matching = commands.filter(([name]) => name.startsWith(word))
  return matching.map(([name, says]) => ({
    insert: name,
    row: (columns, style) => cut(`${style.indent}${name.padEnd(11)}${says}`, columns, style.marks.more),
  }))
}

export function fileItems(files: readonly FileMatch[], now: number): MenuItem[] {
  return files.map(({ path, lines, changedMs }) => ({
    insert: /\s/.test(path) ? `@"${path}" ` : `@${path} `,
    row(columns, style) {
      const size = lines === undefined ? '' : plural(lines, 'line')
      const figures = `${size.padStart(10)}   ${since(now - changedMs).padEnd(18)}`.trimEnd()
      const left = `${style.indent}${clean(path)}`
      if (columns < 60) return cut(left, columns, style.marks.more)
      return spread(left, figures.padEnd(31), Math.min(columns, 80), style.marks.more).trimEnd()
    },
  }))
}

/** The rows round the chosen one, which is in reverse video. */
export function menuRows(items: readonly MenuItem[], at: number, columns: number, style: Style): string[] {
  const first = Math.max(0, Math.min(at - shown + 1, items.length - shown))
  const rows = items.slice(first, first + shown).map((item, index) => {
    const row = item.row(columns, style)
    if (first + index !== at) return row
    // Reverse video alone would be lost where there is none.
    return style.reverse(style.marks.person + row.slice(1))
  })
  const more = items.length - rows.length
  return more > 0 ? [...rows, style.paint('dim', `${style.indent}${style.marks.more} ${more} more`)] : rows
}

function since(ms: number): string {
  const minutes = Math.floor(ms / 60_000)
  if (minutes < 1) return 'changed just now'
  if (minutes < 60) return `changed ${minutes} min ago`
  const hours = Math.floor(minutes / 60)
  if (hours < 24) return `changed ${hours} h ago`
  const days = Math.floor(hours / 24)
  return days === 1 ? 'yesterday' : `${days} days ago`
}
