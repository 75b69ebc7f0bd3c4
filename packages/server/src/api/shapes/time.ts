const dayMs = 86_400_000

/** The day that was asked for last, since most times of an answer are of the same. */
let day = Number.NaN
let dayText = ''

/** Every time on the wire: UTC, milliseconds, `Z` (PROTOCOL 1.4). */
export function timestamp(ms: number): string {
  const asked = Math.floor(ms / dayMs)
  if (asked !== day) {
    dayText = new Date(ms).toISOString().slice(0, -'00:00:00.000Z'.length)
    day = asked
  }
  const rest = Math.trunc(ms - asked * dayMs)
  const seconds = Math.trunc(rest / 1000)
  const minutes = Math.trunc(seconds / 60)
  return `${dayText}${two(Math.trunc(minutes / 60))}:${two(minutes % 60)}:${two(seconds % 60)}.${String(rest % 1000).padStart(3, '0')}Z`
}

function two(value: number): string {
  return value < 10 ? `0${value}` : String(value)
}

export function timestampOrNull(ms: number | null): string | null {
  return ms === null ? null : timestamp(ms)
}
