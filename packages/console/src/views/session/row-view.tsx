import { memo, type ReactNode } from 'react'
import { Receipt } from '../../approval/receipt.tsx'
import { clock, compact, duration, fullTime } from '../../i18n/format.ts'
import { useWords } from '../../i18n/language.ts'
import { AgentMark, AgentName, useAgentName } from '../../kit/agent.tsx'
import { Icon } from '../../kit/icon.tsx'
import { Markdown } from '../../markdown/markdown.tsx'
import type { AnswerItem, CallItem, HandoffItem, Item, Segment, UserItem } from '../../session/items.ts'
import { CallCard } from './call-card.tsx'
import { FailureCard, Note } from './notes.tsx'
import type { Row } from './rows.ts'
import { WaitingCall } from './waiting-call.tsx'
import { words } from './words.ts'

interface RowProps {
  readonly row: Row
  readonly sessionId: string
  readonly segment: Segment | undefined
  readonly isLast: boolean
}

export const RowView = memo(function RowView({ row, sessionId, segment, isLast }: RowProps) {
  const [item] = row.items
  switch (item?.kind) {
    case undefined:
      return null
    case 'user':
      return <User item={item} />
    case 'handoff':
      return <Handoff item={item} />
    case 'note':
      return <Note item={item} sessionId={sessionId} isLast={isLast} />
    case 'failure':
      return <FailureCard item={item} sessionId={sessionId} isLast={isLast} />
    default:
      return <Work row={row} sessionId={sessionId} segment={segment} />
  }
})

function User({ item }: { item: UserItem }) {
  const t = useWords(words)
  return (
    <article className="m user">
      <span className="who" aria-hidden="true">
        <Icon name="user" size="s" />
      </span>
      <div>
        <div className="by">
          <b>{t.you}</b>
          <time className="num" dateTime={item.at} title={fullTime(item.at)}>
            {clock(item.at)}
          </time>
        </div>
        <div className="prose">
          <Markdown text={item.text} />
        </div>
      </div>
    </article>
  )
}

function Handoff({ item }: { item: HandoffItem }) {
  const t = useWords(words)
  const name = useAgentName()
  return (
    <div className="handoff">
      <AgentMark agent={item.from} size="xs" />
      {name(item.from)}
      <span className="arrow">
        <Icon name="arrow" size="s" />
      </span>
      <AgentMark agent={item.to} size="xs" />
      <AgentName agent={item.to} />
      <span className="why">{item.reason}</span>
      <span className="m2 num no-phone">
        {item.by === 'person' ? t.byYou : item.confidence !== null && t.confidence(item.confidence)}
      </span>
    </div>
  )
}

function Work({ row, sessionId, segment }: { row: Row; sessionId: string; segment: Segment | undefined }) {
  const t = useWords(words)
  const agent = segment?.agent ?? 'orchestrator'
  const tokens = (segment?.inputTokens ?? 0) + (segment?.outputTokens ?? 0)
  return (
    <article className="m">
      {row.isHead ? <AgentMark agent={agent} /> : <span />}
      <div>
        {row.isHead && (
          <div className="by">
            <AgentName agent={agent} />
            <span>{segment?.model}</span>
            <span className="grow" />
            {segment !== undefined && segment.steps > 0 && (
              <span className="num no-phone">
                {t.steps(segment.steps)} · {duration(segment.modelMs)} · {t.tokens(compact(tokens))}
              </span>
            )}
          </div>
        )}
        {partsOf(row.items, sessionId)}
      </div>
    </article>
  )
}

/** Calls in a row stand in one box; what waits for a person has a card of its own. */
function partsOf(items: readonly Item[], sessionId: string): ReactNode[] {
  const parts: ReactNode[] = []
  let calls: CallItem[] = []
  const close = () => {
    const [first] = calls
    if (!first) return
    parts.push(
      <div className="calls" key={`calls ${first.id}`}>
        {calls.map((call) => (
          <CallCard key={call.id} call={call} />
        ))}
      </div>,
      ...calls
        .filter(({ approval }) => approval?.decision !== undefined)
        .map((call) => <Receipt key={`receipt ${call.id}`} call={call} />),
    )
    calls = []
  }
  for (const item of items) {
    if (item.kind === 'call' && item.state !== 'waiting') {
      calls.push(item)
      if (item.approval?.decision !== undefined) close()
      continue
    }
    close()
    if (item.kind === 'answer') parts.push(<Answer key={item.id} item={item} />)
    else if (item.kind === 'call') parts.push(<WaitingCall key={item.id} call={item} sessionId={sessionId} />)
  }
  close()
  return parts
}

const Answer = memo(function Answer({ item }: { item: AnswerItem }) {
  const t = useWords(words)
  if (item.text === '' && !item.isStreaming) return null
  return (
    <div className={item.isStreaming ? 'prose streaming' : 'prose'}>
      <Markdown text={item.text} isComplete={!item.isStreaming} />
      {item.isCut && <p className="mute">{t.cut}</p>}
    </div>
  )
})
