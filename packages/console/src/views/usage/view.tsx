import './style.css'
import type { RecentUsage } from '@codelab/protocol'
import { lazy, Suspense, useState } from 'react'
import { compact, count, duration, money, percent, shortTime } from '../../i18n/format.ts'
import { useWords } from '../../i18n/language.ts'
import { useAgentName } from '../../kit/agent.tsx'
import { Segments } from '../../kit/button.tsx'
import { Chevron } from '../../kit/icon.tsx'
import { Menu } from '../../kit/menu.tsx'
import { Banner, Empty, Failed, Loading } from '../../kit/states.tsx'
import { call } from '../../net/api.ts'
import { useLoad } from '../../net/use-load.ts'
import { Tables } from './tables.tsx'
import { words } from './words.ts'

/** The chart library is a chunk of its own. */
const Plots = lazy(() => import('./plots.tsx'))

const everyMs = 30_000
type Hours = '1' | '24' | '168' | '720'

export default function View() {
  const t = useWords(words)
  const name = useAgentName()
  const [hours, setHours] = useState<Hours>('24')
  const [agent, setAgent] = useState<string>()
  const [model, setModel] = useState<string>()
  const path = pathOf(hours, agent, model)
  const { data, error, isLoading, reload } = useLoad(
    path,
    (signal) => call<RecentUsage>('GET', path, undefined, signal),
    { everyMs },
  )
  const all = useLoad(`/usage/recent?hours=${hours}`, (signal) =>
    call<RecentUsage>('GET', `/usage/recent?hours=${hours}`, undefined, signal),
  ).data
  return (
    <section className="view" aria-label={t.title}>
      <header className="top">
        <h1>{t.title}</h1>
        <span className="grow" />
        <Picker
          label={t.allAgents}
          value={agent}
          options={all?.agents.map((one) => [one.agent, name(one.agent)]) ?? []}
          onChoose={setAgent}
        />
        <Picker
          label={t.allModels}
          value={model}
          options={all?.models.map((one) => [one.model, one.model]) ?? []}
          onChoose={setModel}
        />
        <Segments
          label={t.range}
          value={hours}
          options={[
            ['1', t.h1],
            ['24', t.h24],
            ['168', t.h168],
            ['720', t.h720],
          ]}
          onChoose={setHours}
        />
      </header>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by keyboard */}
      <section className="page" tabIndex={0} aria-label={t.figures}>
        {error !== undefined && <Failed error={error} onRetry={reload} />}
        {isLoading && !data && <Loading rows={6} />}
        {data && (
          <div className="grid">
            {!data.complete && <Banner>{t.notAll(shortTime(data.from))}</Banner>}
            <Figures usage={data} />
            {data.total.turns === 0 && data.total.calls === 0 && (
              <Empty title={t.none}>
                <span>{t.noneHint}</span>
              </Empty>
            )}
            <Suspense fallback={<div className="plots-room" />}>
              <Plots usage={data} />
            </Suspense>
            {data.agents.length > 0 && <Tables usage={data} />}
          </div>
        )}
      </section>
    </section>
  )
}

function pathOf(hours: Hours, agent: string | undefined, model: string | undefined): string {
  const query = new URLSearchParams({
    hours,
    ...(agent !== undefined && { agent }),
    ...(model !== undefined && { model }),
  })
  return `/usage/recent?${query}`
}

function Picker({
  label,
  value,
  options,
  onChoose,
}: {
  label: string
  value: string | undefined
  options: readonly (readonly [string, string])[]
  onChoose: (value: string | undefined) => void
}) {
  const shown = options.find(([option]) => option === value)?.[1] ?? value ?? label
  return (
    <span className="no-phone">
      <Menu
        label={label}
        className="pick"
        items={[
          { text: label, isChosen: value === undefined, onChoose: () => onChoose(undefined) },
          ...options.map(([option, text]) => ({ text, isChosen: option === value, onChoose: () => onChoose(option) })),
        ]}
      >
        {shown}
        <Chevron />
      </Menu>
    </span>
  )
}

function Figures({ usage: { total } }: { usage: RecentUsage }) {
  const t = useWords(words)
  const { turns, cost, decisions, first_token_ms: first } = total
  const isPriced = total.priced_calls > 0
  const allPriced = total.priced_calls === total.calls
  return (
    <dl className="kpis">
      <Figure name={t.turns} value={count(turns)} note={t.failedCount(total.failed_turns)} />
      <Figure
        name={t.cost}
        value={isPriced ? money(cost) : '–'}
        note={
          !isPriced
            ? t.noPrice
            : allPriced
              ? t.aTurn(money(turns === 0 ? 0 : cost / turns))
              : t.somePrice(percent(total.priced_calls / total.calls))
        }
      />
      <Figure
        name={t.tokens}
        value={compact(total.input_tokens)}
        small={`/ ${compact(total.output_tokens)}`}
        note={t.fromCache(percent(total.input_tokens === 0 ? 0 : total.cached_tokens / total.input_tokens))}
      />
      <Figure
        name={t.firstToken}
        value={first.p95 === null ? '–' : duration(first.p95)}
        note={first.p50 === null ? '' : t.median(duration(first.p50))}
      />
      <Figure
        name={t.failedTurns}
        value={turns === 0 ? '–' : percent(total.failed_turns / turns)}
        note={t.failedCount(total.failed_turns)}
      />
      <Figure
        name={t.approvals}
        value={decisions.wait_ms.p50 === null ? '–' : duration(decisions.wait_ms.p50)}
        note={
          decisions.decided === 0
            ? t.noDecisions
            : t.decisions(decisions.decided, percent(decisions.rejected / decisions.decided))
        }
      />
    </dl>
  )
}

function Figure({ name, value, small, note }: { name: string; value: string; small?: string; note: string }) {
  return (
    <div className="kpi">
      <dt>{name}</dt>
      <dd className="num">
        {value} {small && <small>{small}</small>}
      </dd>
      <dd className="dlt">{note}</dd>
    </div>
  )
}
