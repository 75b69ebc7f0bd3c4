import type { RuntimeError } from '../../domain/errors.ts'

/** A run that this process works on. */
export interface ActiveRun {
  readonly sid: string
  readonly runId: string
  readonly turnId: string
  readonly startedAt: number
  readonly fence: number
  /** Fires with a RuntimeError: `cancelled`, `session_deleted`, `run_timeout`, `shutting_down`. */
  readonly controller: AbortController
  readonly ended: Promise<void>
  /** Another replica has told of the session: there may be something in line for this run. */
  told: boolean
}

/** The runs of this process, at most one a session. */
export class ActiveRuns {
  readonly #bySid = new Map<string, ActiveRun>()
  readonly #taking = new Set<Promise<unknown>>()
  #closed: RuntimeError | undefined

  add(run: ActiveRun): void {
    this.#bySid.set(run.sid, run)
    if (this.#closed) run.controller.abort(this.#closed)
  }

  /** A session may be taken for a run here: nobody must think meanwhile that none is active. */
  async taking<T>(work: () => Promise<T>): Promise<T> {
    const taken = work()
    this.#taking.add(taken)
    try {
      return await taken
    } finally {
      this.#taking.delete(taken)
    }
  }

  /** Stops all, and every one that is still begun. */
  close(reason: RuntimeError): void {
    this.#closed = reason
    this.stopAll(reason)
  }

  remove(run: ActiveRun): void {
    if (this.#bySid.get(run.sid) === run) this.#bySid.delete(run.sid)
  }

  get(sid: string): ActiveRun | undefined {
    return this.#bySid.get(sid)
  }

  /** Stops a run where it is; its end says why. False when none runs. */
  stop(sid: string, reason: RuntimeError): boolean {
    const run = this.#bySid.get(sid)
    run?.controller.abort(reason)
    return run !== undefined
  }

  /** Sessions that are worked on here. */
  get sids(): readonly string[] {
    return [...this.#bySid.keys()]
  }

  stopAll(reason: RuntimeError): void {
    for (const run of this.#bySid.values()) run.controller.abort(reason)
  }

  /** Resolves when no run is active and none is about to be. */
  async drained(): Promise<void> {
    while (this.#bySid.size + this.#taking.size > 0)
      await Promise.allSettled([...this.#taking, ...[...this.#bySid.values()].map((run) => run.ended)])
  }

  /** Of the run that has worked longest, on the monotonic clock. */
  get oldestStartedAt(): number | undefined {
    for (const run of this.#bySid.values()) return run.startedAt
    return undefined
  }

  /** Nothing is begun any more. */
  get closed(): boolean {
    return this.#closed !== undefined
  }

  get size(): number {
    return this.#bySid.size
  }
}
