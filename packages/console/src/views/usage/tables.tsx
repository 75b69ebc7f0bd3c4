import type { RecentUsage } from '@codelab/protocol'
import type { ReactNode } from 'react'
import { compact, count, duration, money, percent } from '../../i18n/format.ts'
import { useWords } from '../../i18n/language.ts'
import { AgentMark, useAgentName } from '../../kit/agent.tsx'
import { words } from './words.ts'

type Figures = RecentUsage['models'][number]

/** Who and what used it: agents, models, and for an operator people. */
export function Tables({ usage }: { usage: RecentUsage }) {
  const t = useWords(words)
  const name = useAgentName()
  const { agents, models, people } = usage
  return (
    <>
      <Table
        label={t.byAgent}
        rows={agents}
        heads={[t.agent, t.turns, t.steps, t.first50, t.p95, t.turn50, t.asked, t.rejected]}
        first={(row) => (
          <span className="row">
            <AgentMark agent={row.agent} size="xs" />
            {name(row.agent)}
          </span>
        )}
        cells={(row) => [
          count(row.turns),
          row.turns === 0 ? '–' : (row.calls / row.turns).toFixed(1),
          time(row.first_token_ms.p50),
          time(row.first_token_ms.p95),
          time(row.turn_ms.p50),
          count(row.asked),
          row.asked === 0 ? '–' : percent(row.rejected / row.asked),
        ]}
        keyOf={(row) => row.agent}
      />
      <Table
        label={t.byModel}
        rows={models}
        heads={[t.model, t.turns, t.calls, t.failedCalls, t.first50, t.p95]}
        first={(row) => <code>{row.model}</code>}
        cells={figureCells}
        keyOf={(row) => row.model}
      />
      {people.length > 1 && (
        <Table
          label={t.byPerson}
          rows={people}
          heads={[t.person, t.turns, t.calls, t.failedCalls, t.first50, t.p95]}
          first={(row) => (row.user === 'service' ? t.operators : row.user)}
          cells={figureCells}
          keyOf={(row) => row.user}
        />
      )}
    </>
  )
}

function figureCells(row: Omit<Figures, 'model'>): string[] {
  return [
    count(row.turns),
    count(row.calls),
    count(row.failed_calls),
    time(row.first_token_ms.p50),
    time(row.first_token_ms.p95),
  ]
}

function time(ms: number | null): string {
  return ms === null ? '–' : duration(ms)
}

interface TableProps<T> {
  readonly label: string
  readonly rows: readonly T[]
  readonly heads: readonly string[]
  readonly first: (row: T) => ReactNode
  readonly cells: (row: T) => readonly string[]
  readonly keyOf: (row: T) => string
}

function Table<T extends Omit<Figures, 'model'>>({ label, rows, heads, first, cells, keyOf }: TableProps<T>) {
  const t = useWords(words)
  const hasCost = rows.some(({ cost }) => cost > 0)
  const amountOf = (row: T) => (hasCost ? row.cost : row.input_tokens + row.output_tokens)
  const all = rows.reduce((sum, row) => sum + amountOf(row), 0)
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by keyboard
    <section className="panel wide" tabIndex={0} aria-label={label}>
      <table className="tb">
        <thead>
          <tr>
            {heads.map((head, index) => (
              <th key={head} className={index === 0 ? '' : 'r'}>
                {head}
              </th>
            ))}
            <th className="r">{t.allTokens}</th>
            <th className="r">{t.cost}</th>
            <th className="share">{hasCost ? t.share : t.shareTokens}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={keyOf(row)}>
              <td>{first(row)}</td>
              {cells(row).map((cell, index) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: the cells of a row do not move
                <td key={index} className="r">
                  {cell}
                </td>
              ))}
              <td className="r">{compact(row.input_tokens + row.output_tokens)}</td>
              <td className="r">{row.priced_calls === 0 ? '–' : money(row.cost)}</td>
              <td>
                <i className="hb" style={{ width: `${all === 0 ? 0 : (100 * amountOf(row)) / all}%` }} />
                <span className="vh">{percent(all === 0 ? 0 : amountOf(row) / all)}</span>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}
