import type { Json } from './recording.ts'

/** What the placeholders of one scenario stood for so far. */
export type Bindings = Map<string, string>

export interface Mismatch {
  readonly path: string
  readonly expected: string
  readonly actual: string
}

/** Says which keys beyond the expected ones an object may have, and which it must have. Undefined: none. */
export type Superset = (
  path: string,
  expected: Readonly<Record<string, Json>>,
  actual: Readonly<Record<string, Json>>,
) => { readonly allowed: readonly string[]; readonly faults: readonly string[] } | undefined

const uuid = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}'
const within = /<(UUID_\d+|MEM_\d+|UPSTREAM|TEXT)>/
/** PROTOCOL 1.4: always UTC with Z, milliseconds or microseconds. */
const timestamp = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.(\d{3}|\d{6})Z$/

const whole: Readonly<Record<string, (value: Json) => boolean>> = {
  '<DURATION>': (value) => typeof value === 'number' && value >= 0,
  '<INT>': (value) => Number.isInteger(value),
  '<ANY>': () => true,
  '<TS>': isTimestamp,
  '<TS:naive>': isTimestamp,
  '<TS:+00:00>': isTimestamp,
  '<TS:Z>': isTimestamp,
}

function isTimestamp(value: Json): boolean {
  return typeof value === 'string' && timestamp.test(value)
}

export interface Comparison {
  readonly bindings: Bindings
  readonly superset?: Superset
}

/** All places where `actual` is not what `expected` says; placeholders in `expected` are matched and bound. */
export function compare(expected: Json, actual: Json | undefined, how: Comparison, path = ''): Mismatch[] {
  const differ = [{ path, expected: show(expected), actual: show(actual) }]
  if (actual === undefined) return differ
  if (typeof expected === 'string') {
    const matches = whole[expected]
    if (matches) return matches(actual) ? [] : differ
    return typeof actual === 'string' && sameText(expected, actual, how.bindings) ? [] : differ
  }
  if (Array.isArray(expected)) {
    if (!Array.isArray(actual)) return differ
    const rows = expected.flatMap((item, i) => {
      return i < actual.length ? compare(item, actual[i], how, `${path}.${i}`) : []
    })
    if (expected.length === actual.length) return rows
    return [{ path, expected: `${expected.length} items: ${show(expected)}`, actual: show(actual) }]
  }
  if (expected === null || typeof expected !== 'object') return expected === actual ? [] : differ
  if (actual === null || typeof actual !== 'object' || Array.isArray(actual)) return differ
  return compareObjects(expected, actual, how, path)
}

function compareObjects(
  expected: Readonly<Record<string, Json>>,
  actual: Readonly<Record<string, Json>>,
  how: Comparison,
  path: string,
): Mismatch[] {
  const more = how.superset?.(path, expected, actual)
  const unexpected = Object.keys(actual).filter((key) => !(key in expected) && !more?.allowed.includes(key))
  return [
    ...Object.entries(expected).flatMap(([key, value]) =>
      compare(value, actual[key], how, path === '' ? key : `${path}.${key}`),
    ),
    ...unexpected.map((key) => ({ path: `${path}.${key}`, expected: 'no such key', actual: show(actual[key]) })),
    ...(more?.faults ?? []).map((fault) => ({ path, expected: fault, actual: show(actual) })),
  ]
}

function sameText(expected: string, actual: string, bindings: Bindings): boolean {
  if (!within.test(expected)) return expected === actual || compactJson(expected) === compactJson(actual)
  const names: string[] = []
  const pattern = expected
    .split(new RegExp(within, 'g'))
    .map((part, i) => (i % 2 === 0 ? literal(part) : group(part, names, bindings)))
    .join('')
  const match = new RegExp(`^${pattern}$`, 's').exec(actual)
  if (!match) return false
  for (const [i, name] of names.entries()) bindings.set(name, match[i + 1] ?? '')
  return true
}

function group(name: string, names: string[], bindings: Bindings): string {
  if (name === 'TEXT') return '.+'
  const bound = bindings.get(name)
  if (bound !== undefined) return literal(bound)
  names.push(name)
  if (name.startsWith('UUID')) return `(${uuid})`
  return name === 'UPSTREAM' ? '([\\w.]+:\\d+)' : '(\\d+)'
}

function literal(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
}

const reported = /^(Done after \d+ tool result\(s\)\. Last: )([{[].*)$/s

/** JSON inside a text loses the blanks between its tokens, keeping the order of its keys. The service that was recorded wrote `{"a": 1}`;
 *  here the model's and the client's own bytes are kept (PROTOCOL 3.3: the blanks mean nothing; DESIGN §5: kept byte for byte). */
function compactJson(text: string): string {
  const match = reported.exec(text)
  const [head, json] = match ? [match[1] ?? '', match[2] ?? ''] : ['', text]
  if (!/^[{[]/.test(json)) return text
  try {
    return head + JSON.stringify(JSON.parse(json))
  } catch {
    return text
  }
}

/** Puts what the placeholders stand for into a text that is about to be sent. */
export function fill(text: string, bindings: Bindings): string {
  return text.replace(/<(UUID_\d+|MEM_\d+)>/g, (all, name: string) => bindings.get(name) ?? all)
}

function show(value: Json | undefined): string {
  const text = value === undefined ? 'nothing' : JSON.stringify(value)
  return text.length > 1500 ? `${text.slice(0, 1500)} …` : text
}
