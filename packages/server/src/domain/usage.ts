const dayMs = 86_400_000

/** The UTC day of a time: days since 1970. */
export function dayOf(at: number): number {
  return Math.floor(at / dayMs)
}

/** `2026-01-18`. */
export function dayText(day: number): string {
  return new Date(day * dayMs).toISOString().slice(0, 10)
}

/** Undefined for what is no day of the calendar. */
export function readDay(text: string): number | undefined {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return undefined
  const ms = Date.parse(`${text}T00:00:00Z`)
  return Number.isNaN(ms) || dayText(dayOf(ms)) !== text ? undefined : dayOf(ms)
}
