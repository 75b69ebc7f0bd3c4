import type { TimelineEvent } from '../compose/operator.ts'

/** A line of a timeline. What has a beginning and an end is one line, `tookMs` is null while it is open. */
export interface TimelineRow {
  readonly at: string
  readonly kind: 'session' | 'turn' | 'run' | 'step' | 'call' | 'approval' | 'other'
  readonly text: string
  tookMs?: number | null
  result: string
}

type Kind = TimelineRow['kind']
type Facts = TimelineEvent['facts']

/** Turns, runs, steps, calls and approvals of a session, in the order in which they began. */
export function timelineRows(events: readonly TimelineEvent[]): TimelineRow[] {
  const rows: TimelineRow[] = []
  const open = new Map<string, TimelineRow>()

  const begin = (key: string, event: TimelineEvent, kind: Kind, text: string) => {
    if (open.has(key)) return
    const row: TimelineRow = { at: event.at, kind, text, tookMs: null, result: '' }
    open.set(key, row)
    rows.push(row)
  }
  const end = (key: string, event: TimelineEvent, kind: Kind, text: string, result: string) => {
    // Its beginning may lie before the first event that was read.
    begin(key, event, kind, text)
    const row = open.get(key)
    open.delete(key)
    if (!row) return
    const measured = event.facts['durationMs']
    row.tookMs = typeof measured === 'number' ? measured : Math.max(0, Date.parse(event.at) - Date.parse(row.at))
    row.result = result
  }
  for (const event of events)
    read(event, begin, end, (kind, text) => rows.push({ at: event.at, kind, text, result: '' }))
  return rows
}

type Begin = (key: string, event: TimelineEvent, kind: Kind, text: string) => void
type End = (key: string, event: TimelineEvent, kind: Kind, text: string, result: string) => void

function read(event: TimelineEvent, begin: Begin, end: End, note: (kind: Kind, text: string) => void): void {
  const { type, facts, turn_id: turn, run_id: run } = event
  const call = say(facts, 'callId')
  const tool = say(facts, 'tool')
  switch (type) {
    case 'turn.started':
      begin(`turn ${turn}`, event, 'turn', `turn of ${say(facts, 'agent')}`)
      break
    case 'turn.ended':
      end(`turn ${turn}`, event, 'turn', 'turn', `${say(facts, 'outcome')}, ${say(facts, 'steps')} steps`)
      break
    case 'run.started':
      begin(`run ${run}`, event, 'run', `run on ${say(facts, 'input')}, ${say(facts, 'agent')}`)
      break
    case 'run.ended':
      end(`run ${run}`, event, 'run', 'run', `${say(facts, 'outcome')}${failureOf(facts)}`)
      break
    case 'step.started':
      begin(`step ${run}`, event, 'step', `step ${say(facts, 'step')}, ${say(facts, 'model')}`)
      break
    case 'step.ended':
      end(`step ${run}`, event, 'step', `step ${say(facts, 'step')}`, stepResult(facts))
      break
    case 'tool_call.created':
    case 'tool_call.dispatched':
      begin(`call ${call}`, event, 'call', `${tool} ${call}${rulingOf(facts)}`)
      break
    case 'tool_result.created':
      end(`call ${call}`, event, 'call', `${tool} ${call}`, facts['failed'] === true ? 'failed' : 'answered')
      break
    case 'tool_call.cancelled':
      end(`call ${call}`, event, 'call', `${tool} ${call}`, `cancelled: ${say(facts, 'reason')}`)
      break
    case 'approval.requested':
      begin(`approval ${call}`, event, 'approval', `approval of ${call}`)
      break
    case 'approval.decided':
      end(`approval ${call}`, event, 'approval', `approval of ${call}`, decisionOf(facts))
      break
    case 'agent.switched':
      note('other', `switched from ${say(facts, 'from')} to ${say(facts, 'to')} by ${say(facts, 'by')}`)
      break
    case 'grant.created':
      note('other', `rule made for the ${say(facts, 'scope')}: ${ruleOf(facts)}`)
      break
    case 'grant.revoked':
      note('other', `rule revoked: ${ruleOf(facts)}`)
      break
    case 'message.created':
      note('other', `message of ${say(facts, 'role')}`)
      break
    default:
      note(type.startsWith('session.') ? 'session' : 'other', type.replace(/[._]/g, ' '))
      break
  }
}

function say(facts: Facts, name: string): string {
  const value = facts[name]
  return value === null || value === undefined ? '' : String(value)
}

function ruleOf(facts: Facts): string {
  return `${say(facts, 'effect')} ${say(facts, 'tool')} "${say(facts, 'pattern')}"`
}

/** Which rule decided, where rules did. */
function rulingOf(facts: Facts): string {
  const rule = say(facts, 'rule')
  return rule === '' ? '' : `, ${say(facts, 'effect')}: ${rule}`
}

function stepResult(facts: Facts): string {
  return `${say(facts, 'finish')}, ${say(facts, 'inputTokens')} + ${say(facts, 'outputTokens')} tokens`
}

function failureOf(facts: Facts): string {
  const error = facts['error']
  const code: unknown = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined
  return typeof code === 'string' ? `: ${code}` : ''
}

function decisionOf(facts: Facts): string {
  const by = say(facts, 'by')
  return `${say(facts, 'decision')}${facts['implicit'] === true ? ', implicit' : ''}${by === '' ? '' : `, by ${by}`}`
}
