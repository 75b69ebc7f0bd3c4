import { RuntimeError } from '../../domain/errors.ts'
import { textOf, toolCallsOf } from '../../domain/message.ts'
import type { Turn } from '../../domain/session.ts'
import { type AnswerState, nextStep } from '../../domain/turn.ts'
import type { ModelAnswer } from '../ports/language-model.ts'
import { judgeOf } from '../rules.ts'
import { askModel } from './ask-model.ts'
import { planCalls } from './plan-calls.ts'
import type { RunDeps, RunState, StepContext } from './run-state.ts'
import { storeStep } from './store-step.ts'

/** One model call and what follows from it. True: the run goes on with another. Throws what ends the run. */
export async function runStep(deps: RunDeps, state: RunState, context: StepContext): Promise<boolean> {
  const { agent, turn } = context
  refuseTooMuch(deps.limits, turn)
  const messageId = deps.ids.next()
  const { answer, call } = await askModel(deps, state, context, messageId)
  // Until it is stored as an answer: a run that ends first keeps it as an interrupted one.
  state.partial = { messageId, text: textOf(answer.parts), agent: agent.name }
  const { taken, judge } = toolCallsOf(answer.parts).length === 0 ? noCalls : await readForCalls(deps, context, answer)
  const { parts, calls } = planCalls(answer.parts, {
    agent,
    agents: deps.agents,
    tools: deps.tools,
    policy: deps.policy,
    judge,
    client: turn.client,
    taken,
    lastIsCut: answer.reason === 'length',
    newCallId: () => `call_${deps.ids.next()}`,
  })
  const answerState: AnswerState = {
    text: textOf(answer.parts),
    calls,
    faultyAnswers: state.faultyAnswers,
    showsRefusals: turn.client === null,
  }
  const next = nextStep(answerState)
  state.faultyAnswers = next.kind === 'ask-again' ? state.faultyAnswers + 1 : 0
  if (next.kind === 'handoff') state.handoffs++
  const events = await storeStep(deps, state, context, { messageId, parts, calls, next, call, finish: answer.reason })
  state.partial = undefined
  state.channel.preview = undefined
  deps.channels.publish(state.taken.sid, events)
  return next.kind === 'ask-again' || next.kind === 'handoff' || next.kind === 'go-on'
}

const noCalls = { taken: new Set<string>(), judge: undefined }

async function readForCalls(deps: RunDeps, { session, turn }: StepContext, answer: ModelAnswer) {
  return await deps.store.read(async (tx) => ({
    taken: await tx.calls.existing(session.sid, callIdsOf(answer)),
    judge: await judgeOf(tx, deps, session, turn.client),
  }))
}

/** The limits of a turn, over all its runs. */
function refuseTooMuch(limits: RunDeps['limits'], turn: Turn): void {
  if (turn.steps >= limits.turnSteps) {
    throw new RuntimeError('step_limit', `The agent stopped after ${turn.steps} steps without an answer`, {
      details: { hint: 'Say how to go on, or ask for less at once.' },
    })
  }
  if (turn.tokens >= limits.turnTokens) {
    throw new RuntimeError('token_limit', `The agent stopped after ${turn.tokens} tokens without an answer`, {
      details: { hint: 'Say how to go on, ask for less at once, or raise CODELAB_TURN_TOKENS.' },
    })
  }
}

function callIdsOf(answer: ModelAnswer): string[] {
  return answer.parts.flatMap((part) => (part.type === 'tool-call' && part.callId !== '' ? [part.callId] : []))
}
