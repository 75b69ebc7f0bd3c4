import { type KeyboardEvent, type UIEvent, useLayoutEffect, useMemo, useRef, useState } from 'react'
import { duration, elapsed } from '../../i18n/format.ts'
import { useWords } from '../../i18n/language.ts'
import { go } from '../../router.ts'
import { useNotes } from './describe.tsx'
import type { Row } from './row.ts'
import { realTime, ticksOf, withoutWaiting } from './spans.ts'
import type { Turn } from './turns.ts'
import { domIdOf, WaterfallRow } from './waterfall-row.tsx'
import { words } from './words.ts'

interface WaterfallProps {
  readonly turn: Turn
  readonly label: string
  readonly mode: 'real' | 'without'
  readonly sessionId: string
  readonly selectedId: string | undefined
  readonly isCut: boolean
  readonly onSelect: (id: string) => void
  readonly onMode: () => void
}

const rowPx = 28
const headPx = 32
/** Rows are drawn by so many: only those that are seen, and as many above and below. */
const chunk = 30

export function Waterfall({ turn, label, mode, sessionId, selectedId, isCut, onSelect, onMode }: WaterfallProps) {
  const t = useWords(words)
  const noteOf = useNotes()
  const [folded, setFolded] = useState<ReadonlySet<string>>(new Set())
  const axis = useMemo(() => (mode === 'real' ? realTime(turn) : withoutWaiting(turn, turn.spans)), [mode, turn])
  const length = Math.max(1, axis(turn.end))
  const ticks = ticksOf(length, 7)
  const rows = useMemo(() => shownRows(turn.rows, folded), [turn, folded])
  const parents = useMemo(() => new Set(turn.rows.map(({ parent }) => parent)), [turn])
  const at = rows.findIndex(({ id }) => id === selectedId)
  const box = useRef<HTMLDivElement>(null)
  const [seen, setSeen] = useState({ first: 0, end: 2 * chunk })
  const look = ({ scrollTop, clientHeight }: HTMLElement) => {
    const first = Math.max(0, Math.floor(scrollTop / rowPx / chunk) - 1) * chunk
    const end = (Math.ceil((scrollTop + clientHeight) / rowPx / chunk) + 1) * chunk
    setSeen((old) => (old.first === first && old.end === end ? old : { first, end }))
  }
  useLayoutEffect(() => {
    const element = box.current
    if (!element) return
    const observer = new ResizeObserver(() => look(element))
    observer.observe(element)
    return () => observer.disconnect()
  })
  const drawn = rows.slice(seen.first, seen.end)

  const fold = (id: string, isFolded: boolean) => {
    const next = new Set(folded)
    if (isFolded) next.add(id)
    else next.delete(id)
    setFolded(next)
  }
  const choose = (row: Row | undefined) => {
    if (!row) return
    onSelect(row.id)
    const element = box.current
    if (!element) return
    const top = rows.indexOf(row) * rowPx
    const room = element.clientHeight - headPx - rowPx
    if (top < element.scrollTop) element.scrollTop = top
    else if (top > element.scrollTop + room) element.scrollTop = top - room
  }
  const onKey = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const row = rows[at]
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key
    if (key === 'ArrowDown' || key === 'j') choose(rows[at + 1])
    else if (key === 'ArrowUp' || key === 'k') choose(rows[Math.max(0, at - 1)])
    else if (key === 'Home') choose(rows[0])
    else if (key === 'End') choose(rows.at(-1))
    else if (key === 'ArrowLeft' && row) {
      if (parents.has(row.id) && !folded.has(row.id)) fold(row.id, true)
      else choose(rows.find(({ id }) => id === row.parent))
    } else if (key === 'ArrowRight' && row) fold(row.id, false)
    else if (key === 'Enter' && row) go('session', sessionId)
    else if (key === 'w') onMode()
    else return
    event.preventDefault()
  }
  return (
    <div className="wfbox">
      <div className="wf" ref={box} onScroll={(event: UIEvent<HTMLElement>) => look(event.currentTarget)}>
        <table
          // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: a table whose rows fold is a treegrid
          role="treegrid"
          aria-label={label}
          aria-rowcount={rows.length + 1}
          aria-activedescendant={at < 0 ? undefined : domIdOf(rows[at]?.id ?? '')}
          tabIndex={0}
          onKeyDown={onKey}
        >
          <thead>
            <tr className="wfh">
              <th scope="col">{t.what}</th>
              <th scope="col" className="r">
                {t.duration}
              </th>
              <th scope="col" className="r">
                {t.tokensHead}
              </th>
              <th scope="col" className="r">
                {t.cost}
              </th>
              <th scope="col" className="axis" aria-label={t.time}>
                {ticks.map((ms, index) => (
                  <span key={ms} style={{ left: `${(ms / length) * 100}%` }}>
                    {tickText(ms, index, ticks)}
                  </span>
                ))}
              </th>
            </tr>
          </thead>
          {/* Rows that are not drawn keep their room. */}
          <tbody
            style={{
              paddingTop: seen.first * rowPx,
              paddingBottom: (rows.length - seen.first - drawn.length) * rowPx,
            }}
          >
            {drawn.map((row, index) => (
              <WaterfallRow
                key={row.id}
                row={row}
                index={seen.first + index + 2}
                turn={turn}
                note={noteOf(row)}
                place={(time) => (axis(time) / length) * 100}
                tick={((ticks[1] ?? length) / length) * 100}
                isSelected={row.id === selectedId}
                fold={parents.has(row.id) ? (folded.has(row.id) ? 'folded' : 'open') : undefined}
                onSelect={() => onSelect(row.id)}
                onFold={() => fold(row.id, !folded.has(row.id))}
              />
            ))}
          </tbody>
        </table>
        {isCut && <p className="note mute">{t.cut}</p>}
      </div>
      <div className="keys no-phone" aria-hidden="true">
        <span>
          <kbd>J</kbd>
          <kbd>K</kbd> {t.move}
        </span>
        <span>
          <kbd>←</kbd>
          <kbd>→</kbd> {t.folding}
        </span>
        <span>
          <kbd>Enter</kbd> {t.open}
        </span>
        <span>
          <kbd>W</kbd> {t.hide}
        </span>
      </div>
    </div>
  )
}

function shownRows(rows: readonly Row[], folded: ReadonlySet<string>): readonly Row[] {
  const hidden = new Set<string>()
  return rows.filter(({ id, parent }) => {
    const isHidden = parent !== undefined && (folded.has(parent) || hidden.has(parent))
    if (isHidden) hidden.add(id)
    return !isHidden
  })
}

/** The first and the last tick carry the unit. */
function tickText(ms: number, index: number, ticks: readonly number[]): string {
  const last = ticks.at(-1) ?? 0
  if (index > 0 && index < ticks.length - 1) return last >= 60_000 ? elapsed(ms) : figure(ms, last)
  if (last >= 60_000) return elapsed(ms)
  return last < 1000 ? duration(ms) : `${figure(ms, last)} ${duration(1000).split(' ')[1] ?? 's'}`
}

function figure(ms: number, last: number): string {
  if (last < 1000) return String(ms)
  return last < 10_000 && ms % 1000 !== 0 ? (ms / 1000).toFixed(1) : String(Math.round(ms / 1000))
}
