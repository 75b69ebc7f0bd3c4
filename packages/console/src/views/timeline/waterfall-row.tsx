import type { CSSProperties, ReactNode } from 'react'
import { compact, duration, money } from '../../i18n/format.ts'
import { useWords } from '../../i18n/language.ts'
import { AgentMark } from '../../kit/agent.tsx'
import { Icon, Status } from '../../kit/icon.tsx'
import type { Note } from './describe.tsx'
import type { Row } from './row.ts'
import type { Turn } from './turns.ts'
import { words } from './words.ts'

interface RowProps {
  readonly row: Row
  /** Its place in the table, from 1, the head included. */
  readonly index: number
  readonly turn: Turn
  readonly note: Note | undefined
  /** Where a time lies, in percent of the lane. */
  readonly place: (time: number) => number
  readonly tick: number
  readonly isSelected: boolean
  readonly fold: 'folded' | 'open' | undefined
  readonly onSelect: () => void
  readonly onFold: () => void
}

/** The id of a row in the page. */
export function domIdOf(id: string): string {
  return `row-${id.replaceAll(' ', '-')}`
}

export function WaterfallRow({ row, index, turn, note, place, tick, isSelected, fold, onSelect, onFold }: RowProps) {
  const t = useWords(words)
  const figures = figuresOf(row, turn)
  return (
    <tr
      id={domIdOf(row.id)}
      className={isSelected ? 'wr sel' : 'wr'}
      aria-level={row.level}
      aria-rowindex={index}
      aria-selected={isSelected}
      {...(fold === undefined ? {} : { 'aria-expanded': fold === 'open' })}
      style={vars({ d: row.level - 1, tick })}
      onClick={onSelect}
    >
      <th scope="row" className="nm">
        {fold !== undefined && (
          <button
            type="button"
            className={fold}
            tabIndex={-1}
            aria-label={fold === 'open' ? t.fold : t.unfold}
            onClick={(event) => {
              event.stopPropagation()
              onFold()
            }}
          >
            <Icon name="right" className="chev" />
          </button>
        )}
        <Name row={row} />
      </th>
      <td className="r t">{duration(row.end - row.start)}</td>
      <td className="r">{figures.tokens > 0 && compact(figures.tokens)}</td>
      <td className="r">{figures.tokens > 0 && figures.cost !== undefined && money(figures.cost)}</td>
      <td className="lane">
        <Bars row={row} place={place} />
        {note && <Label note={note} start={place(row.start)} end={place(barEnd(row))} />}
      </td>
    </tr>
  )
}

/** Of the bar that is drawn: what a person was waited for has a row of its own. */
function barEnd(row: Row): number {
  return row.kind === 'call' ? (row.call.waited?.end ?? row.end) : row.end
}

function Name({ row }: { row: Row }): ReactNode {
  const t = useWords(words)
  switch (row.kind) {
    case 'turn':
      return <b className="cut">{row.said || t.turn}</b>
    case 'switch':
      return (
        <>
          <AgentMark agent={row.facts.by === 'router' ? 'orchestrator' : row.facts.to} size="xs" />
          <span className="cut">{row.facts.by === 'router' ? t.choose : t.handOver}</span>
        </>
      )
    case 'step':
      return (
        <>
          <AgentMark agent={row.agent} size="xs" />
          <b>{t.step(row.number)}</b>
        </>
      )
    case 'model':
      return (
        <>
          {row.status === 'bad' ? <Status name="bad" /> : <Swatch kind="c1" />}
          <span className="cut">{row.isLast ? t.modelFinal : t.modelCall}</span>
        </>
      )
    case 'call':
      return (
        <>
          <Status name={row.status === 'ok' ? 'good' : row.status} />
          <code>{row.call.tool}</code>
          <span className="x cut" title={row.call.subject}>
            {row.call.subject}
          </span>
        </>
      )
    default:
      return (
        <>
          <Swatch kind="c3" />
          <span className="x">{t.carriedOut}</span>
        </>
      )
  }
}

function Swatch({ kind }: { kind: string }) {
  return (
    <span className="kd">
      <i className={`sw ${kind}`} />
    </span>
  )
}

function Bars({ row, place }: { row: Row; place: (time: number) => number }) {
  if (row.kind === 'model') {
    const { first_token_ms: first, duration_ms: whole, error } = row.model
    return (
      <Bar kind={error ? 'err' : 'model'} start={place(row.start)} end={place(row.end)}>
        {first !== null && whole > 0 && <i className="ttft" style={vars({ f: (first / whole) * 100 })} />}
      </Bar>
    )
  }
  if (row.kind !== 'call') {
    const kinds = { turn: 'turn', step: 'step', switch: 'route', work: row.status === 'bad' ? 'err' : 'tool' }
    return <Bar kind={kinds[row.kind]} start={place(row.start)} end={place(row.end)} />
  }
  const { waited, worked, error } = row.call
  return (
    <>
      {waited && <Bar kind="wait" start={place(waited.start)} end={place(waited.end)} />}
      {!waited && worked && (
        <Bar kind={error === undefined ? 'tool' : 'err'} start={place(worked.start)} end={place(worked.end)} />
      )}
    </>
  )
}

function Bar({ kind, start, end, children }: { kind: string; start: number; end: number; children?: ReactNode }) {
  return (
    <i className={`bar ${kind}`} style={vars({ s: Math.min(start, 99.6), w: Math.max(0, end - start) })}>
      {children}
    </i>
  )
}

/** What a character of a label takes of a lane of usual width, in percent. */
const characterShare = 1.1

/** Beside the bar: behind it where there is room, else before it, else at the end of the lane. */
function Label({ note, start, end }: { note: Note; start: number; end: number }) {
  const width = note.text.length * characterShare + 2
  const place = end + width <= 100 ? 'behind' : start >= width ? 'before' : 'over'
  const kind = note.isBad ? 'e' : note.isWait ? 'w' : ''
  return (
    <span
      className={`lab ${kind} ${{ behind: '', before: 'l', over: 'in' }[place]}`}
      style={vars({ s: place === 'before' ? start : end })}
      title={note.text}
    >
      {note.text}
    </span>
  )
}

function vars(values: Readonly<Record<string, number>>): CSSProperties {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [`--${name}`, value])) as CSSProperties
}

function figuresOf(row: Row, turn: Turn): { readonly tokens: number; readonly cost: number | undefined } {
  if (row.kind === 'turn') return { tokens: turn.inputTokens + turn.outputTokens, cost: turn.cost }
  const models =
    row.kind === 'model' || row.kind === 'switch'
      ? [row.model]
      : turn.rows.flatMap((other) => (other.kind === 'model' && other.parent === row.id ? [other.model] : []))
  const known = models.filter((model) => model !== undefined)
  return {
    tokens: known.reduce((sum, { input_tokens: input, output_tokens: output }) => sum + input + output, 0),
    cost: known.some(({ cost }) => cost === null) ? undefined : known.reduce((sum, { cost }) => sum + (cost ?? 0), 0),
  }
}
