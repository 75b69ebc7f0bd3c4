import './style.css'
import {
  ApiError,
  type Health,
  type ModelList,
  type Overview,
  type SessionList,
  type SignInState,
} from '@codelab/protocol'
import { useState } from 'react'
import { common } from '../../i18n/common.ts'
import { count } from '../../i18n/format.ts'
import { useWords } from '../../i18n/language.ts'
import { Button } from '../../kit/button.tsx'
import { Snippet } from '../../kit/copy-button.tsx'
import { Icon, Status, type StatusName } from '../../kit/icon.tsx'
import { Failed, Loading } from '../../kit/states.tsx'
import { api, call } from '../../net/api.ts'
import { useLoad } from '../../net/use-load.ts'
import { to } from '../../router.ts'
import { ProviderLines } from './provider-lines.tsx'
import { words } from './words.ts'

const everyMs = 5_000

interface Known {
  readonly health: Health
  readonly models: ModelList
  readonly sessions: SessionList
  readonly signIn: SignInState
  /** Undefined for who is no operator. */
  readonly overview: Overview | undefined
}

async function read(signal: AbortSignal): Promise<Known> {
  const [health, models, sessions, signIn, overview] = await Promise.all([
    api.health(),
    api.models(),
    api.listSessions({ limit: 1 }),
    call<SignInState>('GET', '/auth/me', undefined, signal),
    call<Overview>('GET', '/overview', undefined, signal).catch((error: unknown) => {
      if (error instanceof ApiError && error.status === 403) return undefined
      throw error
    }),
  ])
  return { health, models, sessions, signIn, overview }
}

export default function View() {
  const t = useWords(words)
  const c = useWords(common)
  const { data, error, isLoading, reload } = useLoad('first-run', read, { everyMs })
  const isDemo = data?.health.model === 'demo'
  return (
    <section className="view" aria-label={c.setUp}>
      <header className="top">
        <h1>{c.setUp}</h1>
        {data && (
          <span className={`chip ${data.health.status === 'unhealthy' ? 'bad' : 'ok'}`}>
            <span className={`livedot ${data.health.status === 'unhealthy' ? 'off' : ''}`} />
            {data.health.status === 'unhealthy' ? t.notReady : t.ready}
          </span>
        )}
        {isDemo && <span className="chip line">{t.demoModel}</span>}
        <span className="grow" />
        {data && (
          <span className="mute num no-phone">
            {data.health.version} · {location.host}
          </span>
        )}
      </header>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by keyboard */}
      <section className="page" tabIndex={0} aria-label={t.steps}>
        <div className="grid first-run">
          {error !== undefined && <Failed error={error} onRetry={reload} />}
          {isLoading && !data && <Loading rows={5} />}
          {data && (
            <>
              <Connect isDemo={isDemo} model={data.health.model ?? ''} onCheck={reload} />
              <Ways />
              <State known={data} isDemo={isDemo} />
            </>
          )}
        </div>
      </section>
    </section>
  )
}

function Connect({ isDemo, model, onCheck }: { isDemo: boolean; model: string; onCheck: () => void }) {
  const t = useWords(words)
  const [isAsked, ask] = useState(false)
  return (
    <section className="first" aria-label={t.connect}>
      <div className="l">
        <h2>{isDemo ? t.onDemo : t.onReal(model)}</h2>
        <p className="sec">{isDemo ? t.demoHint : t.realHint}</p>
        <ol>
          <li>
            <span>{t.step1}</span>
          </li>
          <li>
            <span>
              {t.step2before} <code>.env</code> {t.step2after}
            </span>
          </li>
          <li>
            <span>{t.step3}</span>
          </li>
        </ol>
        {isDemo && (
          <>
            <div className="row">
              <Button
                kind="pri"
                onClick={() => {
                  ask(true)
                  onCheck()
                }}
              >
                {t.check}
              </Button>
              <a className="btn ghost" href={to('try')}>
                {t.stay}
              </a>
            </div>
            {isAsked && (
              <p className="checked" role="status">
                <Status name="idle" label="" />
                {t.stillDemo}
              </p>
            )}
          </>
        )}
      </div>
      <ProviderLines />
    </section>
  )
}

function Ways() {
  const t = useWords(words)
  return (
    <div className="three">
      <section className="panel card">
        <h2>{t.tryTitle}</h2>
        <p>{t.tryHint}</p>
        <div className="row">
          <a className="btn" href={to('try')}>
            <Icon name="try" size="s" />
            {t.openTry}
          </a>
        </div>
      </section>
      <section className="panel card">
        <h2>{t.chatTitle}</h2>
        <p>{t.chatHint}</p>
        <Snippet label={`${t.lines}: ${t.chatTitle}`} text={'cd ~/work/orders-api\ncodelab chat'} />
      </section>
      <section className="panel card">
        <h2>{t.ideTitle}</h2>
        <p>{t.ideHint}</p>
        <Snippet
          label={`${t.lines}: ${t.ideTitle}`}
          text={`GATEWAY__AGENT_URL=${location.origin}\nGATEWAY__INTERNAL_API_KEY=${t.ideKey}`}
        />
      </section>
    </div>
  )
}

function State({ known: { overview, models, sessions, signIn }, isDemo }: { known: Known; isDemo: boolean }) {
  const t = useWords(words)
  const { database, engine, schema } = overview?.details ?? {}
  const [standard] = models.models
  const isOpen = signIn.sign_in === 'not_needed'
  const rows: readonly (readonly [string, StatusName, string, string?])[] = [
    overview
      ? [
          t.database,
          database === 'ok' ? 'good' : 'bad',
          t.schema(engine === 'postgres' ? 'PostgreSQL' : 'SQLite', String(schema)),
        ]
      : [t.database, 'idle', t.operators],
    [
      t.model,
      isDemo ? 'idle' : 'good',
      isDemo || !standard ? t.modelDemo : t.modelReal(standard.alias, standard.provider),
    ],
    isOpen
      ? [t.access, 'good', t.accessOpen, 'CODELAB_INTERNAL_API_KEY']
      : [t.access, 'good', t.accessKey, 'codelab keys create --user NAME'],
    [t.sessions, 'good', sessions.total === 0 ? t.sessionCount(0) : count(sessions.total)],
  ]
  return (
    <section className="panel" aria-label={t.state}>
      {rows.map(([name, mark, text, code]) => (
        <div className="hrow" key={name}>
          <Status name={mark} />
          <b>{name}</b>
          <span>
            {text} {code && <code>{code}</code>}
          </span>
        </div>
      ))}
    </section>
  )
}
