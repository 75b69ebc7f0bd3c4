import type { FanOut } from '../../src/application/ports/fan-out.ts'

/** Replicas of one process. */
export class Hub {
  /** Every hint is lost. */
  deaf = false
  readonly #heard = new Map<string, (sid: string) => void>()

  join(listener: string): FanOut {
    const heard = this.#heard
    return {
      listener,
      tell: (sid) => {
        if (this.deaf) return
        setImmediate(() => {
          for (const [name, hear] of heard) if (name !== listener) hear(sid)
        })
      },
      follow() {},
      unfollow() {},
      async start(hear) {
        heard.set(listener, hear)
      },
      async stop() {
        heard.delete(listener)
      },
    }
  }
}
