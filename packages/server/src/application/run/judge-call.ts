import { decide, type Policy } from '../../domain/policy.ts'
import type { CallJudge, Ruling } from '../../domain/rules.ts'
import { cleanText } from '../../domain/text.ts'
import type { Tool } from '../../domain/tool.ts'
import type { CallFault, JudgedForClient } from '../../domain/turn.ts'

export interface JudgeContext {
  readonly policy: Policy
  /** Judges by rules; undefined for a client that keeps the contract's policy. */
  readonly judge: CallJudge | undefined
}

export interface DeniedCall {
  readonly fault: CallFault
  readonly ruling: Ruling
}

/** Whether a call may be handed to the client, and whether a person is asked. `paths` are normalised. */
export function judgeForClient(
  { policy, judge }: JudgeContext,
  call: {
    readonly tool: Pick<Tool, 'name' | 'class'>
    readonly args: Readonly<Record<string, unknown>>
    readonly paths: readonly string[]
  },
): JudgedForClient | DeniedCall {
  const ruling = judge?.(call)
  if (ruling?.effect === 'deny') return { fault: deniedFault(ruling), ruling }
  if (ruling) return { approval: ruling.effect === 'ask' ? { reason: ruling.reason } : undefined, ruling }
  const decision = decide(policy, call.tool.name, call.tool.class, call.paths)
  return { approval: decision.requiresApproval ? { reason: decision.reason } : undefined, ruling: undefined }
}

/** For the model, which is not to look for a way round it. */
export function deniedFault(ruling: Ruling): CallFault {
  const text = `${ruling.reason ?? 'A rule denies it'} (${ruling.rule.text}). Do not try it in another form`
  return { code: 'tool_not_allowed', text: cleanText(text), refused: true }
}
