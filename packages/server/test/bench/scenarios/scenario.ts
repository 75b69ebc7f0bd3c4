import type { Figures, Row } from '../figures.ts'
import type { TurnFigures, Turns } from '../load/turns.ts'
import { compare, type Measured } from '../rounds.ts'
import { type Load, type Subject, startRelay, startServer, type Upstream } from '../subject.ts'

export interface Bench {
  readonly upstream: Upstream
  readonly load: Load
  /** Of one measurement. */
  readonly seconds: number
  readonly rounds: number
  /** Tiny counts: whether it works, not how fast it is. */
  readonly smoke: boolean
}

export interface Scenario {
  readonly id: number
  run(bench: Bench): Promise<Row[]>
}

let names = 0

/** Turns on conversations of their own; a turn that failed is a fault of the benchmark or of what it measures, never a figure. */
export async function turnsOn(
  { load }: Bench,
  subject: Subject,
  order: Partial<Turns> & Pick<Turns, 'atOnce' | 'seconds'>,
): Promise<TurnFigures> {
  const { url, headers } = subject
  const done = await load.ask('turns', { url, headers, turnsPerSession: 10, name: `s${++names}`, ...order })
  if (done.failed > 0) throw new Error(`${done.failed} turns on the ${subject.name} failed, one with: ${done.failure}`)
  if (done.turns === 0) throw new Error(`no turn ended on the ${subject.name}`)
  return done
}

/** Until the engine has compiled what runs often: a server is measured as it is some seconds after its first users came. */
export const warmSeconds = (bench: Bench): number => (bench.smoke ? bench.seconds : 12)

/** The server beside the relay, both warmed by the same work for the same time. */
export async function against(
  bench: Bench,
  scenario: number,
  measured: readonly Measured[],
  measure: (subject: Subject, seconds: number) => Promise<Figures>,
): Promise<Row[]> {
  await using relay = await startRelay(bench.upstream)
  await using server = await startServer(bench.upstream)
  const subjects = { relay, server }
  for (const subject of [relay, server]) await measure(subject, warmSeconds(bench))
  return await compare(scenario, bench.rounds, measured, (name) => measure(subjects[name], bench.seconds))
}
