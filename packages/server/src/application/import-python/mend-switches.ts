import { cleanText } from '../../domain/text.ts'
import type { SourceSwitch } from '../ports/session-source.ts'
import type { AgentSwitch } from '../ports/store.ts'
import type { Mends } from './mends.ts'
import { recordOf, type Times, textIn } from './read-fields.ts'

/** The Python service stored switches under other names than it read, and lost both ends of them (PROTOCOL D6). What is not in their own
 *  facts comes from the switch before. */
export function mendSwitches(
  switches: readonly SourceSwitch[],
  first: string,
  times: Times,
  mends: Mends,
): readonly AgentSwitch[] {
  let before = first
  return switches.flatMap((row) => {
    const facts = recordOf(row.metadata)
    const at = times.read(row.time)
    const told = textIn(facts, 'to', 'to_agent')
    const to = told ?? row.to ?? ''
    const from = row.from ?? textIn(facts, 'from', 'from_agent') ?? before
    if (to === '' || to === from) {
      mends.add('switch_left_out')
      return []
    }
    if (row.from === null || (told !== undefined && told !== row.to)) mends.add('switch_mended')
    before = to
    const reason = cleanText(row.reason ?? textIn(facts, 'reason') ?? '')
    return [{ from, to, reason, confidence: textIn(facts, 'confidence') ?? null, at }]
  })
}
