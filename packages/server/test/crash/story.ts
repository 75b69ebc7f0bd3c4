import { setTimeout as sleep } from 'node:timers/promises'
import { ServerProcess } from '../server-process.ts'
import { gapsOf } from './log-gaps.ts'
import { type KillPoint, killPoints, Trigger } from './points.ts'
import { Random } from './random.ts'
import { SessionClient } from './session-client.ts'
import { type StrictUpstream, startStrictUpstream } from './strict-upstream.ts'

/** Kills of one story. It has no divisor in common with the number of points, so that neighbouring stories pass all of them. */
export const killsOfStory = 9

const clientsAtOnce = 5
const reachLimitMs = 15_000
/** How soon a session has to work again. */
const actLimitMs = 20_000

export interface StoryReport {
  readonly seed: number
  /** How often the server was killed, by point. */
  readonly kills: ReadonlyMap<KillPoint, number>
  readonly sessions: number
  readonly modelCalls: number
  /** Empty when all is well. Each says where, what, and what the client had sent and seen. */
  readonly faults: readonly string[]
}

/** One server with its database, killed again and again under the hands of its clients. The seed is the plan: the points, and every choice
 *  of every client. It ends at the first kill with a fault. */
export async function tellStory(seed: number, kills = killsOfStory): Promise<StoryReport> {
  const trigger = new Trigger()
  const stage = new Stage(seed, trigger)
  const upstream = await startStrictUpstream({
    onRequest: (text) => stage.clientOf(text)?.upstreamAsked(),
    onToken: () => trigger.hit('upstream_token'),
  })
  try {
    await using server = await ServerProcess.start({ env: upstream.env })
    await stage.play(server, upstream, kills)
    return { seed, kills: stage.kills, sessions: stage.all.length, modelCalls: upstream.calls, faults: stage.faults }
  } finally {
    await upstream.close()
  }
}

class Stage {
  readonly kills = new Map<KillPoint, number>()
  readonly faults: string[] = []
  readonly all: SessionClient[] = []
  readonly #seed: number
  readonly #random: Random
  readonly #trigger: Trigger
  readonly #byId = new Map<string, SessionClient>()
  #present: SessionClient[] = []

  constructor(seed: number, trigger: Trigger) {
    this.#seed = seed
    this.#random = new Random(seed)
    this.#trigger = trigger
  }

  /** The client whose words the model was given. */
  clientOf(text: string): SessionClient | undefined {
    const id = /s\d+-\d+(?=\.\d+ )/.exec(text)?.[0]
    return id === undefined ? undefined : this.#byId.get(id)
  }

  async play(server: ServerProcess, upstream: StrictUpstream, kills: number): Promise<void> {
    for (let kill = 0; kill < kills; kill++) {
      this.#enter()
      const point = killPoints[(this.#seed * killsOfStory + kill) % killPoints.length] ?? 'random'
      await this.#kill(server, point)
      if (point === 'recovery') await this.#killStart(server)
      await server.start()
      await this.#prove(server, upstream, `seed ${this.#seed}, kill ${kill + 1}, point ${point}`)
      if (this.faults.length > 0) return
    }
    for (const client of this.all) this.#collect('the end of the story', client, await client.check(server.url))
    await server.stop()
    this.faults.push(...(await gapsOf(server)))
  }

  /** New sessions take the place of some that have lived long enough. */
  #enter(): void {
    this.#present = this.#present.filter(() => this.#random.chance(0.75))
    while (this.#present.length < clientsAtOnce) {
      const id = `s${this.#seed}-${this.all.length}`
      const client = new SessionClient(id, new Random(this.#seed * 1000 + this.all.length), this.#trigger)
      this.#byId.set(id, client)
      this.all.push(client)
      this.#present.push(client)
    }
  }

  /** Lets all clients act until the server is killed at the point. */
  async #kill(server: ServerProcess, point: KillPoint): Promise<void> {
    let gone = Promise.resolve()
    const kill = () => {
      gone = server.stop('SIGKILL')
    }
    const named = point === 'recovery' ? 'upstream_request' : point
    const skip = this.#random.below(4)
    const killed = point === 'random' ? sleep(this.#random.below(400)).then(kill) : this.#trigger.arm(named, skip, kill)
    const over = new AbortController()
    const acting = this.#present.map((client) => this.#actUntilCut(server.url, client, over.signal))
    const late = sleep(reachLimitMs, undefined, { signal: over.signal, ref: false }).then(() => {
      this.faults.push(`seed ${this.#seed}: the point ${point} was not reached within ${reachLimitMs} ms`)
      kill()
    })
    late.catch(() => undefined)
    await Promise.race([killed, late])
    over.abort()
    this.#trigger.disarm()
    await gone
    await Promise.all(acting)
    this.#count(point)
  }

  async #actUntilCut(url: string, client: SessionClient, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const { cut, faults } = await client.act(url)
      this.#collect('before the kill', client, faults)
      if (cut || faults.length > 0) return
    }
  }

  /** Kills a server that makes good what the last kill left, once or twice. */
  async #killStart(server: ServerProcess): Promise<void> {
    for (let times = 1 + this.#random.below(2); times > 0; times--) {
      const starting = server.start().catch(() => undefined)
      await sleep(50 + this.#random.below(500))
      await server.stop('SIGKILL')
      await starting
      this.#count('recovery')
    }
  }

  /** Everything seen is stored, nothing was started again by itself, and every session goes on. */
  async #prove(server: ServerProcess, upstream: StrictUpstream, where: string): Promise<void> {
    const asked = upstream.calls
    await Promise.all(this.#present.map(async (client) => this.#collect(where, client, await client.check(server.url))))
    if (upstream.calls !== asked) this.faults.push(`${where}: the model was asked again without a client's word`)
    await Promise.all(
      this.#present.map(async (client) => {
        const limit = () => AbortSignal.timeout(actLimitMs)
        const resent = await client.resend(server.url, limit())
        const { cut, faults } = await client.act(server.url, limit())
        this.#collect(where, client, [...resent, ...faults, ...(cut ? ['the stream broke'] : [])])
        this.#collect(where, client, await client.check(server.url))
      }),
    )
    this.faults.push(...upstream.refused.map((refusal) => `${where}: an invalid request: ${refusal}`))
    if (this.faults.length > 0) this.faults.push(`the server's last words:\n${server.output.slice(-2000)}`)
  }

  #collect(where: string, client: SessionClient, faults: readonly string[]): void {
    if (faults.length === 0) return
    const { sessionId, transcript } = client.witness
    this.faults.push(`${where}, session ${sessionId}:\n  ${faults.join('\n  ')}\n${transcript}`)
  }

  #count(point: KillPoint): void {
    this.kills.set(point, (this.kills.get(point) ?? 0) + 1)
  }
}
