/** What the scripted model answers. */
export interface Script {
  readonly tokens: number
  /** Of one answer; 0: as fast as possible. */
  readonly perSecond: number
  /** A call of this tool first, and the text when its result is there. */
  readonly call?: { readonly tool: string; readonly arguments: string }
}

/** A moment on the clock that all processes of a machine share, in tenths of a millisecond, as nine digits. */
export function stamp(): string {
  return String(tenths()).padStart(9, '0')
}

const around = 1_000_000_000

/** Milliseconds from a stamp to now. */
export function sinceStamp(digits: string): number {
  return ((tenths() - Number(digits) + around) % around) / 10
}

function tenths(): number {
  const [seconds, nanoseconds] = process.hrtime()
  return (seconds * 10_000 + Math.floor(nanoseconds / 100_000)) % around
}
