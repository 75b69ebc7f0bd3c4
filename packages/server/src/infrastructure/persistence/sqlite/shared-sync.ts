import { RuntimeError } from '../../../domain/errors.ts'

export interface SharedSyncOptions {
  /** Makes what was written before the call survive a loss of power. */
  readonly sync: () => Promise<void>
  /** Called once; `cause` is what `sync` threw. */
  readonly onFailure: (error: RuntimeError) => void
}

/**
 * One sync for many commits (decision 0007). A commit that finds no sync under way starts one at once; those that come while one is
 * under way share the next. After a sync that failed nothing is known of what was written before it, so there is no second try.
 */
export class SharedSync {
  readonly #options: SharedSyncOptions
  #commits = 0
  #synced = 0
  #running: { readonly upTo: number; readonly done: Promise<void> } | undefined
  #next: Promise<void> | undefined
  #failure: RuntimeError | undefined

  constructor(options: SharedSyncOptions) {
    this.#options = options
  }

  /** Notes a commit. */
  committed(): void {
    this.#commits += 1
  }

  /** Set once a sync has failed: nothing may be written any more. */
  get failure(): RuntimeError | undefined {
    return this.#failure
  }

  /** Resolves when every commit noted so far survives. Throws `storage_unavailable` when a sync has failed. */
  async settled(): Promise<void> {
    if (this.#failure) throw this.#failure
    if (this.#synced === this.#commits) return
    if (this.#next) return this.#next
    if (!this.#running) return this.#start()
    if (this.#running.upTo === this.#commits) return this.#running.done
    this.#next = this.#running.done.then(() => this.#start())
    return this.#next
  }

  #start(): Promise<void> {
    const upTo = this.#commits
    const done = this.#run(upTo)
    this.#next = undefined
    this.#running = { upTo, done }
    return done
  }

  async #run(upTo: number): Promise<void> {
    try {
      await this.#options.sync()
      this.#synced = upTo
    } catch (cause) {
      this.#failure = new RuntimeError('storage_unavailable', 'The database cannot be written to its disk.', {
        cause,
        details: { hint: 'Look at the disk of the server, then start it again.' },
      })
      this.#options.onFailure(this.#failure)
      throw this.#failure
    } finally {
      this.#running = undefined
    }
  }
}
