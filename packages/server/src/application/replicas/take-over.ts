import type { Taken } from '../inputs/input.ts'
import { endRun, endTurn } from '../inputs/turn-rows.ts'
import type { Clock } from '../ports/clock.ts'
import type { Log } from '../ports/log.ts'
import type { OrphanedRun, Transaction, UnitOfWork } from '../ports/store.ts'
import type { Channels } from '../readers/channels.ts'
import { Changes } from '../run/changes.ts'
import type { Lease } from './lease.ts'

export interface TakenOver {
  /** Turns that a process left in the middle of a run. */
  readonly turns: number
  /** Inputs whose requests died with it. */
  readonly inputs: number
}

export interface TakeOverDeps {
  readonly store: UnitOfWork
  readonly clock: Clock
  readonly channels: Channels
  readonly log: Log
}

const batch = 100

/** What processes that are silent for longer than `silentMs` left: their runs are marked as interrupted and the sessions are free again; what
 *  waited in line there was never acknowledged and is dropped. Touches only these, one transaction each, so that it may be broken off
 *  anywhere and several may do it at once. Nothing is run again. */
export async function takeOver(deps: TakeOverDeps, silentMs: number): Promise<TakenOver> {
  let turns = 0
  let inputs = 0
  for (;;) {
    const orphaned = await deps.store.read((tx) => tx.replicas.orphanedRuns(silentMs, batch))
    const abandoned = orphaned.filter(({ owner, run }) => owner !== null || run.handedOver !== 1)
    let leftOut = 0
    for (const found of abandoned) {
      try {
        if (await interrupt(deps, found)) turns++
      } catch (error) {
        // Whoever is gone may hold its row for a moment still. The others must not wait for that; it is tried again later.
        leftOut++
        deps.log.warn('a run could not be taken over yet', { sid: found.run.sid, error })
      }
    }
    if (orphaned.length < batch || leftOut > 0) break
  }
  for (;;) {
    const waiting = await deps.store.read((tx) => tx.replicas.orphanedInputs(silentMs, batch))
    for (const { id, sid, kind } of waiting) {
      const events = await deps.store.transact(async (tx) => {
        await tx.sessions.get(sid)
        if (!(await tx.inputs.settle(id, 'dropped'))) return []
        const facts = { inputId: id, kind, reason: 'server_restart' }
        return await tx.log.append(sid, deps.clock.now(), [{ type: 'input.dropped', facts }])
      })
      deps.channels.publish(sid, events)
      inputs += events.length
    }
    if (waiting.length < batch) break
  }
  return { turns, inputs }
}

/** Goes on with what replicas that shut down left to others; `start` is given each. A run moves once only. */
export async function adoptRuns(
  deps: Pick<TakeOverDeps, 'store' | 'clock'> & { readonly lease: Lease },
  silentMs: number,
  start: (taken: Taken) => void,
): Promise<number> {
  const orphaned = await deps.store.read((tx) => tx.replicas.orphanedRuns(silentMs, batch))
  let adopted = 0
  for (const found of orphaned) {
    const { run, owner } = found
    if (owner !== null || run.handedOver !== 1) continue
    const taken = await deps.store.transact(async (tx): Promise<Taken | undefined> => {
      const changes = await takenFrom(tx, deps.clock, found)
      if (!changes) return undefined
      changes.set({ owner: deps.lease.id })
      await changes.store()
      const { sid, fence, lastSeq } = changes.session
      return { sid, turnId: run.turnId, runId: run.runId, fence, afterSeq: lastSeq, goesOn: true, byExecutor: true }
    })
    if (!taken) continue
    start(taken)
    adopted++
  }
  return adopted
}

/** False when somebody else did it, or its owner has come to its end after all. */
async function interrupt(deps: TakeOverDeps, orphaned: OrphanedRun): Promise<boolean> {
  const { run } = orphaned
  const events = await deps.store.transact(async (tx) => {
    const changes = await takenFrom(tx, deps.clock, orphaned)
    if (!changes) return []
    for (const draft of await tx.drafts.takeOfRun(run.runId)) {
      const { messageId: id, agent, text } = draft
      await changes.appendMessage({
        id,
        role: 'assistant',
        parts: [{ type: 'text', text }],
        agent,
        status: 'interrupted',
      })
    }
    await endRun(changes, run.runId, {
      outcome: 'interrupted',
      error: { code: 'interrupted', text: 'The server stopped while it worked on this message' },
    })
    const turn = await tx.turns.get(run.turnId)
    if (turn) await endTurn(changes, turn, 'interrupted')
    return await changes.store()
  })
  deps.channels.publish(run.sid, events)
  return events.length > 0
}

/** The session of an orphaned run, with a new fence: whoever had it may not write any more. Undefined when it is not as it was found. */
async function takenFrom(
  tx: Transaction,
  clock: Clock,
  { run, owner, fence }: OrphanedRun,
): Promise<Changes | undefined> {
  const session = await tx.sessions.get(run.sid)
  const stored = await tx.runs.get(run.runId)
  if (!session || stored?.endedAt !== null || session.owner !== owner || session.fence !== fence) return undefined
  const changes = new Changes(tx, session, clock.now())
  changes.turnId = run.turnId
  changes.runId = run.runId
  changes.set({ fence: fence + 1 })
  return changes
}
