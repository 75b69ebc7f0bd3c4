/** Every time on the wire: UTC, milliseconds, `Z` (PROTOCOL 1.4). */
export function timestamp(ms: number): string {
  return new Date(ms).toISOString()
}

export function timestampOrNull(ms: number | null): string | null {
  return ms === null ? null : timestamp(ms)
}
