import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react'
import { useWords } from '../../i18n/language.ts'
import { useAgentName } from '../../kit/agent.tsx'
import { Button } from '../../kit/button.tsx'
import { Empty } from '../../kit/states.tsx'
import type { Transcript } from '../../session/items.ts'
import { RowView } from './row-view.tsx'
import { type Row, rowsOf } from './rows.ts'
import { words } from './words.ts'

/** Items in the page at first; older ones come when they are scrolled to. */
const firstItems = 60
const moreItems = 40

interface ThreadProps {
  readonly sessionId: string
  readonly transcript: Transcript
  /** Counts what the person sent here: their own message is always scrolled to. */
  readonly sent: number
}

/** The conversation. At the end it follows; scrolled up it stays where it was read. */
export function Thread({ sessionId, transcript, sent }: ThreadProps) {
  const t = useWords(words)
  const agentName = useAgentName()
  const before = useRef<readonly Row[]>([])
  const rows = useMemo(() => rowsOf(transcript.items, before.current), [transcript.items])
  before.current = rows
  const [shown, setShown] = useState(firstItems)
  const outer = useRef<HTMLElement>(null)
  const [isAtEnd, setAtEnd] = useState(true)
  const follows = useRef(true)

  const toEnd = useCallback(() => {
    const element = outer.current
    if (!element) return
    follows.current = true
    element.scrollTop = element.scrollHeight
  }, [])
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is new is scrolled to
  useLayoutEffect(() => {
    if (follows.current) toEnd()
  }, [rows, toEnd])
  useEffect(() => {
    if (sent > 0) toEnd()
  }, [sent, toEnd])
  useEffect(() => {
    const content = outer.current?.firstElementChild
    if (!content) return
    const observer = new ResizeObserver(() => {
      if (follows.current) toEnd()
    })
    observer.observe(content)
    return () => observer.disconnect()
  }, [toEnd])

  const first = firstShown(rows, shown)
  const onScroll = () => {
    const element = outer.current
    if (!element) return
    const left = element.scrollHeight - element.scrollTop - element.clientHeight
    follows.current = left < 40
    setAtEnd(left < 40)
    if (element.scrollTop < 600 && first > 0) showEarlier()
  }
  const showEarlier = () => {
    const element = outer.current
    const height = element?.scrollHeight ?? 0
    setShown((count) => count + moreItems)
    requestAnimationFrame(() => {
      if (element && element.scrollTop < 10) element.scrollTop += element.scrollHeight - height
    })
  }
  const { state, agent } = transcript
  const isWriting = transcript.items.at(-1)?.kind === 'answer' && state === 'running'
  if (rows.length === 0) {
    return (
      <div className="thread">
        <Empty title={t.empty}>
          <span>{t.emptyHint}</span>
        </Empty>
      </div>
    )
  }
  return (
    <div className="thread-place">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by keyboard */}
      <section className="thread" ref={outer} onScroll={onScroll} tabIndex={0} aria-label={t.conversation}>
        <div className="col">
          {first > 0 && (
            <Button kind="ghost" onClick={showEarlier}>
              {t.earlier}
            </Button>
          )}
          {rows.slice(first).map((row, index) => (
            <div key={row.key} className="row-place">
              <RowView
                row={row}
                sessionId={sessionId}
                segment={transcript.segments[row.items[0]?.segment ?? -1]}
                isLast={first + index === rows.length - 1}
              />
            </div>
          ))}
          {state === 'running' && !isWriting && <Working agent={agentName(agent)} />}
        </div>
        <span className="vh" role="status">
          {state === 'running' ? t.answering(agentName(agent)) : ''}
        </span>
      </section>
      {!isAtEnd && (
        <Button className="to-end" icon="down" onClick={toEnd}>
          {t.newBelow}
        </Button>
      )}
    </div>
  )
}

/** The row from which on there are so many items. */
function firstShown(rows: readonly Row[], wanted: number): number {
  let first = rows.length
  for (let left = wanted; first > 0 && left > 0; first--) left -= rows[first - 1]?.items.length ?? 0
  return first
}

/** Work of which nothing can be shown yet. */
function Working({ agent }: { agent: string }) {
  const t = useWords(words)
  return (
    <div className="working">
      <svg className="st st-run" aria-hidden="true">
        <use href="#t-run" />
      </svg>
      <span className="mute">{t.answering(agent)}</span>
    </div>
  )
}
