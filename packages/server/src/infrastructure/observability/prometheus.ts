import type * as PromClient from 'prom-client'
import { type FirstTokenRow, firstTokenBounds, type Meters } from './meters.ts'

/** What is asked for when somebody looks. */
export interface Gauges {
  readonly runsActive: number
  readonly oldestRunSeconds: number
  readonly inputsWaiting: number
  readonly streamsOpen: number
  readonly eventLoopDelaySeconds: number
  /** Undefined while the store is away. */
  readonly handlers: HandlerGauges | undefined
  /** The circuit breaker of each upstream. */
  readonly upstreams: readonly UpstreamGauges[]
}

export interface UpstreamGauges {
  readonly provider: string
  readonly state: 'closed' | 'open' | 'half_open'
  readonly failures: number
}

const circuitStates = ['closed', 'half_open', 'open'] as const

export interface HandlerGauges {
  readonly deadLetters: number
  readonly lags: readonly { readonly handler: string; readonly events: number }[]
}

export interface Exposition {
  readonly contentType: string
  readonly text: string
}

/** Figures for Prometheus. The library is loaded when they are asked for first: a start that nobody watches pays nothing. */
export function createPrometheus(meters: Meters): (gauges: () => Promise<Gauges>) => Promise<Exposition> {
  let registry: Promise<Shown> | undefined
  return async (gauges) => {
    registry ??= load(meters)
    const shown = await registry
    shown.show(await gauges())
    return { contentType: shown.registry.contentType, text: await shown.registry.metrics() }
  }
}

type Library = Pick<typeof PromClient, 'Counter' | 'Gauge'>

interface Shown {
  readonly registry: PromClient.Registry
  show(gauges: Gauges): void
}

async function load(meters: Meters): Promise<Shown> {
  const prom = await import('prom-client')
  const registry = new prom.Registry()
  prom.collectDefaultMetrics({ register: registry })
  addCounters(prom, registry, meters)
  addFirstTokens(prom, registry, meters)
  return { registry, show: addGauges(prom, registry) }
}

function addCounters(prom: Library, registry: PromClient.Registry, meters: Meters): void {
  const registers = [registry]
  new prom.Counter({
    name: 'codelab_history_repairs_total',
    help: 'Histories that had to be mended before a model could be asked; anything but 0 is a fault of ours.',
    registers,
    collect() {
      this.reset()
      this.inc(meters.historyRepairs)
    },
  })
  new prom.Counter({
    name: 'codelab_model_calls_total',
    help: 'Model calls by what became of them: ok, or the code of the error.',
    labelNames: ['provider', 'model', 'outcome'],
    registers,
    collect() {
      this.reset()
      for (const { labels, count } of meters.modelCalls.rows()) this.inc(labels, count)
    },
  })
  new prom.Counter({
    name: 'codelab_http_requests_total',
    help: 'HTTP requests that are over.',
    labelNames: ['route', 'method', 'status'],
    registers,
    collect() {
      this.reset()
      for (const { labels, count } of meters.requests.rows()) this.inc(labels, count)
    },
  })
}

/** Observed before the library is there, so the buckets are ours and only their form is the library's. It writes what a gauge gives it as
 *  it is, while its histogram insists on buckets of its own. */
function addFirstTokens(prom: Library, registry: PromClient.Registry, meters: Meters): void {
  const name = 'codelab_model_first_token_seconds'
  const help = 'From the request to the first thing that a model says.'
  class FirstTokens extends prom.Gauge {
    override async get() {
      const values = meters.firstTokens().flatMap((row) => histogramValues(name, row))
      // The library's types name an enum here that it does not export.
      const type = 'histogram' as unknown as PromClient.MetricType
      return { help, name, type, values, aggregator: 'sum' as const, collect: () => undefined }
    }
  }
  new FirstTokens({ name, help, registers: [registry] })
}

function histogramValues(name: string, { labels, buckets, seconds }: FirstTokenRow) {
  let count = 0
  const bounds = buckets.map((own, index) => {
    count += own
    return { metricName: `${name}_bucket`, labels: { ...labels, le: firstTokenBounds[index] ?? '+Inf' }, value: count }
  })
  return [
    ...bounds,
    { metricName: `${name}_sum`, labels, value: seconds },
    { metricName: `${name}_count`, labels, value: count },
  ]
}

function addGauges(prom: Library, registry: PromClient.Registry): (gauges: Gauges) => void {
  const gauge = (name: string, help: string, labelNames: string[] = []) =>
    new prom.Gauge({ name: `codelab_${name}`, help, labelNames, registers: [registry] })
  const runs = gauge('runs_active', 'Runs that work right now.')
  const oldest = gauge('oldest_run_seconds', 'Age of the oldest run; 0 without one.')
  const inputs = gauge('inputs_waiting', 'Inputs that wait for a busy session.')
  const streams = gauge('streams_open', 'Stream answers that are open.')
  const delay = gauge('event_loop_delay_seconds', '99th percentile of the last seconds.')
  const letters = gauge('dead_letters', 'Events that a handler could not take.')
  const lag = gauge('handler_lag_events', 'Events that a handler has not come to yet.', ['handler'])
  const circuit = gauge('upstream_circuit_state', 'Circuit breaker of an upstream: 1 for the state that it is in.', [
    'provider',
    'state',
  ])
  const failures = gauge('upstream_failures', 'Model calls in a row that found the upstream away.', ['provider'])
  return ({ handlers, upstreams, ...now }) => {
    runs.set(now.runsActive)
    oldest.set(now.oldestRunSeconds)
    inputs.set(now.inputsWaiting)
    streams.set(now.streamsOpen)
    delay.set(now.eventLoopDelaySeconds)
    for (const { provider, state: current, failures: count } of upstreams) {
      for (const state of circuitStates) circuit.set({ provider, state }, Number(state === current))
      failures.set({ provider }, count)
    }
    lag.reset()
    if (!handlers) return letters.set(Number.NaN)
    letters.set(handlers.deadLetters)
    for (const { handler, events } of handlers.lags) lag.set({ handler }, events)
  }
}
