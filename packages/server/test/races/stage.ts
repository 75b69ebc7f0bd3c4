import { setTimeout as sleep } from 'node:timers/promises'
import { Random } from '../crash/random.ts'
import { readSnapshot, type Snapshot, snapshotFaults } from '../crash/snapshot.ts'
import { type StrictUpstream, startStrictUpstream } from '../crash/strict-upstream.ts'
import { type Answer, call, failureOf, finalTextOf, type SendOptions, type Streamed, sendInput } from '../crash/wire.ts'
import { ServerProcess } from '../server-process.ts'

const settleMs = 20_000

/** The built server with a strict model behind it. */
export class RaceStage implements AsyncDisposable {
  readonly upstream: StrictUpstream
  readonly random: Random
  readonly #server: ServerProcess
  #sessions = 0

  private constructor(server: ServerProcess, upstream: StrictUpstream, seed: number) {
    this.#server = server
    this.upstream = upstream
    this.random = new Random(seed)
  }

  static async open(seed: number): Promise<RaceStage> {
    const upstream = await startStrictUpstream()
    try {
      return new RaceStage(await ServerProcess.start({ env: upstream.env }), upstream, seed)
    } catch (error) {
      await upstream.close()
      throw error
    }
  }

  newId(): string {
    return `race-${this.#sessions++}`
  }

  /** A message to coder, so that no routing comes before its answer. */
  say(sessionId: string, content: string, options: SendOptions = {}): Promise<Streamed> {
    return this.input(sessionId, { type: 'user_message', content, agent_type: 'coder' }, options)
  }

  input(sessionId: string, message: object, options: SendOptions = {}): Promise<Streamed> {
    return sendInput(this.#server.url, sessionId, message, { features: 'deltas', ...options })
  }

  rest<T = Readonly<Record<string, unknown>>>(method: string, path: string, body?: object): Promise<Answer<T>> {
    return call<T>(this.#server.url, method, path, body)
  }

  /** Sends a message, and resolves when the first piece of its answer is here; the stream goes on. */
  async begin(sessionId: string, content: string): Promise<{ readonly whole: Promise<Streamed> }> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const whole = this.say(sessionId, content, { onFrame: () => resolve() })
    await Promise.race([promise, whole])
    return { whole }
  }

  /** A new session whose model has asked for a tool. Gives the id of the call. */
  async withOpenCall(sessionId: string, word: 'read' | 'write'): Promise<string> {
    const streamed = await this.say(sessionId, `open #${word}`)
    const chunk = streamed.frames.find((frame) => frame.data['type'] === 'tool_call')
    if (!chunk) throw new Error(`no call came: ${JSON.stringify(streamed)}`)
    return String(chunk.data['call_id'])
  }

  /** Waits until nothing runs. Undefined for a session that is not there. */
  async settled(sessionId: string): Promise<Snapshot | undefined> {
    const limit = Date.now() + settleMs
    for (;;) {
      const snapshot = await readSnapshot(this.#server.url, sessionId)
      // It is read by several requests: something may have been stored between them.
      const isWhole = snapshot?.state !== 'running' && snapshot?.messageCount === snapshot?.messages.length
      if (isWhole || Date.now() > limit) return snapshot
      await sleep(10)
    }
  }

  /** What is wrong with a session after a race: what is stored of it, and whether it answers the next message. */
  async faultsOf(sessionId: string): Promise<string[]> {
    const snapshot = await this.settled(sessionId)
    const faults = snapshot ? snapshotFaults(snapshot) : []
    const next = await this.say(sessionId, 'afterwards #plain', { signal: AbortSignal.timeout(settleMs) })
    const said = finalTextOf(next)
    if (!said?.startsWith('Reply to afterwards ')) faults.push(`the next message is answered: ${outcomeOf(next)}`)
    const after = await this.settled(sessionId)
    if (after) faults.push(...snapshotFaults(after))
    faults.push(...this.upstream.refused.map((text) => `an invalid request: ${text}`))
    return faults
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server[Symbol.asyncDispose]()
    await this.upstream.close()
  }
}

/** `answer`, `call`, the code of a failure, or how else the stream ended. */
export function outcomeOf(streamed: Streamed): string {
  const failure = failureOf(streamed)
  if (failure !== undefined) return failure
  if (streamed.end !== 'done') return streamed.end
  if (finalTextOf(streamed) !== undefined) return 'answer'
  return streamed.frames.some((frame) => frame.data['type'] === 'tool_call') ? 'call' : 'done'
}

/** Both as sets: which of several wins is nobody's business. */
export function expectOutcomes(streams: readonly Streamed[], ...allowed: readonly (readonly string[])[]): string[] {
  const outcomes = streams.map(outcomeOf).sort()
  const known = allowed.some((some) => JSON.stringify([...some].sort()) === JSON.stringify(outcomes))
  return known ? [] : [`the outcomes are ${outcomes.join(', ')}`]
}
