import type { EventHandler } from './event-handler.ts'
import { incrementsOf, rolledUpTypes, sumOf } from './rollups.ts'

export const METRIC_ROLLUPS = 'metric_rollups'

/** Keeps the figures of `GET /events/metrics`, so that nobody has to count the log. */
export const metricRollups: EventHandler = {
  name: METRIC_ROLLUPS,
  types: rolledUpTypes,
  handle: (tx, events) => tx.handlers.addToRollups(sumOf(events.flatMap(incrementsOf))),
}
