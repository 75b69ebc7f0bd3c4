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

  add(run: ActiveRun): void {
    this.#bySid.set(run.sid, run)
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

  /** Resolves when every run that is active now has ended. */
  async drained(): Promise<void> {
    await Promise.all([...this.#bySid.values()].map((run) => run.ended))
  }

  /** Of the run that has worked longest, on the monotonic clock. */
  get oldestStartedAt(): number | undefined {
    for (const run of this.#bySid.values()) return run.startedAt
    return undefined
  }

  get size(): number {
    return this.#bySid.size
  }
}
