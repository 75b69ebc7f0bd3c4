import './style.css'
import { useEffect, useState } from 'react'
import { common } from '../../i18n/common.ts'
import { clock, elapsed } from '../../i18n/format.ts'
import { useWords } from '../../i18n/language.ts'
import { Banner, Failed, Loading } from '../../kit/states.tsx'
import { useLoad } from '../../net/use-load.ts'
import { to } from '../../router.ts'
import { DeadLetterTable } from './dead-letters.tsx'
import { readKnown } from './known.ts'
import { Models } from './models.tsx'
import { Parts } from './parts.tsx'
import { Settings } from './settings.tsx'
import { ToolMatrix } from './tool-matrix.tsx'
import { words } from './words.ts'

const everyMs = 5_000

const places = ['parts', 'tools', 'models', 'dead-letters', 'settings'] as const
type Place = (typeof places)[number]

export default function View() {
  const t = useWords(words)
  const c = useWords(common)
  const { data, error, isLoading, reload } = useLoad('health', readKnown, { everyMs })
  const seen = useSeen(data)
  const status = data?.health.status
  const names: Record<Place, string> = {
    parts: t.overview,
    tools: t.tools,
    models: t.models,
    'dead-letters': t.deadLetters,
    settings: t.settings,
  }
  const shown = places.filter((place) => data?.overview || !['dead-letters', 'settings'].includes(place))
  return (
    <section className="view s-health" aria-label={c.health}>
      <header className="top">
        <h1>{c.health}</h1>
        {status && error === undefined && (
          <span className={`chip ${status === 'healthy' ? 'ok' : 'bad'}`}>
            <span className={`livedot ${status === 'healthy' ? '' : 'off'}`} />
            {{ healthy: t.ready, degraded: t.degraded, unhealthy: t.notReady }[status]}
          </span>
        )}
        {data?.overview?.details['paused'] === true && <span className="chip bad">{t.paused}</span>}
        <span className="grow" />
        {data && (
          <span className="mute num no-phone">
            {data.health.version} · {t.uptime(elapsed((data.health.uptime_seconds ?? 0) * 1000))} · {location.host}
          </span>
        )}
        <a className="btn" href={to('first-run')}>
          {t.setUp}
        </a>
      </header>
      <nav className="snav no-phone" aria-label={c.health}>
        {shown.map((place) => (
          <button key={place} type="button" onClick={() => document.getElementById(place)?.scrollIntoView()}>
            {names[place]}
            {place === 'dead-letters' && (data?.letters?.total ?? 0) > 0 && (
              <span className="chip bad num">{data?.letters?.total}</span>
            )}
          </button>
        ))}
      </nav>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by keyboard */}
      <section className="page" tabIndex={0} aria-label={t.overview}>
        <div className="grid">
          {error !== undefined && data && <Banner kind="bad">{t.asOf(clock(seen))}</Banner>}
          {error !== undefined && !data && <Failed error={error} onRetry={reload} />}
          {isLoading && !data && <Loading rows={6} />}
          {data && (
            <>
              <Parts known={data} isAway={error !== undefined} onChanged={reload} />
              <ToolMatrix known={data} />
              <Models models={data.models.models} />
              {data.letters && data.letters.total > 0 && <DeadLetterTable letters={data.letters} />}
              {data.overview ? <Settings settings={data.overview.settings} /> : <p className="mute">{t.operators}</p>}
            </>
          )}
        </div>
      </section>
    </section>
  )
}

function useSeen(data: unknown): number {
  const [seen, setSeen] = useState(Date.now)
  useEffect(() => {
    if (data) setSeen(Date.now())
  }, [data])
  return seen
}
