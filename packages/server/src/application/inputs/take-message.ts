import { RuntimeError } from '../../domain/errors.ts'
import { cleanText, titleFrom } from '../../domain/text.ts'
import type { Changes } from '../run/changes.ts'
import { switchAgent } from '../run/handoff.ts'
import type { InputBody, SubmitInput, Taken } from './input.ts'
import type { TakeDeps } from './take-deps.ts'
import { tellWorkspace } from './tell-workspace.ts'
import { closeOpenCalls, endTurn, startRun, startTurn } from './turn-rows.ts'

/** A person's message: what was open is closed first, so that every call has its result (PROTOCOL D10). */
export async function takeMessage(
  changes: Changes,
  deps: TakeDeps,
  input: SubmitInput,
  body: Extract<InputBody, { kind: 'message' }>,
): Promise<Taken> {
  if (body.agent !== undefined) await chooseAgent(changes, deps, body.agent, 'high')
  return await storeMessage(changes, deps, input, body.content, 'message')
}

/** Switches to the agent that a person named, unless it has the session already. */
export async function chooseAgent(
  changes: Changes,
  deps: TakeDeps,
  name: string,
  confidence: string | null,
  only = false,
): Promise<boolean> {
  const agent = deps.agents.require(name === 'auto' ? deps.agents.router.name : name)
  if (deps.agents.current(changes.session.currentAgent).name === agent.name) {
    changes.set({ agentChosen: agent.role !== 'router' })
    return false
  }
  await switchAgent(changes, deps.agents, {
    to: agent.name,
    reason: 'User requested agent switch',
    confidence,
    by: 'person',
    only,
  })
  return true
}

export async function storeMessage(
  changes: Changes,
  deps: TakeDeps,
  input: SubmitInput,
  content: string,
  kind: 'message' | 'switch',
): Promise<Taken> {
  const text = cleanText(content)
  if (text.trim() === '') throw new RuntimeError('invalid_input', 'content must not be empty')
  const afterSeq = changes.session.lastSeq
  const waiting = changes.session.turnId
  // The switch belongs to the run that follows, so its events move behind the start of it.
  const switched = changes.events.splice(0)
  if (waiting) {
    await closeOpenCalls(changes, deps.ids, 'superseded')
    const turn = await changes.tx.turns.get(waiting)
    if (turn) await endTurn(changes, turn, 'cancelled')
  }
  const turn = await startTurn(changes, deps.ids, input.client)
  const begun = await startRun(changes, deps, turn.turnId, kind)
  for (const event of switched) changes.add({ ...event, turnId: turn.turnId, runId: begun.runId })
  const notes = await tellWorkspace(changes, input.client)
  const parts = [...notes, { type: 'text' as const, text }]
  await changes.appendMessage({ id: deps.ids.next(), role: 'user', parts, agent: null })
  if (changes.session.title === null) changes.set({ title: titleFrom(text) })
  return { ...begun, afterSeq, goesOn: true, byExecutor: true }
}
