import type { Bench } from './scenarios/scenario.ts'

/** What the load and the model give by themselves, when the load asks the model directly and it answers in our frames. */
export interface Ceilings {
  readonly turnsPerSecond: number
  readonly tokensPerSecond: number
  /** Of so many streams of 50 tokens a second. */
  readonly pacedStreams: number
  readonly pacedLagP99Ms: number
}

export async function measureCeilings({ upstream, load, seconds, smoke }: Bench): Promise<Ceilings> {
  const url = await upstream.ask('url', undefined)
  const common = { url, headers: '', seconds, turnsPerSession: 1000, name: 'ceiling' }
  await upstream.ask('play', { tokens: 8, perSecond: 0 })
  const short = await load.ask('turns', { ...common, atOnce: 8 })
  await upstream.ask('play', { tokens: 500, perSecond: 0 })
  const long = await load.ask('turns', { ...common, atOnce: 8 })
  const pacedStreams = smoke ? 10 : 1280
  await upstream.ask('play', { tokens: 50 * seconds, perSecond: 50 })
  const paced = await load.ask('turns', { ...common, atOnce: pacedStreams, turns: pacedStreams, rampMs: 1 })
  return {
    turnsPerSecond: short.turns / short.seconds,
    tokensPerSecond: (500 * long.turns) / long.seconds,
    pacedStreams,
    pacedLagP99Ms: paced.lagMs.p99,
  }
}
