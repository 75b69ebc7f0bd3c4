import { RuntimeError } from '../../domain/errors.ts'
import type { SessionEvent } from '../../domain/event.ts'
import type { Session } from '../../domain/session.ts'
import type { Transaction } from '../ports/store.ts'
import { Changes } from '../run/changes.ts'
import type { SubmitInput, Taken } from './input.ts'
import { callToDecide, repeatsDecision, takeDecision } from './take-decision.ts'
import type { TakeDeps } from './take-deps.ts'
import { takeMessage } from './take-message.ts'
import { callToAnswer, takeResult } from './take-result.ts'
import { interruptedTurn, takeResume } from './take-resume.ts'
import { takeSwitch } from './take-switch.ts'

/** Refuses what could not be taken whenever its turn comes. Stores nothing. */
export async function checkInput(
  tx: Transaction,
  deps: TakeDeps,
  input: SubmitInput,
  session: Session | undefined,
): Promise<void> {
  const { body } = input
  if (body.kind === 'tool_result') await callToAnswer(tx, deps, session, body)
  if (body.kind === 'decision' && !(await repeatsDecision(tx, session, body)))
    await callToDecide(tx, session, body.callId)
  if (body.kind === 'resume') await interruptedTurn(tx, session)
  if (body.kind === 'switch' || (body.kind === 'message' && body.agent !== undefined)) {
    const name = body.agent ?? ''
    if (name !== 'auto') (await deps.sessionAgents.upcoming(tx, session?.sid, input.client)).require(name)
  }
}

/** Takes an input into an idle session, in the caller's transaction: everything that follows from it at once is stored with it. */
export async function takeInput(
  tx: Transaction,
  deps: TakeDeps,
  input: SubmitInput,
  found: Session | undefined,
): Promise<{ readonly taken: Taken; readonly events: readonly SessionEvent[] }> {
  const at = deps.clock.now()
  const { body } = input
  const session = found ?? (await startSession(tx, deps, input, at))
  const changes = new Changes(tx, session, at)
  if (body.kind === 'message' || body.kind === 'switch') await deps.sessionAgents.declare(changes, input.client)
  const agents = await deps.sessionAgents.of(tx, changes.sid)
  const taken = await take(changes, { ...deps, agents }, input, body)
  return { taken, events: await changes.store() }
}

async function take(changes: Changes, deps: TakeDeps, input: SubmitInput, body: SubmitInput['body']): Promise<Taken> {
  const clientId = input.client?.id ?? null
  switch (body.kind) {
    case 'message':
      return await takeMessage(changes, deps, input, body)
    case 'switch':
      return await takeSwitch(changes, deps, input, body)
    case 'tool_result':
      return await takeResult(changes, deps, body, clientId)
    case 'decision':
      return await takeDecision(changes, deps, body, clientId)
    case 'resume':
      return await takeResume(changes, deps)
  }
}

async function startSession(tx: Transaction, deps: TakeDeps, input: SubmitInput, at: number): Promise<Session> {
  if (input.body.kind !== 'message' && input.body.kind !== 'switch')
    throw new RuntimeError('not_found', `Session ${input.sessionId} not found`)
  return await createSessionRows(tx, deps, { ownerId: input.ownerId, externalId: input.sessionId, at })
}

/** A session and the first event of its log. Throws `session_exists`. */
export async function createSessionRows(
  tx: Transaction,
  deps: Pick<TakeDeps, 'ids' | 'agents'>,
  wanted: {
    readonly ownerId: string
    readonly externalId: string
    readonly at: number
    readonly createdKey?: string | undefined
  },
): Promise<Session> {
  const { ownerId, externalId, at, createdKey } = wanted
  const session = await tx.sessions.create({
    sid: deps.ids.next(),
    ownerId,
    externalId,
    createdAt: at,
    currentAgent: deps.agents.router.name,
    ...(createdKey === undefined ? {} : { createdKey }),
  })
  const [created] = await tx.log.append(session.sid, at, [{ type: 'session.created', facts: {} }])
  return { ...session, lastSeq: created?.seq ?? session.lastSeq }
}
