import type { Clock } from '../ports/clock.ts'
import type { RecentDecision, RecentFailure, RecentModelCall, RecentTurn } from '../ports/overview.ts'
import type { UnitOfWork } from '../ports/store.ts'

const minute = 60_000
/** How long one part of a range is. */
const bucketMs = { 1: 2 * minute, 24: 60 * minute, 168: 360 * minute, 720: 1_440 * minute } as const
export type RecentHours = keyof typeof bucketMs
/** What is read of each table: a range with more is told of its newest part. */
const mostRead = 10_000

export interface RecentQuestion {
  /** Undefined: everybody's. */
  readonly ownerId: string | undefined
  readonly hours: RecentHours
  readonly agent: string | undefined
  readonly model: string | undefined
}

export interface Percentiles {
  readonly p50: number | null
  readonly p95: number | null
  readonly p99: number | null
}

export interface CallFigures {
  readonly turns: number
  readonly calls: number
  readonly failedCalls: number
  readonly inputTokens: number
  readonly cachedTokens: number
  readonly outputTokens: number
  /** US dollars of the calls whose cost is known. */
  readonly cost: number
  readonly pricedCalls: number
  readonly firstTokenMs: Percentiles
}

export interface Bucket extends CallFigures {
  readonly at: number
  readonly models: readonly { readonly model: string; readonly cost: number; readonly tokens: number }[]
  readonly failures: readonly { readonly code: string; readonly count: number }[]
}

export interface AgentUsage extends CallFigures {
  readonly agent: string
  readonly turnMs: Percentiles
  readonly asked: number
  readonly rejected: number
}

export interface RecentUsage {
  readonly from: number
  readonly to: number
  readonly bucketMs: number
  /** False: there was more than is read; `from` is then where it begins. */
  readonly complete: boolean
  readonly total: CallFigures & {
    readonly failedTurns: number
    readonly decisions: { readonly decided: number; readonly rejected: number; readonly waitMs: Percentiles }
  }
  readonly buckets: readonly Bucket[]
  readonly agents: readonly AgentUsage[]
  readonly models: readonly (CallFigures & { readonly model: string })[]
  readonly people: readonly (CallFigures & { readonly user: string })[]
}

/** Tokens, costs, times and failures of the last hours, by time, agent, model and person. */
export function createRecentUsage({ store, clock }: { readonly store: UnitOfWork; readonly clock: Clock }) {
  return async ({ ownerId, hours, agent, model }: RecentQuestion): Promise<RecentUsage> => {
    const size = bucketMs[hours]
    const to = (Math.floor(clock.now() / size) + 1) * size
    const since = to - hours * 60 * minute
    const query = { ownerId, since, limit: mostRead }
    const read = await store.read(async ({ overview }) => ({
      calls: await overview.modelCalls(query),
      turns: await overview.turns(query),
      failures: await overview.failures(query),
      decisions: await overview.decisions(query),
    }))
    const complete = read.calls.length < mostRead
    const from = complete ? since : Math.ceil((read.calls.at(-1)?.at ?? since) / size) * size
    const ofAgent = (row: { readonly agent: string }) => agent === undefined || row.agent === agent
    const calls = read.calls.filter((call) => {
      return call.at >= from && ofAgent(call) && (model === undefined || call.model === model)
    })
    // A turn belongs to who worked on it: with a filter only those count that it leaves something of.
    const known = new Set(calls.map(({ turnId }) => turnId))
    const isFiltered = agent !== undefined || model !== undefined
    const turns = read.turns.filter((turn) => turn.startedAt >= from && (!isFiltered || known.has(turn.turnId)))
    const failures = read.failures.filter((one) => one.at >= from && (!isFiltered || known.has(one.turnId)))
    const decisions = read.decisions.filter(ofAgent)
    return {
      from,
      to,
      bucketMs: size,
      complete,
      total: {
        ...figuresOf(calls),
        turns: turns.length,
        failedTurns: new Set(failures.map(({ turnId }) => turnId)).size,
        decisions: {
          decided: decisions.length,
          rejected: decisions.filter(({ rejected }) => rejected).length,
          waitMs: percentilesOf(decisions.map(({ waitMs }) => waitMs)),
        },
      },
      buckets: bucketsOf(calls, failures, { from, to, size }),
      agents: agentsOf(calls, turns, decisions),
      models: [...groupBy(calls, (call) => call.model)]
        .map(([name, of]) => ({ model: name, ...figuresOf(of) }))
        .sort(byCost),
      people: [...groupBy(calls, (call) => call.ownerId)]
        .map(([user, of]) => ({ user, ...figuresOf(of) }))
        .sort(byCost),
    }
  }
}

function figuresOf(calls: readonly RecentModelCall[]): CallFigures {
  const sum = (value: (call: RecentModelCall) => number) => calls.reduce((total, call) => total + value(call), 0)
  const times = calls.flatMap(({ purpose, firstTokenMs }) =>
    purpose === 'answer' && firstTokenMs !== null ? [firstTokenMs] : [],
  )
  return {
    turns: new Set(calls.map(({ turnId }) => turnId)).size,
    calls: calls.length,
    failedCalls: calls.filter(({ failed }) => failed).length,
    inputTokens: sum((call) => call.inputTokens),
    cachedTokens: sum((call) => call.cachedTokens),
    outputTokens: sum((call) => call.outputTokens),
    cost: sum((call) => call.cost ?? 0),
    pricedCalls: calls.filter(({ cost }) => cost !== null).length,
    firstTokenMs: percentilesOf(times),
  }
}

function bucketsOf(
  calls: readonly RecentModelCall[],
  failures: readonly RecentFailure[],
  { from, to, size }: { readonly from: number; readonly to: number; readonly size: number },
): Bucket[] {
  const ofTime = groupBy(calls, (call) => Math.floor(call.at / size) * size)
  const failed = groupBy(failures, (one) => Math.floor(one.at / size) * size)
  const buckets: Bucket[] = []
  for (let at = from; at < to; at += size) {
    const own = ofTime.get(at) ?? []
    const models = [...groupBy(own, (call) => call.model)].map(([model, of]) => {
      const { cost, inputTokens, outputTokens } = figuresOf(of)
      return { model, cost, tokens: inputTokens + outputTokens }
    })
    const codes = [...groupBy(failed.get(at) ?? [], (one) => one.code)]
    buckets.push({
      at,
      ...figuresOf(own),
      models,
      failures: codes.map(([code, of]) => ({ code, count: of.length })),
    })
  }
  return buckets
}

function agentsOf(
  calls: readonly RecentModelCall[],
  turns: readonly RecentTurn[],
  decisions: readonly RecentDecision[],
): AgentUsage[] {
  const lasted = new Map(
    turns.flatMap(({ turnId, startedAt, endedAt }) =>
      endedAt === null ? [] : [[turnId, endedAt - startedAt] as const],
    ),
  )
  return [...groupBy(calls, (call) => call.agent)]
    .map(([agent, of]) => {
      const own = decisions.filter((decision) => decision.agent === agent)
      const times = [...new Set(of.map(({ turnId }) => turnId))].flatMap((turnId) => lasted.get(turnId) ?? [])
      return {
        agent,
        ...figuresOf(of),
        turnMs: percentilesOf(times),
        asked: own.length,
        rejected: own.filter(({ rejected }) => rejected).length,
      }
    })
    .sort(byCost)
}

function byCost(a: CallFigures, b: CallFigures): number {
  return b.cost - a.cost || b.calls - a.calls
}

function groupBy<T, K>(rows: readonly T[], key: (row: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>()
  for (const row of rows) {
    const of = groups.get(key(row))
    if (of) of.push(row)
    else groups.set(key(row), [row])
  }
  return groups
}

/** By the nearest rank. */
function percentilesOf(values: readonly number[]): Percentiles {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (share: number) => sorted[Math.ceil(share * sorted.length) - 1] ?? null
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99) }
}
