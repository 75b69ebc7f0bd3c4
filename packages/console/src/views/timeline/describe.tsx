import { useWords } from '../../i18n/language.ts'
import { useAgentName } from '../../kit/agent.tsx'
import type { CallFacts, Row } from './row.ts'
import { words } from './words.ts'

/** What stands beside a bar; `isBad` in red. */
export interface Note {
  readonly text: string
  readonly isBad?: boolean
  readonly isWait?: boolean
}

export function useNotes(): (row: Row) => Note | undefined {
  const t = useWords(words)
  const agentName = useAgentName()
  return (row) => {
    switch (row.kind) {
      case 'switch': {
        const { to, confidence, reason } = row.facts
        const sure = { high: t.high, medium: t.medium, low: t.low }[confidence ?? ''] ?? reason
        return { text: sure === '' ? agentName(to) : `${agentName(to)}, ${sure}` }
      }
      case 'model':
        if (row.model.error) return { text: row.model.error.code.replaceAll('_', ' '), isBad: true }
        return row.model.attempts > 1 ? { text: t.attempts(row.model.attempts) } : undefined
      case 'call':
        return noteOfCall(row.call, t)
      case 'turn':
        return row.isOpen ? { text: t.openTurn } : undefined
      case 'work':
        return row.call.error === undefined ? undefined : { text: row.call.error || t.failed, isBad: true }
      default:
        return undefined
    }
  }
}

type Words = ReturnType<typeof useWords<(typeof words)['en']>>

function noteOfCall(call: CallFacts, t: Words): Note | undefined {
  if (call.cancelled !== undefined) return { text: t.cancelled(call.cancelled.replaceAll('_', ' ')) }
  if (call.waited && call.decision === undefined && !call.isAnswered) return { text: t.waitsForYou, isWait: true }
  if (call.decision !== undefined) return { text: decisionText(call, t) }
  if (call.error !== undefined) return { text: call.error || t.failed, isBad: true }
  return call.isAnswered ? undefined : { text: t.working }
}

export function decisionText({ decision, by, feedback }: CallFacts, t: Words): string {
  const who = by === undefined ? t.person : by === 'system' ? t.runtime : by
  if (decision === 'reject') return feedback === undefined ? t.rejected(who) : t.rejectedWhy(who)
  return decision === 'edit' ? t.edited(who) : t.approved(who)
}
