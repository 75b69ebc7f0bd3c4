import type { TimelineModelCall } from '@codelab/protocol'
import type { ReactNode } from 'react'
import { common } from '../../i18n/common.ts'
import { clock, compact, duration, fullTime, percent } from '../../i18n/format.ts'
import { useWords } from '../../i18n/language.ts'
import { useAgentName } from '../../kit/agent.tsx'
import { Button, IconButton } from '../../kit/button.tsx'
import { copyText } from '../../kit/copy-button.tsx'
import { toast } from '../../kit/toast.tsx'
import { to } from '../../router.ts'
import { decisionText } from './describe.tsx'
import type { CallFacts, Row } from './row.ts'
import type { Turn } from './turns.ts'
import { words } from './words.ts'

interface InspectorProps {
  readonly row: Row
  readonly turn: Turn
  readonly sessionId: string
  /** Where there is little room it is shown only then. */
  readonly isAsked: boolean
  readonly onClose: () => void
}

/** Everything that is known of a row. */
export function Inspector({ row, turn, sessionId, isAsked, onClose }: InspectorProps) {
  const t = useWords(words)
  const c = useWords(common)
  return (
    <aside className={isAsked ? 'insp tlinsp asked' : 'insp tlinsp'} aria-label={t.details}>
      <IconButton className="close" icon="x" label={c.close} onClick={onClose} />
      <Facts row={row} turn={turn} />
      <section className="acts">
        <a className="btn" href={to('session', sessionId)}>
          {t.inConversation}
        </a>
        <Button
          icon="copy"
          onClick={() => void copyText(JSON.stringify(row, null, 2), c.copied).catch(() => toast({ text: c.failed }))}
        >
          {t.copyJson}
        </Button>
      </section>
    </aside>
  )
}

function Facts({ row, turn }: { row: Row; turn: Turn }): ReactNode {
  const t = useWords(words)
  const agentName = useAgentName()
  switch (row.kind) {
    case 'turn':
      return <TurnFacts row={row} turn={turn} />
    case 'switch': {
      const { from, to, reason, confidence, by } = row.facts
      const who = { router: t.byRouter, agent: t.byAgent, person: t.byPerson }[by] ?? by
      const sure = { high: t.high, medium: t.medium, low: t.low }[confidence ?? '']
      return (
        <>
          <section>
            <h2>
              {by === 'router' ? t.choice : t.handOver}
              <span>{sure}</span>
            </h2>
            <Pairs
              pairs={[
                [t.from, agentName(from)],
                [t.to, agentName(to)],
                [t.by, who],
                [t.started, <When key="at" at={row.start} />],
              ]}
            />
          </section>
          {reason !== '' && <Said title={t.why} text={reason} />}
          {row.model && <ModelFacts model={row.model} />}
        </>
      )
    }
    case 'step': {
      const models = turn.rows.flatMap((other) =>
        other.kind === 'model' && other.parent === row.id ? [other.model] : [],
      )
      const calls = turn.rows.flatMap((other) => (other.kind === 'call' && other.parent === row.id ? [other.call] : []))
      return (
        <>
          <section>
            <h2>
              {t.step(row.number)}
              <span>{agentName(row.agent)}</span>
            </h2>
            <Pairs
              pairs={[
                [t.started, <When key="at" at={row.start} />],
                [t.took, duration(row.end - row.start)],
                ...calls.map((call) => [call.tool, <code key={call.callId}>{call.subject}</code>] as const),
              ]}
            />
          </section>
          {models.map((model) => (
            <Tokens key={`${model.at} ${model.model}`} model={model} />
          ))}
        </>
      )
    }
    case 'model':
      return (
        <>
          <ModelFacts model={row.model} step={t.step(row.step)} />
          <Tokens model={row.model} />
          {row.model.error && <Said title={t.error} text={row.model.error.text} />}
        </>
      )
    default:
      return <CallDetails call={row.call} start={row.start} />
  }
}

function TurnFacts({ row, turn }: { row: Row & { kind: 'turn' }; turn: Turn }) {
  const t = useWords(words)
  const outcomes: Readonly<Record<string, string>> = {
    completed: t.completed,
    failed: t.failedTurn,
    cancelled: t.stopped,
    interrupted: t.interrupted,
    open: t.openTurn,
  }
  return (
    <>
      <section>
        <h2>{t.turn}</h2>
        <Pairs
          pairs={[
            [t.started, <When key="at" at={row.start} />],
            [t.took, duration(row.end - row.start)],
            [t.outcome, outcomes[turn.outcome] ?? turn.outcome],
            [t.steps, String(turn.rows.filter(({ kind }) => kind === 'step').length)],
          ]}
        />
      </section>
      {row.said !== '' && <p className="said sec">{row.said}</p>}
    </>
  )
}

function ModelFacts({ model, step }: { model: TimelineModelCall; step?: string }) {
  const t = useWords(words)
  const writing = model.duration_ms - (model.first_token_ms ?? 0)
  const share = model.context_tokens === null ? undefined : model.input_tokens / model.context_tokens
  return (
    <section>
      <h2>
        {t.modelCall}
        <span>{step}</span>
      </h2>
      <Pairs
        pairs={[
          [
            t.model,
            <span key="model" className="mono">
              {model.model}
            </span>,
          ],
          [t.provider, model.provider],
          [t.insteadOf, model.instead_of ?? undefined],
          [t.firstToken, model.first_token_ms === null ? undefined : duration(model.first_token_ms)],
          [t.whole, duration(model.duration_ms)],
          [
            t.speed,
            model.output_tokens > 0 && writing > 0
              ? t.perSecond(Math.round(model.output_tokens / (writing / 1000)))
              : undefined,
          ],
          [t.context, share === undefined ? undefined : percent(share)],
          [t.ended, model.finish?.replaceAll('-', ' ')],
          [t.attemptsHead, model.attempts > 1 ? String(model.attempts) : undefined],
        ]}
      />
    </section>
  )
}

function Tokens({ model }: { model: TimelineModelCall }) {
  const t = useWords(words)
  const { cached_tokens: cached, output_tokens: output } = model
  const fresh = Math.max(0, model.input_tokens - cached)
  const total = Math.max(1, cached + fresh + output)
  const width = (count: number) => ({ width: `${(count / total) * 100}%` })
  return (
    <section>
      <h2>
        {t.tokensHead}
        <span>{t.inOut(compact(model.input_tokens), compact(output))}</span>
      </h2>
      <div className="meter" role="img" aria-label={`${t.fromCache}: ${percent(cached / total)}`}>
        <i className="m3" style={width(cached)} />
        <i className="m1" style={width(fresh)} />
        <i className="m2" style={width(output)} />
      </div>
      <div className="leg">
        <span>
          <i className="sw c3" />
          {t.fromCache}
        </span>
        <b>{compact(cached)}</b>
        <span>
          <i className="sw c1" />
          {t.newInput}
        </span>
        <b>{compact(fresh)}</b>
        <span>
          <i className="sw c2" />
          {t.output}
        </span>
        <b>{compact(output)}</b>
      </div>
    </section>
  )
}

function CallDetails({ call, start }: { call: CallFacts; start: number }) {
  const t = useWords(words)
  const ms = (span: CallFacts['waited']) => (span ? duration(span.end - span.start) : undefined)
  return (
    <>
      <section>
        <h2>
          <code>{call.tool}</code>
          <span>{t.step(call.step)}</span>
        </h2>
        {call.subject !== '' && <p className="subject mono">{call.subject}</p>}
        <Pairs
          pairs={[
            [t.started, <When key="at" at={start} />],
            [t.waited, ms(call.waited)],
            [t.ran, ms(call.worked)],
            [t.decision, call.decision === undefined ? undefined : decisionText(call, t)],
          ]}
        />
      </section>
      {call.rule !== undefined && <Said title={call.waited ? t.asked : t.allowed} text={call.rule} />}
      {call.feedback !== undefined && <Said title={t.why} text={`“${call.feedback}”`} />}
      {call.error !== undefined && call.error !== '' && <Said title={t.error} text={call.error} />}
    </>
  )
}

function Said({ title, text }: { title: string; text: string }) {
  return (
    <section>
      <h2>{title}</h2>
      <p className="sec">{text}</p>
    </section>
  )
}

function When({ at }: { at: number }) {
  return (
    <time dateTime={new Date(at).toISOString()} title={fullTime(at)}>
      {clock(at)}
    </time>
  )
}

function Pairs({ pairs }: { pairs: readonly (readonly [string, ReactNode])[] }) {
  return (
    <dl className="kv">
      {pairs
        .filter(([, value]) => value !== undefined)
        .map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  )
}
