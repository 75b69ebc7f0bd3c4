import { RuntimeError } from '../../domain/errors.ts'
import type { Session } from '../../domain/session.ts'
import type { Input, Transaction } from '../ports/store.ts'
import type { SubmitInput, Taken } from './input.ts'
import type { TakeDeps } from './take-deps.ts'

/** How long a key is remembered. */
const repeatMs = 24 * 60 * 60 * 1000

/** What came of an input that arrives again. `interrupted`: its turn was cut, so that asking again means going on with it. */
export type Repeated =
  | { readonly state: 'running'; readonly taken: Taken }
  | { readonly state: 'waiting'; readonly inputId: string }
  | { readonly state: 'interrupted'; readonly inputId: string }

/** The same key again, with the same body. Undefined for a new one. Throws `idempotency_key_reused` for another body. */
export async function findRepeat(
  tx: Transaction,
  deps: TakeDeps,
  session: Session,
  input: SubmitInput,
): Promise<Repeated | undefined> {
  if (input.repeatKey === undefined) return undefined
  const found = await tx.inputs.findRepeat(session.sid, input.repeatKey, deps.clock.now() - repeatMs)
  if (!found) return undefined
  if (found.repeat?.bodyHash !== bodyHash(deps, input)) {
    throw new RuntimeError('idempotency_key_reused', 'This idempotency key was used for another message', {
      details: { hint: 'Send a new message under a new key.' },
    })
  }
  if (!found.run) return { state: 'waiting', inputId: found.id }
  const run = await tx.runs.get(found.run.runId)
  if (!run) return undefined
  const latest = await tx.turns.latest(session.sid)
  if (run.outcome === 'interrupted' && latest?.turnId === run.turnId && latest.state === 'interrupted') {
    return { state: 'interrupted', inputId: found.id }
  }
  const { runId, turnId } = run
  return {
    state: 'running',
    taken: {
      sid: session.sid,
      turnId,
      runId,
      fence: session.fence,
      afterSeq: found.run.afterSeq,
      goesOn: false,
      byExecutor: true,
      attached: true,
    },
  }
}

/** The row of an input that can be repeated, or that waits. */
export function inputRow(
  deps: TakeDeps,
  input: SubmitInput,
  row: Pick<Input, 'id' | 'sid' | 'kind' | 'state' | 'run'>,
): Input {
  return {
    ...row,
    bodyJson: row.state === 'waiting' ? JSON.stringify(input) : '{}',
    createdAt: deps.clock.now(),
    replica: deps.lease.id,
    repeat: input.repeatKey === undefined ? null : { key: input.repeatKey, bodyHash: bodyHash(deps, input) },
  }
}

function bodyHash(deps: TakeDeps, { body }: SubmitInput): string {
  return deps.ids.digest(canonical(body))
}

/** JSON with its keys in order, so that two programs that mean the same send the same. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) => {
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return inner
    return Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
  })
}
