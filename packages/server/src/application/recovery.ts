import { endRun, endTurn } from './inputs/turn-rows.ts'
import type { Clock } from './ports/clock.ts'
import type { UnitOfWork } from './ports/store.ts'
import { Changes } from './run/changes.ts'

export interface Recovered {
  /** Turns that an earlier process left in the middle of a run. */
  readonly turns: number
  /** Inputs whose requests died with it. */
  readonly inputs: number
}

const batch = 100

/** Start-up: what ran is marked as interrupted and its session is free again; what waited in line was never acknowledged and is dropped.
 *  Touches only these, one transaction each, so a crash in the middle is made good by the next start. Nothing is run again. */
export async function recover(deps: { readonly store: UnitOfWork; readonly clock: Clock }): Promise<Recovered> {
  let turns = 0
  let inputs = 0
  for (;;) {
    const runs = await deps.store.read((tx) => tx.runs.listUnended(batch))
    if (runs.length === 0) break
    for (const run of runs) await interrupt(deps, run)
    turns += runs.length
  }
  for (;;) {
    const waiting = await deps.store.read((tx) => tx.inputs.listWaiting(batch))
    if (waiting.length === 0) break
    for (const { id, sid, kind } of waiting) {
      await deps.store.transact(async (tx) => {
        const facts = { inputId: id, kind, reason: 'server_restart' }
        if (await tx.inputs.settle(id, 'dropped'))
          await tx.log.append(sid, deps.clock.now(), [{ type: 'input.dropped', facts }])
      })
    }
    inputs += waiting.length
  }
  return { turns, inputs }
}

async function interrupt(
  deps: { readonly store: UnitOfWork; readonly clock: Clock },
  run: { readonly sid: string; readonly runId: string; readonly turnId: string },
): Promise<void> {
  await deps.store.transact(async (tx) => {
    const session = await tx.sessions.get(run.sid)
    if (!session) return
    const changes = new Changes(tx, session, deps.clock.now())
    changes.turnId = run.turnId
    changes.runId = run.runId
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
    await changes.store()
  })
}
