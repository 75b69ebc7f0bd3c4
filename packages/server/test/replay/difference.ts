import type { Outcome } from './normalise.ts'
import type { Json } from './recording.ts'

/** One place where the server answers otherwise than the recorded service, on purpose. */
export interface Difference {
  readonly recording: string
  /** Number of the step; `1.0` for the first part of a parallel step 1. */
  readonly step: number | string
  /** Place in the outcome: `status`, `headers.…`, `body.…`, `text`, `events.…`, `upstream.…`; a whole subtree or one value. */
  readonly at: string
  /** What is expected there now: a value (placeholders allowed), what becomes of the recorded value, or `gone`. */
  readonly expect: Json | typeof gone | ((recorded: Json) => Json)
  /** The line of the contract or the design that asks for it. */
  readonly because: string
  /** The service that was recorded may have answered the same by chance; then it is no fault when it does so here. */
  readonly byChance?: true
}

export const gone = Symbol('gone')

/** The value at a dotted path, or undefined. */
export function recordedAt(outcome: Json, path: string): Json | undefined {
  let value: Json | undefined = outcome
  for (const key of path.split('.')) {
    if (value === null || typeof value !== 'object') return undefined
    value = Array.isArray(value) ? value[Number(key)] : value[key]
  }
  return value
}

/** The outcome with the row's value in its place. */
export function applied(outcome: Outcome, row: Difference): Outcome {
  return replaceAt(outcome, row.at.split('.'), row) as Outcome
}

function replaceAt(value: Json, path: readonly string[], row: Difference): Json {
  const [key, ...rest] = path
  if (key === undefined || value === null || typeof value !== 'object') {
    throw new Error(`${row.recording} step ${row.step}: nothing lies at ${row.at}`)
  }
  const was = Array.isArray(value) ? value[Number(key)] : value[key]
  const now = rest.length > 0 ? replaceAt(was ?? null, rest, row) : resolve(row, was)
  if (Array.isArray(value)) {
    if (now === undefined) throw new Error(`${row.recording} step ${row.step}: cut the array as a whole`)
    return value.with(Number(key), now)
  }
  const { [key]: _, ...others } = value
  return now === undefined ? others : { ...value, [key]: now }
}

function resolve(row: Difference, was: Json | undefined): Json | undefined {
  if (row.expect === gone) return undefined
  if (typeof row.expect !== 'function') return row.expect
  if (was === undefined) throw new Error(`${row.recording} step ${row.step}: nothing was recorded at ${row.at}`)
  return row.expect(was)
}
