import type { MeterOptions } from '../api/options.ts'
import type { Application } from '../application/index.ts'
import type { LoadMonitor } from '../infrastructure/load/load-monitor.ts'
import type { Meters } from '../infrastructure/observability/meters.ts'
import { createPrometheus } from '../infrastructure/observability/prometheus.ts'
import type { Models } from './models.ts'

/** What `/metrics` shows: what was counted, and how things stand at the moment of asking. */
export function createMeterOptions(
  meters: Meters,
  {
    application,
    load,
    models,
  }: { readonly application: Application; readonly load: LoadMonitor; readonly models: Models },
): MeterOptions {
  const expose = createPrometheus(meters)
  return {
    request: (row) => meters.requests.add(row),
    show: ({ streamsOpen }) =>
      expose(async () => {
        const { runs, oldestRunMs, inputsWaiting } = application.activity
        return {
          runsActive: runs,
          oldestRunSeconds: oldestRunMs / 1_000,
          inputsWaiting,
          streamsOpen,
          eventLoopDelaySeconds: load.loopDelayMs / 1_000,
          upstreams: upstreamOf(models),
          handlers: await application.events.handlerLags().catch(() => undefined),
        }
      }),
  }
}

function upstreamOf({ provider, upstream }: Models) {
  const breaker = upstream()
  return breaker === undefined ? [] : [{ provider, state: breaker.state, failures: breaker.failures }]
}
