import { randomUUID } from 'node:crypto'
import { Client, Pool } from 'pg'
import type { Clock } from '../../application/ports/clock.ts'
import type { Ears, FanOut } from '../../application/ports/fan-out.ts'
import type { Log } from '../../application/ports/log.ts'

export interface PostgresFanOutOptions {
  /** For what is told; it may go through a pooler. */
  readonly url: string
  /** For what is heard: a connection of its own, straight to the database. A pooler that gives connections away after each transaction
   *  would not deliver to it. */
  readonly listenUrl: string
  readonly clock: Clock
  readonly log: Log
}

/** What is told within this time goes in one statement. */
const coalesceMs = 15
const checkMs = 2_000
const answerMs = 5_000
const reconnectMs = 500
/** Ids of one notification; its text may have 8,000 bytes. */
const page = 200
/** Sessions that wait to be told of; beyond it those who follow find it out by looking. */
const mostDirty = 50_000

/** Those who follow a session, and its owner, each by the channel where it listens. */
const tellOthers = `with told as (
    select sid, listener from followers where sid = any($1) and listener <> $2
    union
    select sessions.sid, replicas.listener from sessions join replicas on replicas.id = sessions.owner
      where sessions.sid = any($1) and replicas.listener <> $2
  ), sent as (select pg_notify(listener, string_agg(sid, ',')) from told group by listener)
  select distinct sid, (select count(*) from sent) from told`
const addFollowed = 'insert into followers (sid, listener) select unnest($1::text[]), $2 on conflict do nothing'
const removeFollowed = 'delete from followers where listener = $2 and sid = any($1)'

/** Hints between replicas by NOTIFY (DESIGN 5): coalesced, after the commit, on no connection that a unit of work uses, and only to those who
 *  follow the session or own it. Nothing depends on one that arrives. */
export class PostgresFanOut implements FanOut {
  readonly listener = `codelab_${randomUUID().replaceAll('-', '')}`
  readonly #options: PostgresFanOutOptions
  readonly #pool: Pool
  readonly #dirty = new Set<string>()
  readonly #followed = new Set<string>()
  readonly #changed = new Set<string>()
  readonly #stop = new AbortController()
  #hasOthers = true
  #flushing: Promise<void> | undefined
  #listening: Promise<void> = Promise.resolve()
  #ears: Ears | undefined

  constructor(options: PostgresFanOutOptions) {
    this.#options = options
    this.#pool = new Pool({
      connectionString: options.url,
      max: 1,
      connectionTimeoutMillis: answerMs,
      query_timeout: answerMs,
      keepAlive: true,
      application_name: 'codelab tell',
    })
    this.#pool.on('error', (error) => options.log.debug('the connection to tell others on was lost', { error }))
  }

  tell(sid: string): void {
    if (!this.#hasOthers || this.#dirty.size >= mostDirty) return
    this.#dirty.add(sid)
    this.#flush()
  }

  follow(sid: string): void {
    this.#followed.add(sid)
    this.#changed.add(sid)
    this.#flush()
  }

  unfollow(sid: string): void {
    this.#followed.delete(sid)
    this.#changed.add(sid)
    this.#flush()
  }

  renew(): void {
    for (const sid of this.#followed) this.#changed.add(sid)
    this.#flush()
  }

  async start(ears: Ears): Promise<void> {
    this.#ears = ears
    this.#listening = this.#listen(await this.#connect())
  }

  async stop(): Promise<void> {
    if (this.#stop.signal.aborted) return
    this.#stop.abort()
    await this.#listening
    await this.#flushing
    await this.#pool
      .query('delete from followers where listener = $1', [this.listener])
      .catch((error) => this.#options.log.debug('followers were not removed', { error }))
    await this.#pool.end()
  }

  #flush(): void {
    this.#flushing ??= this.#options.clock
      .sleep(coalesceMs, this.#stop.signal)
      .then(() => this.#send())
      .catch((error) => this.#options.log.debug('hints were not sent', { error }))
      .finally(() => {
        this.#flushing = undefined
        if (!this.#stop.signal.aborted && this.#dirty.size + this.#changed.size > 0) this.#flush()
      })
  }

  async #send(): Promise<void> {
    const changed = [...this.#changed]
    this.#changed.clear()
    const added = changed.filter((sid) => this.#followed.has(sid))
    const removed = changed.filter((sid) => !this.#followed.has(sid))
    try {
      if (added.length > 0) {
        await this.#pool.query(addFollowed, [added, this.listener])
        // Their owners show more of what they write, now that somebody reads it.
        for (const sid of added) this.#dirty.add(sid)
      }
      if (removed.length > 0) await this.#pool.query(removeFollowed, [removed, this.listener])
    } catch (error) {
      for (const sid of changed) this.#changed.add(sid)
      await this.#options.clock.sleep(reconnectMs, this.#stop.signal)
      throw error
    }
    const told = [...this.#dirty].slice(0, page)
    for (const sid of told) this.#dirty.delete(sid)
    if (told.length > 0) {
      const { rows } = await this.#pool.query(tellOthers, [told, this.listener])
      for (const { sid } of rows) this.#ears?.followed(sid)
    }
  }

  /** Keeps the connection, and makes another one when it is lost. */
  async #listen(first: Client): Promise<void> {
    const { clock, log } = this.#options
    const { signal } = this.#stop
    let client: Client | undefined = first
    while (!signal.aborted) {
      try {
        client ??= await this.#connect()
        await clock.sleep(checkMs, signal)
        if (!signal.aborted) this.#hasOthers = await this.#check(client)
      } catch (error) {
        log.debug('the connection on which other replicas are heard was lost', { error })
        await client?.end().catch(() => {})
        client = undefined
        await clock.sleep(reconnectMs, signal)
      }
    }
    await client?.end().catch(() => {})
  }

  async #connect(): Promise<Client> {
    const client = new Client({
      connectionString: this.#options.listenUrl,
      connectionTimeoutMillis: answerMs,
      query_timeout: answerMs,
      keepAlive: true,
      application_name: 'codelab listen',
    })
    client.on('error', () => {})
    client.on('notification', ({ payload }) => {
      for (const sid of (payload ?? '').split(',')) if (sid !== '') this.#ears?.heard(sid)
    })
    await client.connect()
    await client.query(`listen ${this.listener}`)
    return client
  }

  /** A connection over which nothing comes any more looks like one on which nothing is said. */
  async #check(client: Client): Promise<boolean> {
    const text = 'select exists(select 1 from replicas where listener <> $1) as others'
    const { rows } = await client.query(text, [this.listener])
    return rows[0]?.others === true
  }
}
