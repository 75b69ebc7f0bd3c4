import { RuntimeError } from '../../domain/errors.ts'
import type { Session, Turn } from '../../domain/session.ts'
import type { Transaction } from '../ports/store.ts'
import type { Changes } from '../run/changes.ts'
import type { Taken } from './input.ts'
import type { TakeDeps } from './take-deps.ts'
import { startRun } from './turn-rows.ts'

/** The turn that a crash cut, where it is the session's last one and nothing runs. Throws `not_found`, `invalid_input`. */
export async function interruptedTurn(tx: Transaction, session: Session | undefined): Promise<Turn> {
  if (!session) throw new RuntimeError('not_found', 'Session not found')
  const turn = await findInterrupted(tx, session)
  if (turn) return turn
  throw new RuntimeError('invalid_input', 'There is nothing to resume: the last turn was not interrupted')
}

export async function findInterrupted(tx: Transaction, session: Session): Promise<Turn | undefined> {
  if (session.turnId !== null) return undefined
  const turn = await tx.turns.latest(session.sid)
  return turn?.state === 'interrupted' ? turn : undefined
}

/** Asked for, an interrupted turn goes on where it was: its step is run again under the same turn (DESIGN 5). */
export async function takeResume(changes: Changes, deps: TakeDeps): Promise<Taken> {
  const turn = await interruptedTurn(changes.tx, changes.session)
  return await resumeTurn(changes, deps, turn)
}

export async function resumeTurn(changes: Changes, deps: TakeDeps, turn: Turn): Promise<Taken> {
  const afterSeq = changes.session.lastSeq
  await changes.tx.turns.setState(turn.turnId, 'running', null)
  changes.set({ turnId: turn.turnId })
  return { ...(await startRun(changes, deps, turn.turnId, 'resume')), afterSeq, goesOn: true, byExecutor: true }
}
