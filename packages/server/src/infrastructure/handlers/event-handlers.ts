import type { DeadLetter, EventHandlers, Replayed } from '../../application/ports/handlers.ts'
import { RuntimeError } from '../../domain/errors.ts'
import type { EventHandler } from './event-handler.ts'
import { Follower, type FollowerDeps, failureOf, handleWith } from './follower.ts'

/** Dead letters of one replay. */
const replayLimit = 1_000
const catchUpMs = 1_000

export interface RunningHandlers extends EventHandlers {
  /** Begins to follow, from where each handler stood. */
  start(): void
  /** Something was committed. */
  wake(): void
  stop(): Promise<void>
}

/** The event handlers of this process (DESIGN 5): each follows the log by its own cursor, at least once; a failing one touches no turn and
 *  no other handler. */
export function createEventHandlers(handlers: readonly EventHandler[], deps: FollowerDeps): RunningHandlers {
  const followers = handlers.map((handler) => new Follower(handler, deps))
  let running = false
  const { store, clock } = deps

  async function caughtUp(): Promise<void> {
    if (!running) return
    const limit = new AbortController()
    const all = Promise.all(followers.map((follower) => follower.caughtUp()))
    await Promise.race([all, clock.sleep(catchUpMs, limit.signal)])
    limit.abort()
  }

  async function replay(id?: number): Promise<Replayed> {
    const letters = await store.read((tx) =>
      tx.handlers.deadLetters({ limit: replayLimit, ...(id === undefined ? {} : { id }) }),
    )
    if (id !== undefined && letters.length === 0) {
      throw new RuntimeError('not_found', `There is no dead letter ${id}`, {
        details: { hint: 'List them: codelab deadletters list, or GET /events/dead-letters.' },
      })
    }
    let replayed = 0
    for (const letter of letters) if (await replayOne(letter)) replayed += 1
    const remaining = await store.read((tx) => tx.handlers.countDeadLetters())
    return { replayed, failed: letters.length - replayed, remaining }
  }

  async function replayOne(letter: DeadLetter): Promise<boolean> {
    const { id, handler: name, position } = letter
    try {
      await store.transact(async (tx) => {
        const handler = handlers.find((known) => known.name === name)
        if (!handler) throw new RuntimeError('not_found', `There is no handler ${name} any more`)
        // Somebody else replayed it.
        if (!(await tx.handlers.removeDeadLetter(id))) return
        const [logged] = await tx.handlers.readAfter(position - 1, 1)
        if (logged?.position === position) await handleWith(handler, tx, [logged])
        await tx.handlers.advance(name, { to: await tx.handlers.take(name), handled: 1, failed: -1 })
      })
      return true
    } catch (thrown) {
      if (thrown instanceof RuntimeError && thrown.code.startsWith('storage_')) throw thrown
      const last = { at: clock.now(), attempts: letter.attempts + 1, ...failureOf(thrown) }
      await store.transact((tx) => tx.handlers.bury({ ...withoutId(letter), ...last }))
      return false
    }
  }

  return {
    names: handlers.map(({ name }) => name),
    start() {
      running = true
      for (const follower of followers) follower.start()
    },
    wake() {
      for (const follower of followers) follower.wake()
    },
    async stop() {
      running = false
      await Promise.all(followers.map((follower) => follower.stop()))
    },
    caughtUp,
    replay,
  }
}

function withoutId({ id: _, ...letter }: DeadLetter): Omit<DeadLetter, 'id'> {
  return letter
}
