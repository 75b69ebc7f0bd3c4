import { opendir } from 'node:fs/promises'

const looked = 5000
const named = 3

/** Names in the folder that somebody may have meant by this one, nearest first; none when the folder cannot be read. */
export async function nearNames(folderPath: string, name: string): Promise<string[]> {
  const wanted = name.toLowerCase()
  const allowed = Math.max(1, Math.floor(wanted.length / 3))
  const found: { name: string; distance: number }[] = []
  try {
    let seen = 0
    for await (const entry of await opendir(folderPath)) {
      if (++seen > looked) break
      const other = entry.name.toLowerCase()
      if (Math.abs(other.length - wanted.length) > allowed) continue
      const distance = editDistance(wanted, other)
      if (distance <= allowed) found.push({ name: entry.name.normalize('NFC'), distance })
    }
  } catch {
    return []
  }
  found.sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1))
  return found.slice(0, named).map((near) => near.name)
}

/** Levenshtein's distance, one row at a time. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[b.length] ?? 0
}
