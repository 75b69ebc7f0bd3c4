import type { Row, Span, SpanKind } from './row.ts'

/** How much of a turn went where; the parts make up the whole. */
export interface Shares {
  readonly wait: number
  readonly model: number
  readonly tool: number
  /** Nobody worked and nobody was waited for: back-off, and the runtime itself. */
  readonly rest: number
}

type KindSpan = Span & { readonly kind: SpanKind }

export function spansOf(rows: readonly Row[]): readonly KindSpan[] {
  return rows.flatMap((row): KindSpan[] => {
    if (row.kind === 'model') return [{ kind: 'model', start: row.start, end: row.end }]
    if (row.kind === 'switch' && row.model) return [{ kind: 'model', start: row.start, end: row.end }]
    if (row.kind !== 'call') return []
    const { waited, worked } = row.call
    return [
      ...(waited ? [{ kind: 'wait' as const, ...waited }] : []),
      ...(worked ? [{ kind: 'tool' as const, ...worked }] : []),
    ]
  })
}

/** Every stretch of the whole with what went on in it; work counts before waiting, a model before a tool. */
function stretches(whole: Span, spans: readonly KindSpan[]): readonly (Span & { readonly kind: SpanKind | 'rest' })[] {
  const inside = spans
    .map(({ kind, start, end }) => ({ kind, start: Math.max(start, whole.start), end: Math.min(end, whole.end) }))
    .filter(({ start, end }) => end > start)
  const edges = [...new Set([whole.start, ...inside.flatMap(({ start, end }) => [start, end]), whole.end])].sort(
    (a, b) => a - b,
  )
  return edges.slice(0, -1).map((start, index) => {
    const end = edges[index + 1] ?? whole.end
    const kinds = new Set(inside.filter((span) => span.start <= start && span.end >= end).map(({ kind }) => kind))
    const kind = kinds.has('model') ? 'model' : kinds.has('tool') ? 'tool' : kinds.has('wait') ? 'wait' : 'rest'
    return { kind, start, end }
  })
}

export function sharesOf(whole: Span, spans: readonly KindSpan[]): Shares {
  const shares = { wait: 0, model: 0, tool: 0, rest: 0 }
  for (const { kind, start, end } of stretches(whole, spans)) shares[kind] += end - start
  return shares
}

/** A time as it lies on an axis, in milliseconds from its beginning. */
export type Axis = (time: number) => number

export function realTime(whole: Span): Axis {
  return (time) => time - whole.start
}

/** The axis without the stretches in which nothing happened but that a person was waited for. */
export function withoutWaiting(whole: Span, spans: readonly KindSpan[]): Axis {
  const waits = stretches(whole, spans).filter(({ kind }) => kind === 'wait')
  return (time) => {
    const waited = waits.reduce((sum, { start, end }) => sum + Math.max(0, Math.min(time, end) - start), 0)
    return time - whole.start - waited
  }
}

const second = 1000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour
/** What a tick may be apart from the next. */
const units = [
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500],
  ...[1, 2, 5, 10, 15, 30].map((count) => count * second),
  ...[1, 2, 5, 10, 15, 30].map((count) => count * minute),
  ...[1, 2, 4, 12].map((count) => count * hour),
  ...[1, 2, 5, 10, 30, 100, 1000].map((count) => count * day),
]

/** Ticks of an axis of that length, in milliseconds: whole and round, at most `most` behind the first. */
export function ticksOf(length: number, most: number): readonly number[] {
  const unit = units.find((each) => length / each <= most) ?? length
  return Array.from({ length: Math.floor(length / unit) + 1 }, (_, index) => index * unit)
}
