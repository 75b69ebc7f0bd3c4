import type { Ears, FanOut } from '../../src/application/ports/fan-out.ts'

/** Replicas of one process. */
export class Hub {
  /** Every hint is lost. */
  deaf = false
  /** Listener of the replica that works on a session. */
  ownerOf: (sid: string) => string | undefined = () => undefined
  readonly #members = new Map<string, { readonly followed: Set<string>; readonly ears: Ears }>()

  join(listener: string): FanOut {
    const followed = new Set<string>()
    const tell = (sid: string) => {
      if (this.deaf) return
      setImmediate(() => {
        const owner = this.ownerOf(sid)
        for (const [name, other] of this.#members) {
          if (name !== listener && (name === owner || other.followed.has(sid))) {
            other.ears.heard(sid)
            this.#members.get(listener)?.ears.followed(sid)
          }
        }
      })
    }
    return {
      listener,
      tell,
      follow(sid) {
        followed.add(sid)
        tell(sid)
      },
      unfollow: (sid) => void followed.delete(sid),
      renew() {},
      start: async (ears) => void this.#members.set(listener, { followed, ears }),
      stop: async () => void this.#members.delete(listener),
    }
  }
}
