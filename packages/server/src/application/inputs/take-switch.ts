import type { Changes } from '../run/changes.ts'
import type { InputBody, SubmitInput, Taken } from './input.ts'
import type { TakeDeps } from './take-deps.ts'
import { chooseAgent, storeMessage } from './take-message.ts'
import { endRun, startRun, startTurn } from './turn-rows.ts'

/** A person gives the session to an agent, with a message for it or without (PROTOCOL 3.5 G). */
export async function takeSwitch(
  changes: Changes,
  deps: TakeDeps,
  input: SubmitInput,
  body: Extract<InputBody, { kind: 'switch' }>,
): Promise<Taken> {
  // The shipped IDE's selector sends its own label as content.
  const message = body.content.startsWith('Switched to ') ? '' : body.content
  if (message.trim() !== '') {
    await chooseAgent(changes, deps, body.agent, null)
    return await storeMessage(changes, deps, input, message, 'switch')
  }
  return await onlySwitch(changes, deps, input, body.agent)
}

/** What waits goes on waiting: a switch without a message answers nothing. */
async function onlySwitch(changes: Changes, deps: TakeDeps, input: SubmitInput, agent: string): Promise<Taken> {
  const { session } = changes
  const waiting = session.turnId
  const turnId = waiting ?? (await startTurn(changes, deps.ids, input.client)).turnId
  const begun = await startRun(changes, deps, turnId, 'switch')
  await chooseAgent(changes, deps, agent, null, true)
  await endRun(changes, begun.runId, { outcome: 'switched' })
  if (waiting) changes.set({ state: session.state })
  else {
    await changes.tx.turns.setState(turnId, 'completed', changes.at)
    changes.add({ type: 'turn.ended', facts: { outcome: 'completed', steps: 0 } })
    changes.set({ turnId: null })
  }
  return { ...begun, afterSeq: session.lastSeq, goesOn: false, byExecutor: true }
}
