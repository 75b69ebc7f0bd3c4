import { memo } from 'react'
import { callSubject } from '../../approval/call-subject.ts'
import { elapsed, fullTime, shortTime } from '../../i18n/format.ts'
import { useWords } from '../../i18n/language.ts'
import { AgentMark, useAgentName } from '../../kit/agent.tsx'
import { Icon, Status, type StatusName } from '../../kit/icon.tsx'
import { Menu } from '../../kit/menu.tsx'
import { toast } from '../../kit/toast.tsx'
import { useNow } from '../../kit/use-now.ts'
import { tell } from '../../net/failure.ts'
import { to } from '../../router.ts'
import type { Waiting } from '../../shell/inbox.ts'
import { exportJson } from '../session/export.ts'
import { useSessionActions } from './actions.tsx'
import type { ListItem } from './list-item.ts'
import { words } from './words.ts'

interface SessionRowProps {
  readonly session: ListItem
  readonly waiting: Waiting | undefined
  readonly isChosen: boolean
}

export const SessionRow = memo(function SessionRow({ session, waiting, isChosen }: SessionRowProps) {
  const t = useWords(words)
  const title = session.title ?? t.untitled
  const { rename, remove, dialog } = useSessionActions(session.id, title)
  return (
    <div className="ses-place">
      <a className="ses" href={to('session', session.id)} {...(isChosen ? { 'aria-current': 'true' as const } : {})}>
        <Status name={markOf(session)} {...(hasBegun(session) ? {} : { label: t.notBegun })} />
        <span className="ses-text">
          <span className="t">
            <b className="cut">{title}</b>
            <Time session={session} waiting={waiting} />
          </span>
          <span className="u">
            <AgentMark agent={session.current_agent ?? 'orchestrator'} size="xs" />
            <Second session={session} waiting={waiting} />
          </span>
        </span>
      </a>
      <Menu
        label={t.rowMenu}
        className="btn ghost icon s row-menu"
        items={[
          { text: t.rename, onChoose: rename },
          {
            text: t.exportJson,
            onChoose: () => void exportJson(session.id).catch((error: unknown) => toast({ text: tell(error).text })),
          },
          { text: t.delete, isBad: true, onChoose: remove },
        ]}
      >
        <Icon name="dots" size="s" />
      </Menu>
      {dialog}
    </div>
  )
})

function hasBegun({ state, last_turn: last }: ListItem): boolean {
  return state !== 'idle' || last !== null
}

function markOf({ state, last_turn: last }: ListItem): StatusName {
  if (state === 'awaiting_approval') return 'wait'
  if (state === 'running' || state === 'awaiting_tool') return 'run'
  if (last === 'failed') return 'bad'
  return last === 'completed' ? 'ok' : 'idle'
}

function Time({ session, waiting }: { session: ListItem; waiting: Waiting | undefined }) {
  const now = useNow(session.state === 'idle' ? 60_000 : 1000)
  const at = waiting?.created_at ?? session.last_activity
  return (
    <time dateTime={at} title={fullTime(at)}>
      {session.state === 'idle' ? shortTime(at, now) : elapsed(now - Date.parse(at))}
    </time>
  )
}

function Second({ session, waiting }: { session: ListItem; waiting: Waiting | undefined }) {
  const t = useWords(words)
  const name = useAgentName()
  const agent = name(session.current_agent ?? 'orchestrator')
  if (session.state === 'awaiting_approval') {
    const what = waiting && `${waiting.tool_name} ${callSubject(waiting.tool_name, waiting.arguments)}`
    return <span className="w cut">{what ?? t.waitingForYou}</span>
  }
  if (session.state === 'running') return <span className="l cut">{t.answering}</span>
  if (session.state === 'awaiting_tool') return <span className="l cut">{t.waitsForClient}</span>
  if (session.last_turn === 'failed') return <span className="e cut">{t.failedTurn}</span>
  const state = session.last_turn === 'cancelled' ? t.stopped : session.last_turn === 'interrupted' ? t.interrupted : ''
  return <span className="cut">{[agent, state, t.messages(session.message_count)].filter(Boolean).join(' · ')}</span>
}
