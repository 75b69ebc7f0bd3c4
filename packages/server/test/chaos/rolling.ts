import { setTimeout as sleep } from 'node:timers/promises'
import { readSnapshot, snapshotFaults } from '../crash/snapshot.ts'
import { startStrictUpstream } from '../crash/strict-upstream.ts'
import { failureOf, finalTextOf, sendInput } from '../crash/wire.ts'
import { type EventFrame, EventReader, eventsOf, saidIn } from '../readers/event-reader.ts'
import { Asked } from './asked.ts'
import { Cluster } from './cluster.ts'
import { logFaults, storedAnswers } from './log-faults.ts'

/** Of a replica that is told to stop; shorter than an answer, so that some are cut. */
const graceMs = 1_500
/** Between two replicas: what moved once has come to its end by then. */
const pauseMs = 5_000
const wordMs = 200
const limitMs = 120_000
/** What a client takes for a reason to send the same again, under the same key. */
const passing = new Set(['shutting_down', 'session_busy'])

export interface RollingReport {
  readonly streams: number
  readonly turns: number
  /** Model calls that were begun anew by another replica. */
  readonly again: number
  /** The most often that one step was asked for. */
  readonly most: number
  readonly resets: number
  /** How often readers had to come back. */
  readonly returns: number
  /** How often clients had to send again. */
  readonly resent: number
  readonly seconds: number
  readonly faults: readonly string[]
}

/** Three replicas are restarted in order, one after the other, while every one of many sessions has an answer under way and a reader. */
export async function rollOver(streams: number): Promise<RollingReport> {
  const started = performance.now()
  const asked = new Asked()
  const upstream = await startStrictUpstream({ numbered: true, onRequest: (text, call) => asked.note(text, call) })
  try {
    await using cluster = await Cluster.start(upstream, {
      CODELAB_SHUTDOWN_MS: String(graceMs),
      CODELAB_MAX_LOOP_DELAY_MS: '0',
      CODELAB_REPLICA_SILENT_MS: '6000',
    })
    const over = new AbortController()
    const sessions = Array.from({ length: streams }, (_, index) => new LiveSession(cluster.url, `r${index}`))
    const living = sessions.map((session) => session.live(over.signal))
    await Promise.all(sessions.map(({ begun }) => begun))
    for (const replica of cluster.replicas) {
      await replica.stop('SIGTERM')
      await replica.start()
      await sleep(pauseMs)
    }
    over.abort()
    await Promise.all(living)
    await cluster.settled()
    const faults = await Promise.all(sessions.map((session) => session.faults()))
    const sum = (count: (session: LiveSession) => number) => sessions.reduce((all, one) => all + count(one), 0)
    if (faults.flat().length > 0) faults.push([cluster.output])
    if (faults.flat().length > 0) {
      const rows = await cluster.database.execute(
        `select s.external_id, r.*, (select string_agg(e.seq || ' ' || e.type || ' ' || left(e.facts, 150), ' | ' order by e.seq) from events e where e.run_id = r.run_id) as log from runs r join sessions s on s.sid=r.sid where r.outcome <> 'completed' order by s.external_id, r.started_at`,
      )
      console.error(rows.map((r) => JSON.stringify(r)).join('\n'))
    }
    const mostFaults = asked.most > 2 ? [`a step was asked for ${asked.most} times`] : []
    return {
      streams,
      turns: sum(({ turns }) => turns),
      again: asked.repeated,
      most: asked.most,
      resets: sum(({ frames }) => frames.filter(({ event }) => event === 'message.reset').length),
      returns: sum(({ returns }) => returns),
      resent: sum(({ resent }) => resent),
      seconds: Math.round((performance.now() - started) / 1_000),
      faults: [
        ...faults.flat(),
        ...mostFaults,
        ...upstream.refused,
        ...(await logFaults(cluster.database)),
        ...asked.faults(await storedAnswers(cluster.database)),
      ],
    }
  } finally {
    await upstream.close()
  }
}

/** A client that always has an answer under way, and a reader of the session that comes back from where it was. */
class LiveSession {
  readonly frames: EventFrame[] = []
  readonly begun: Promise<void>
  turns = 0
  returns = 0
  resent = 0
  readonly #url: string
  readonly #id: string
  readonly #answers: string[] = []
  readonly #faults: string[] = []
  readonly #begin: () => void

  constructor(url: string, id: string) {
    this.#url = url
    this.#id = id
    const { promise, resolve } = Promise.withResolvers<void>()
    this.begun = promise
    this.#begin = resolve
  }

  async live(over: AbortSignal): Promise<void> {
    const said = new AbortController()
    const reading = this.#read(said.signal)
    try {
      while (!over.aborted && this.#faults.length === 0) await this.#turn(`${this.#id}.${this.turns++}`)
    } catch (error) {
      this.#faults.push(String(error))
    } finally {
      this.#begin()
      said.abort()
      await reading.catch((error) => this.#faults.push(`its reader: ${error}`))
    }
  }

  /** Says one thing until it has the whole answer. */
  async #turn(mark: string): Promise<void> {
    const limit = performance.now() + limitMs
    const message = { type: 'user_message', content: `${mark} #slow:${wordMs}`, agent_type: 'coder' }
    for (;;) {
      const streamed = await sendInput(this.#url, this.#id, message, {
        features: 'deltas',
        headers: { 'idempotency-key': mark },
        onFrame: () => this.#begin(),
        signal: AbortSignal.timeout(limitMs),
      })
      const failure = failureOf(streamed)
      if (failure === undefined && streamed.end === 'done') {
        const text = finalTextOf(streamed)
        if (text === undefined) this.#faults.push(`${mark} has no answer: ${JSON.stringify(streamed.frames)}`)
        else this.#answers.push(text)
        return
      }
      if (failure !== undefined && !passing.has(failure)) {
        this.#faults.push(`${mark}: ${failure}, ${JSON.stringify(streamed.frames.slice(-3))}`)
        return
      }
      if (performance.now() > limit) throw new Error(`${mark} was not answered: ${streamed.end} ${failure}`)
      this.resent++
      await sleep(200)
    }
  }

  /** Reads until everything said is read to the end of its turn. */
  async #read(said: AbortSignal): Promise<void> {
    const limit = () => said.aborted && this.#ends() >= this.#answers.length
    let idle = 0
    for (let first = true; !limit(); first = false) {
      const from = this.#lastId()
      const reader = await EventReader.open(
        this.#url,
        this.#id,
        from === undefined ? { after: 0 } : { lastEventId: from },
      ).catch(() => undefined)
      if (reader?.status !== 200) {
        reader?.[Symbol.dispose]()
        await sleep(100)
        if (said.aborted && ++idle > 300) throw new Error('it does not come back')
        continue
      }
      if (!first && this.frames.length > 0) this.returns++
      let taken = 0
      const take = () => {
        this.frames.push(...reader.frames.slice(taken))
        taken = reader.frames.length
      }
      let ended = false
      const gone = reader.over.then(() => {
        ended = true
      })
      while (!ended && !limit()) {
        await Promise.race([gone, sleep(100)])
        take()
        if (said.aborted && ++idle > 300) throw new Error(`it has ${this.#ends()} turns of ${this.#answers.length}`)
      }
      take()
      reader[Symbol.dispose]()
    }
  }

  #ends(): number {
    return this.frames.filter(({ event }) => event === 'turn.ended').length
  }

  #lastId(): string | undefined {
    return this.frames.findLast(({ id }) => id !== undefined)?.id
  }

  /** Where what the client was told, what the reader has, and what is stored are not the same. */
  async faults(): Promise<string[]> {
    const snapshot = await readSnapshot(this.#url, this.#id)
    const stored = (snapshot?.messages ?? []).flatMap(({ role, content }) => (role === 'assistant' ? [content] : []))
    const told = this.#answers
    const faults = [...this.#faults, ...(snapshot ? snapshotFaults(snapshot) : ['the session is gone'])]
    if (told.length !== this.turns) faults.push(`${told.length} answers to ${this.turns} messages`)
    if (String(stored) !== String(told)) faults.push(`stored is ${stored}, told was ${told}`)
    try {
      // Of what was cut nothing is left but its name.
      const read = saidIn(this.frames).filter((text) => text !== '')
      if (String(read) !== String(told)) faults.push(`read was ${read}, told was ${told}`)
    } catch (error) {
      faults.push(String(error))
    }
    // The last frame has the number of the event before it.
    const events = eventsOf(this.frames.filter(({ event }) => event !== 'stream.closing'))
    const seqs = events.map((line) => Number(line.split(' ', 1)[0]))
    if (seqs.some((seq, index) => seq !== index + 1)) faults.push(`the reader has the events ${seqs}`)
    return faults.map((fault) => `${this.#id}: ${fault}`)
  }
}
