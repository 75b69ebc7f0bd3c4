import type { ApprovalRequest, Approver, Decision, Failure } from '../conversation/events.ts'
import { type CallRule, ruleFor } from './allow-rules.ts'

/** Who is asked when no rule decides. */
export type Person = Approver

/** What the person has agreed to already. */
export interface Waived {
  readonly acceptsEdits: () => boolean
  /** Calls that a rule lets pass which was made after they were asked about, with its words. */
  readonly passing: ReadonlyMap<string, string>
}

const nothingWaived: Waived = { acceptsEdits: () => false, passing: new Map() }

/** Deny rules first, then what needs no approval, then allow rules, then the person. */
export function createApprover(
  person: Person,
  rules: { allow: readonly CallRule[]; deny: readonly CallRule[] },
  waived: Waived = nothingWaived,
): Approver {
  return {
    async decide(request, signal) {
      const { call, preview } = request
      const denied = rules.deny.find((rule) => rule.matches(call))
      if (denied) return stop(`--deny ${denied.text}`, deniedFailure(call.tool, denied))
      if (!call.requiresApproval) return { kind: 'approve', by: 'policy' }
      // What cannot work needs nobody's consent: the model reads why and does better.
      if (preview.kind === 'refused') {
        return { kind: 'reject', by: 'this folder', feedback: preview.reason, isImpossible: true }
      }
      const allowed = rules.allow.find((rule) => rule.matches(call))
      if (allowed) return { kind: 'approve', by: `--allow ${allowed.text}` }
      const rule = waived.passing.get(call.callId)
      if (rule !== undefined) return { kind: 'approve', by: rule }
      if (waived.acceptsEdits() && preview.kind === 'write') return { kind: 'approve', by: 'accepted edits' }
      return person.decide(request, signal)
    },
    mayRunOpenCall: (request, why, signal) => person.mayRunOpenCall(request, why, signal),
    ...(person.answer ? { answer: person.answer.bind(person) } : {}),
  }
}

/** For a command without a terminal: the first call that needs a person ends the turn. */
export const nobodyEndsTurn: Person = {
  async decide(request) {
    return stop('nobody', nobodyFailure(request))
  },
  async mayRunOpenCall() {
    return false
  },
}

/** For a piped chat: the call is refused, the model is told, and the conversation goes on. */
export function nobodyRejects(onRefusal: (failure: Failure) => void): Person {
  return {
    async decide(request) {
      onRefusal(nobodyFailure(request))
      return { kind: 'reject', by: 'nobody', feedback: 'Nobody is here to approve it.' }
    },
    async mayRunOpenCall() {
      return false
    },
  }
}

function stop(by: string, failure: Failure): Decision {
  return { kind: 'stop', by, failure }
}

function nobodyFailure({ call }: ApprovalRequest): Failure {
  const hint = `--allow '${ruleFor(call)}'`
  return {
    code: 'approval_required',
    message: `${call.tool} needs a person, and nobody is here`,
    hint,
    retryable: false,
  }
}

function deniedFailure(tool: string, rule: CallRule): Failure {
  return { code: 'denied', message: `${tool} is denied here`, hint: `It met --deny '${rule.text}'`, retryable: false }
}
