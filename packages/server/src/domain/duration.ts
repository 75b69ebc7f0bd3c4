const unitMs = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const

type Unit = keyof typeof unitMs

/** Ten years: what is longer is a mistake. */
const longestMs = 3_650 * unitMs.d

/** Milliseconds of `90s`, `15m`, `24h`, `30d`, `2w`; undefined for anything else, and beyond ten years. */
export function parseDuration(text: string): number | undefined {
  const match = /^(\d{1,12})(ms|s|m|h|d|w)$/.exec(text.trim().toLowerCase())
  if (!match) return undefined
  const ms = Number(match[1]) * unitMs[match[2] as Unit]
  return ms > longestMs ? undefined : ms
}
