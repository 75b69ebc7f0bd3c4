import type {
  CreatedRule as CreatedRuleBody,
  ExplainedRule as ExplainedRuleBody,
  ListedRule as ListedRuleBody,
  RuleEffect,
  RuleList,
  TriedRule,
} from '@codelab/protocol'
import {
  type CreatedRule,
  type Explained,
  type ListedRule,
  type Ruling,
  type ToolCall,
  type Tried,
  wasDecided,
} from '../../application/index.ts'
import { timestamp } from './time.ts'

export function ruleList(rules: readonly ListedRule[]): RuleList {
  return { rules: rules.map(listedRule), count: rules.length }
}

function listedRule({ id, source, tool, pattern, effect, grant, sessionId }: ListedRule): ListedRuleBody {
  return {
    id,
    source,
    tool,
    pattern,
    effect,
    session_id: sessionId,
    project: grant?.project ?? null,
    created_at: grant ? timestamp(grant.createdAt) : null,
    created_by: grant?.createdBy ?? null,
  }
}

export function createdRule({ grant, nowAllowed }: CreatedRule, sessionId: string): CreatedRuleBody {
  const { id, tool, pattern, effect, project } = grant
  const source = project ? ('project' as const) : ('session' as const)
  const rule = listedRule({ id, tool, pattern, effect, source, grant, sessionId: project ? null : sessionId })
  return { rule, now_allowed: [...nowAllowed] }
}

export function explainedRule({ ruling, parts }: Explained): ExplainedRuleBody {
  return { ...rulingBody(ruling), parts: parts.map((part) => ({ text: part.text, ...rulingBody(part) })) }
}

function rulingBody({ effect, reason, rule }: Ruling) {
  return { effect, reason, rule: decidingRule({ rule }) }
}

export function decidingRule({ rule }: Pick<Ruling, 'rule'>) {
  return { id: rule.id, source: rule.source, text: rule.text }
}

const mostShown = 100

function differs(effect: RuleEffect, { approval }: ToolCall): boolean {
  return (
    (effect === 'allow' && approval?.status === 'rejected') || (effect === 'deny' && approval?.status === 'approved')
  )
}

export function triedRule({ lookedAt, decided, calls }: Tried): TriedRule {
  const count = (effect: TriedRule['calls'][number]['effect']) => calls.filter((call) => call.effect === effect).length
  return {
    looked_at: lookedAt,
    matched: calls.length,
    allowed: count('allow'),
    asked: count('ask'),
    denied: count('deny'),
    decided,
    decided_allowed: calls.filter(({ call, effect }) => effect === 'allow' && wasDecided(call)).length,
    decided_otherwise: calls.filter(({ call, effect }) => wasDecided(call) && differs(effect, call)).length,
    calls: calls.slice(0, mostShown).map(({ sessionId, call, subject, effect }) => ({
      session_id: sessionId,
      call_id: call.callId,
      tool_name: call.tool,
      subject: subject.slice(0, 500),
      effect,
      asked: call.approval !== null,
      created_at: timestamp(call.createdAt),
    })),
  }
}
