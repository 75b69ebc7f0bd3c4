import { setTimeout as sleep } from 'node:timers/promises'
import { type KillPoint, Trigger } from '../crash/points.ts'
import { Random } from '../crash/random.ts'
import { SessionClient } from '../crash/session-client.ts'
import { type StrictUpstream, startStrictUpstream } from '../crash/strict-upstream.ts'
import type { Frame } from '../crash/wire.ts'
import { Asked } from './asked.ts'
import { Cluster } from './cluster.ts'
import { befall, type FaultKind, faultKinds } from './faults.ts'
import { logFaults, storedAnswers } from './log-faults.ts'

const clientsAtOnce = 6
const reachLimitMs = 4_000
/** How long anything may take while replicas come and go, and once they are back. */
const disturbedLimitMs = 120_000
const actLimitMs = 30_000
const words = ['plain', 'slow:60', 'slow:150', 'slow:300', 'read', 'write', 'write', 'two', 'mixed']
const points: readonly KillPoint[] = [
  'on_send',
  'upstream_request',
  'first_chunk',
  'upstream_token',
  'upstream_token',
  'tool_emitted',
  'approval_pending',
  'on_tool_result',
  'tool_result_upstream',
  'on_decision',
  'decision_upstream',
  'after_terminal',
]
/** What a client may be told while replicas come and go, and nothing else. */
const passing = new Set([
  'storage_unavailable',
  'storage_busy',
  'interrupted',
  'lease_lost',
  'session_busy',
  'shutting_down',
  'overloaded',
])

export interface ChaosReport {
  readonly seed: number
  readonly made: ReadonlyMap<FaultKind, number>
  readonly sessions: number
  readonly modelCalls: number
  /** Calls for a step that had been asked for before and was not finished. */
  readonly repeated: number
  /** Streams that a replica which came back was still writing when others had the session. */
  readonly fenced: number
  /** Empty when all is well. */
  readonly faults: readonly string[]
}

/** Three replicas under the hands of their clients, and one fault after the other. The seed is the plan; it ends at the first that leaves
 *  something wrong. */
export async function tellChaos(
  seed: number,
  kinds: readonly FaultKind[],
  env: Readonly<Record<string, string>> = {},
): Promise<ChaosReport> {
  const stage = new Stage(seed)
  const upstream = await startStrictUpstream({
    numbered: true,
    onRequest: (text, call) => {
      stage.asked.note(text, call)
      stage.castOf(text)?.askedBy(Cluster.askedBy(call.path))
    },
    onToken: (text) => stage.castOf(text)?.trigger.hit('upstream_token'),
  })
  try {
    await using cluster = await Cluster.start(upstream, { CODELAB_MAX_LOOP_DELAY_MS: '60000', ...env })
    await stage.play(cluster, upstream, kinds)
    const { made, faults, asked, fenced } = stage
    return {
      seed,
      made,
      sessions: stage.sessions,
      modelCalls: upstream.calls,
      repeated: asked.repeated,
      fenced,
      faults,
    }
  } finally {
    await upstream.close()
  }
}

/** A client, and where its turn is worked on. */
class Cast {
  readonly client: SessionClient
  readonly trigger = new Trigger()
  owner = 0
  /** Others have its session, and its stream is of one that comes back. */
  fenced = false
  readonly #late: string[] = []

  constructor(id: string, random: Random, tolerates: (code: string) => boolean) {
    this.client = new SessionClient(id, random, this.trigger, {
      words,
      resumes: 0.7,
      tolerates,
      onFrame: (frame) => this.#see(frame),
    })
  }

  get id(): string {
    return this.client.witness.sessionId
  }

  askedBy(replica: number): void {
    this.owner = replica
    this.client.upstreamAsked()
  }

  /** What came of a stream after its session had gone to others. */
  takeLate(): string[] {
    this.fenced = false
    return this.#late.splice(0).map((text) => `a replica went on to emit after others had the session: ${text}`)
  }

  #see({ data }: Frame): void {
    if (!this.fenced) return
    const shows = data['type'] === 'assistant_message' || data['type'] === 'tool_call'
    if (shows && this.#late.length < 5) this.#late.push(JSON.stringify(data))
  }
}

class Stage {
  readonly made = new Map<FaultKind, number>()
  readonly faults: string[] = []
  readonly asked = new Asked()
  fenced = 0
  sessions = 0
  readonly #seed: number
  readonly #random: Random
  readonly #byId = new Map<string, Cast>()
  #present: Cast[] = []
  #disturbed = false

  constructor(seed: number) {
    this.#seed = seed
    this.#random = new Random(seed)
  }

  castOf(text: string): Cast | undefined {
    const id = /s\d+-\d+(?=\.\d+ )/.exec(text)?.[0]
    return id === undefined ? undefined : this.#byId.get(id)
  }

  async play(cluster: Cluster, upstream: StrictUpstream, kinds: readonly FaultKind[]): Promise<void> {
    for (const [index, kind] of kinds.entries()) {
      this.#enter()
      const point = this.#random.pick(points)
      const where = `seed ${this.#seed}, fault ${index + 1}, ${kind} at ${point}`
      await this.#disturb(cluster, kind, point, where)
      this.made.set(kind, (this.made.get(kind) ?? 0) + 1)
      await this.#prove(cluster, upstream, where)
      if (this.faults.length > 0) {
        this.faults.push(cluster.output)
        return
      }
    }
    const all = [...this.#byId.values()]
    for (const cast of all) this.#collect('the end', cast, await cast.client.check(cluster.url))
    this.faults.push(
      ...(await logFaults(cluster.database)),
      ...this.asked.faults(await storedAnswers(cluster.database)),
    )
  }

  /** New sessions take the place of some that have lived long enough. */
  #enter(): void {
    this.#present = this.#present.filter(() => this.#random.chance(0.8))
    while (this.#present.length < clientsAtOnce) {
      const id = `s${this.#seed}-${this.sessions}`
      const random = new Random(this.#seed * 1_000 + this.sessions++)
      const cast = new Cast(id, random, (code) => this.#disturbed && passing.has(code))
      this.#byId.set(id, cast)
      this.#present.push(cast)
    }
  }

  /** Lets all clients act while it happens; it happens when one of them has come to the point. */
  async #disturb(cluster: Cluster, kind: FaultKind, point: KillPoint, where: string): Promise<void> {
    this.#disturbed = true
    const over = new AbortController()
    const acting = this.#present.map((cast) => this.#act(cluster.url, cast, over.signal, where))
    const victim = await this.#reached(point)
    const owned = this.#present.filter(({ owner }) => owner === victim)
    const atWork = kind === 'stop' ? await runsOf(cluster, 'ended_at is null') : new Map<string, string>()
    const beforeGoOn = async () => {
      const taken = new Set((await runsOf(cluster, "outcome = 'interrupted'")).values())
      for (const cast of owned) cast.fenced = taken.has(atWork.get(cast.id) ?? '')
      this.fenced += owned.filter(({ fenced }) => fenced).length
    }
    await befall(kind, { cluster, victim, random: this.#random, beforeGoOn })
    await sleep(this.#random.below(300))
    over.abort()
    await Promise.all(acting)
    await cluster.settled().catch((error) => this.faults.push(`${where}: ${error}`))
    for (const cast of this.#present) this.#collect(where, cast, cast.takeLate())
    this.#disturbed = false
  }

  /** The replica that works for the client which comes to the point first. */
  async #reached(point: KillPoint): Promise<number> {
    const skip = this.#random.below(4)
    const other = this.#random.below(3)
    const hit = this.#present.map(async ({ trigger }, index) => {
      await trigger.arm(point, skip, () => undefined)
      return this.#present[index]?.owner ?? other
    })
    const victim = await Promise.race([...hit, sleep(reachLimitMs, other)])
    for (const { trigger } of this.#present) trigger.disarm()
    return this.#random.chance(0.85) ? victim : other
  }

  async #act(url: string, cast: Cast, signal: AbortSignal, where: string): Promise<void> {
    while (!signal.aborted) {
      const { cut, faults } = await cast.client.act(url, AbortSignal.timeout(disturbedLimitMs))
      cast.fenced = false
      this.#collect(where, cast, faults)
      if (cut || faults.length > 0) return
    }
  }

  /** Everything seen is stored, nothing was started again by itself, and every session goes on. */
  async #prove(cluster: Cluster, upstream: StrictUpstream, where: string): Promise<void> {
    if (this.faults.length > 0) return
    const { url } = cluster
    const asked = upstream.calls
    await Promise.all(this.#present.map(async (cast) => this.#collect(where, cast, await cast.client.check(url))))
    if (upstream.calls !== asked) this.faults.push(`${where}: the model was asked again without a client's word`)
    await Promise.all(
      this.#present.map(async (cast) => {
        const limit = () => AbortSignal.timeout(actLimitMs)
        const resent = await cast.client.resend(url, limit())
        const { cut, faults } = await cast.client.act(url, limit())
        this.#collect(`${where}, afterwards`, cast, [...resent, ...faults, ...(cut ? ['the stream broke'] : [])])
        this.#collect(`${where}, afterwards`, cast, await cast.client.check(url))
      }),
    )
    this.faults.push(...upstream.refused.map((refusal) => `${where}: an invalid request: ${refusal}`))
  }

  #collect(where: string, cast: Cast, faults: readonly string[]): void {
    if (faults.length === 0) return
    this.faults.push(`${where}, session ${cast.id}:\n  ${faults.join('\n  ')}\n${cast.client.witness.transcript}`)
  }
}

/** The last such run of each session. */
async function runsOf({ database }: Cluster, which: string): Promise<ReadonlyMap<string, string>> {
  const rows = await database.execute(`select s.external_id, r.run_id from runs r join sessions s on s.sid = r.sid
    where r.${which} order by r.started_at`)
  return new Map(rows.map(({ external_id: id, run_id: run }) => [String(id), String(run)]))
}

/** Each kind as often as any other, in an order of its own. */
export function planOf(seed: number, count: number): FaultKind[] {
  const random = new Random(seed)
  return Array.from({ length: count }, (_, index) => faultKinds[(index + seed) % faultKinds.length] ?? 'kill')
    .map((kind) => ({ kind, at: random.next() }))
    .sort((a, b) => a.at - b.at)
    .map(({ kind }) => kind)
}
