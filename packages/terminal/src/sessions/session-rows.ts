import type { Style } from '../screen/style.ts'
import { clean, clock, cut, padEnd, spread, widthOf } from '../screen/text.ts'
import type { SessionItem } from './session-ids.ts'
import { shortId } from './session-ids.ts'

const agentWidth = 11
const whenWidth = 16

/** One session on one line: mark, title, agent, what it does or when it was last used, id. */
export function sessionRow(session: SessionItem, columns: number, now: Date, style: Style): string {
  const waits = session.state === 'awaiting_approval' || session.state === 'awaiting_tool'
  const { marks } = style
  const mark = waits
    ? style.mark(marks.waits, 'wait')
    : session.state === 'running'
      ? style.mark(marks.running[0] ?? '', 'accent')
      : style.mark(marks.done, 'ok')
  const agent = session.current_agent ?? 'orchestrator'
  const id = shortId(session.id)
  const when = padEnd(whenOf(session, waits, now), whenWidth)
  const agentShown = agent === 'orchestrator' ? 'auto' : cut(clean(agent), agentWidth - 1, marks.more)
  const agentGap = ' '.repeat(Math.max(0, agentWidth - widthOf(agentShown)))
  const right =
    columns < 60
      ? id
      : `${style.agent(agent, agentShown)}${agentGap}${waits ? style.paint('wait', when) : when}${style.paint('dim', id)}`
  const title = cut(
    clean(session.title ?? 'no message yet').replace(/\s+/g, ' '),
    columns - widthOf(right) - style.margin - 2,
    marks.more,
  )
  return spread(mark + title, right, columns, marks.more)
}

function whenOf(session: SessionItem, waits: boolean, now: Date): string {
  const at = new Date(session.last_activity)
  const age = now.getTime() - at.getTime()
  const day = 24 * 3600 * 1000
  if (waits) return age < day ? `waits ${clock(Math.max(0, age))}` : `waits ${Math.floor(age / day)} d`
  if (session.state === 'running') return 'runs'
  const two = (value: number) => String(value).padStart(2, '0')
  if (at.toDateString() === now.toDateString()) return `${two(at.getHours())}:${two(at.getMinutes())}`
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`
}
