import { homedir } from 'node:os'
import { isAbsolute, relative, sep } from 'node:path'

/** `text` in lines of at most `width` characters, broken at words; a longer word has a line of its own. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(/(?<=\S)(?= )/)) {
    if (line !== '' && line.length + word.length > width) {
      lines.push(line)
      line = word.trimStart()
    } else line += word
  }
  return [...lines, line]
}

/** Columns padded to their widest cell, two spaces between them; the last one is left as it is. */
export function widths(rows: readonly (readonly string[])[]): number[] {
  const columns = Math.max(0, ...rows.map((row) => row.length))
  return Array.from({ length: columns }, (_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
}

/** A path as a person would write it in `cwd`: relative inside it, with `~` in their home, else as it is. */
export function shortPath(path: string, cwd: string, home: string = homedir()): string {
  return inside(cwd, path) || homePath(path, home)
}

/** A path with `~` for the person's home. */
export function homePath(path: string, home: string = homedir()): string {
  const rest = inside(home, path)
  if (rest === undefined) return path
  return rest === '' ? '~' : `~${sep}${rest}`
}

/** The way from `folder` to `path` when it lies in it, '' when it is the same. */
function inside(folder: string, path: string): string | undefined {
  const way = relative(folder, path)
  return way === '..' || way.startsWith(`..${sep}`) || isAbsolute(way) ? undefined : way
}

/** `1 turn`, `1,284 sessions`. */
export function counted(count: number, noun: string): string {
  return `${count.toLocaleString('en-US')} ${count === 1 ? noun : `${noun}s`}`
}

/** `512 B`, `184 MB`, `1.4 GB`: thousands, one digit after the point below ten. */
export function size(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  let value = bytes
  let unit = 0
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1_000
    unit += 1
  }
  return `${unit > 0 && value < 9.95 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`
}

/** `40 s`, `12 min`, `3 h 12 min`, `2 d 4 h`. */
export function span(seconds: number): string {
  const total = Math.floor(seconds)
  if (total < 60) return `${total} s`
  const minutes = Math.floor(total / 60)
  if (minutes < 60) return `${minutes} min`
  const hours = Math.floor(minutes / 60)
  return hours < 24 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} d ${hours % 24} h`
}
