import type { Goal } from '../figures.ts'
import type { Measured } from '../rounds.ts'
import { type Subject, withCpu } from '../subject.ts'
import { against, type Bench, type Scenario, turnsOn } from './scenario.ts'

const atMost = (times: number): Goal => ({ kind: 'at-most-relay', times })

/** What is measured on the server as it ships, and once more over PostgreSQL. */
export interface Turning {
  readonly script: { readonly tokens: number; readonly perSecond: number }
  readonly measured: readonly Measured[]
  measure(bench: Bench, subject: Subject, seconds: number): Promise<Readonly<Record<string, number>>>
}

export const firstToken: Turning = {
  script: { tokens: 8, perSecond: 200 },
  measured: [
    { figure: 'p50', what: 'first token, p50', unit: 'ms', goal: atMost(1.6) },
    { figure: 'p99', what: 'first token, p99', unit: 'ms', goal: atMost(2.5) },
  ],
  async measure(bench, subject, seconds) {
    const { firstTokenMs } = await turnsOn(bench, subject, { atOnce: 4, seconds })
    return { p50: firstTokenMs.p50, p99: firstTokenMs.p99 }
  },
}

export const shortTurn: Turning = {
  script: { tokens: 8, perSecond: 0 },
  measured: [
    { figure: 'wall', what: '8-token turn, wall p50', unit: 'ms', goal: atMost(1.8) },
    { figure: 'cpu', what: '8-token turn, CPU', unit: 'ms', goal: atMost(2) },
  ],
  async measure(bench, subject, seconds) {
    const [{ turns, wallMs }, cpu] = await withCpu(subject, () => turnsOn(bench, subject, { atOnce: 1, seconds }))
    return { wall: wallMs.p50, cpu: cpu / turns }
  },
}

const longTokens = 500

export const longAnswers: Turning = {
  script: { tokens: longTokens, perSecond: 0 },
  measured: [
    {
      figure: 'tokens',
      what: '8 streams of 500 tokens',
      unit: 'tokens/CPU-s',
      goal: { kind: 'at-least-relay', times: 0.9 },
    },
  ],
  async measure(bench, subject, seconds) {
    const [{ turns }, cpu] = await withCpu(subject, () => turnsOn(bench, subject, { atOnce: 8, seconds }))
    return { tokens: (turns * longTokens * 1000) / Math.max(cpu, 1) }
  },
}

export function turning(id: number, { script, measured, measure }: Turning): Scenario {
  return {
    id,
    async run(bench) {
      await bench.upstream.ask('play', script)
      return await against(bench, id, measured, (subject, seconds) => measure(bench, subject, seconds))
    },
  }
}
