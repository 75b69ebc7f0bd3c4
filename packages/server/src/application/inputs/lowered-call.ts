import { decisionText, fitForModel } from '../../domain/result-text.ts'
import type { Turn } from '../../domain/session.ts'
import { isWaiting, type ToolCall } from '../../domain/tool-call.ts'
import { judgeOf } from '../rules.ts'
import type { Changes } from '../run/changes.ts'
import { storeStepCall } from './call-rows.ts'
import type { InputBody } from './input.ts'
import { type AfterStep, afterRead, afterWrite } from './lowered-edit.ts'
import type { TakeDeps } from './take-deps.ts'
import { storeResult } from './turn-rows.ts'

type ResultBody = Extract<InputBody, { kind: 'tool_result' }>

/** A step of a lowered call has its result: the next step is made, or the call has its own result. */
export async function followStep(
  changes: Changes,
  deps: TakeDeps,
  turn: Turn,
  step: ToolCall,
  body: ResultBody,
): Promise<void> {
  const parent = await waitingParent(changes, step)
  if (!parent) return
  const after = await afterStep(changes, deps, turn, parent, step, body)
  if (after.kind === 'step') await storeStepCall(changes, deps.ids, parent, after.step)
  else await answerLowered(changes, deps, parent, { failed: after.failed, text: after.text })
}

/** A person refused a step: that is the result of the whole. */
export async function rejectLowered(
  changes: Changes,
  deps: TakeDeps,
  step: ToolCall,
  feedback: string | undefined,
): Promise<void> {
  const parent = await waitingParent(changes, step)
  if (!parent) return
  await answerLowered(changes, deps, parent, { failed: null, text: decisionText('reject', parent.tool, {}, feedback) })
}

async function waitingParent({ tx, sid }: Changes, step: ToolCall): Promise<ToolCall | undefined> {
  const parent = step.parentCallId === null ? undefined : await tx.calls.find(sid, step.parentCallId)
  return parent && isWaiting(parent) ? parent : undefined
}

async function afterStep(
  { tx, sid, session }: Changes,
  deps: TakeDeps,
  turn: Turn,
  parent: ToolCall,
  step: ToolCall,
  body: ResultBody,
): Promise<AfterStep> {
  if (step.tool === 'read_file') {
    const judge = await judgeOf(tx, deps, session, turn.client)
    return afterRead({ policy: deps.policy, judge }, parent, body)
  }
  const siblings = await tx.calls.listByMessage(sid, step.messageId)
  const read = siblings.find((call) => call.parentCallId === parent.callId && call.tool === 'read_file')
  const stored = read && (await tx.artifacts.find(sid, read.callId))
  return afterWrite(parent, step, stored, body)
}

async function answerLowered(
  changes: Changes,
  deps: TakeDeps,
  parent: ToolCall,
  { failed, text }: { readonly failed: boolean | null; readonly text: string },
): Promise<void> {
  const resultMessageId = await storeResult(changes, deps.ids, parent, fitForModel(text).text)
  await changes.tx.calls.update(changes.sid, parent.callId, parent.state, {
    state: 'answered',
    answeredAt: changes.at,
    failed,
    resultMessageId,
  })
  const { callId, tool } = parent
  changes.add({
    type: 'tool_result.created',
    facts: {
      callId,
      tool,
      messageId: resultMessageId,
      failed: failed ?? false,
      ...(failed ? { error: text.slice(0, 500) } : {}),
      ...(failed === null ? { byDecision: true as const } : {}),
    },
  })
}
