import type { SessionContext, SessionUsage } from '@codelab/protocol'
import { memo } from 'react'
import { common } from '../../i18n/common.ts'
import { clock, compact, duration, money, percent } from '../../i18n/format.ts'
import { useWords } from '../../i18n/language.ts'
import { IconButton } from '../../kit/button.tsx'
import { CopyButton } from '../../kit/copy-button.tsx'
import { useNow } from '../../kit/use-now.ts'
import { api } from '../../net/api.ts'
import { useLoad } from '../../net/use-load.ts'
import type { CallItem, Transcript, TurnFacts } from '../../session/items.ts'
import { Decisions } from './decisions.tsx'
import { words } from './words.ts'

/** What the session takes, costs and was decided, beside the conversation. */
export const Inspector = memo(function Inspector({
  sessionId,
  transcript,
  isSheet,
  onClose,
}: {
  sessionId: string
  transcript: Transcript
  /** Where it has no column of its own, it lies over the conversation when it is asked for. */
  isSheet: boolean
  onClose: () => void
}) {
  const c = useWords(common)
  const t = useWords(words)
  const steps = transcript.turns.reduce((sum, turn) => sum + turn.steps, 0)
  const isEmpty = transcript.lastSeq === 0
  return (
    <aside
      className={isSheet ? 'insp is-sheet' : 'insp'}
      aria-label={t.details}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by keyboard
      tabIndex={0}
      onKeyDown={(event) => event.key === 'Escape' && onClose()}
    >
      <IconButton icon="x" className="for-narrow close" label={c.close} onClick={onClose} />
      {!isEmpty && <Context key={`c ${steps}`} sessionId={sessionId} steps={steps} />}
      <Turn sessionId={sessionId} transcript={transcript} steps={steps} />
      <Decisions transcript={transcript} />
      <section>
        <h2>{t.workspace}</h2>
        <dl className="kv">
          <dt>{t.sessionId}</dt>
          <dd className="mono cut" title={sessionId}>
            {sessionId.length > 16 ? `${sessionId.slice(0, 14)}…` : sessionId}
          </dd>
        </dl>
        <div className="row attach">
          <span className="mute grow">{t.goOnInTerminal}</span>
          <CopyButton text={`codelab chat --session ${sessionId}`} />
        </div>
      </section>
    </aside>
  )
})

function Context({ sessionId, steps }: { sessionId: string; steps: number }) {
  const t = useWords(words)
  const { data } = useLoad<SessionContext>(`context ${sessionId} ${steps}`, () => api.context(sessionId))
  const all = data?.context_tokens ?? null
  const of = (names: readonly string[]) =>
    (data?.sections ?? []).filter(({ name }) => names.includes(name)).reduce((sum, { tokens }) => sum + tokens, 0)
  const [history, total] = [of(['history']), data?.estimated_tokens ?? 0]
  const prompt = total - history
  const width = (tokens: number) => ({ width: `${Math.min(100, (tokens / (all ?? Math.max(total, 1))) * 100)}%` })
  const label = all === null ? t.contextUnknown : t.contextOf(compact(total), compact(all), percent(total / all))
  return (
    <section>
      <h2>
        {t.context} <span className={all !== null && total / all > 0.9 ? 'minus' : ''}>{data && label}</span>
      </h2>
      <div className="meter" role="img" aria-label={`${t.context}: ${label}`}>
        {all !== null && (
          <>
            <i className="m1" style={width(prompt)} />
            <i className="m3" style={width(history)} />
          </>
        )}
      </div>
      <div className="leg">
        <span>
          <i className="sw c1" />
          {t.prompt}
        </span>
        <b>{compact(prompt)}</b>
        <span>
          <i className="sw c3" />
          {t.history}
        </span>
        <b>{compact(history)}</b>
      </div>
    </section>
  )
}

function Turn({ sessionId, transcript, steps }: { sessionId: string; transcript: Transcript; steps: number }) {
  const t = useWords(words)
  const turn = transcript.turns.at(-1)
  const { data } = useLoad<SessionUsage>(`usage ${sessionId} ${steps} ${transcript.state}`, () => api.usage(sessionId))
  if (!turn) return null
  const cost = data?.total.cost
  return (
    <section>
      <h2>
        {t.thisTurn} <span>{t.turn(turn.index)}</span>
      </h2>
      <dl className="kv">
        <dt>{t.elapsed}</dt>
        <dd>
          <Elapsed turn={turn} />
        </dd>
        <Waited transcript={transcript} turn={turn} />
        <dt>{t.modelTime}</dt>
        <dd>{duration(turn.modelMs)}</dd>
        <dt>{t.modelCalls}</dt>
        <dd>{turn.steps}</dd>
        <dt>{t.toolCalls}</dt>
        <dd>{t.failedOf(turn.toolCalls, turn.failedCalls)}</dd>
        <dt>{t.tokensInOut}</dt>
        <dd>
          {compact(turn.inputTokens)} / {compact(turn.outputTokens)}
        </dd>
        {turn.inputTokens > 0 && (
          <>
            <dt>{t.fromCache}</dt>
            <dd>{percent(turn.cachedTokens / turn.inputTokens)}</dd>
          </>
        )}
        <dt>
          {t.cost}, {t.wholeSession.toLowerCase()}
        </dt>
        <dd>{data === undefined ? '' : typeof cost === 'number' ? money(cost) : t.costUnknown}</dd>
      </dl>
    </section>
  )
}

function Elapsed({ turn }: { turn: TurnFacts }) {
  const now = useNow(1000)
  const end = turn.endedAt === undefined ? now : Date.parse(turn.endedAt)
  return <span title={clock(turn.startedAt)}>{duration(Math.max(0, end - Date.parse(turn.startedAt)))}</span>
}

function Waited({ transcript, turn }: { transcript: Transcript; turn: TurnFacts }) {
  const t = useWords(words)
  const now = useNow(1000)
  const asked = transcript.items.filter(
    (item): item is CallItem => item.kind === 'call' && item.turnId === turn.id && item.approval !== undefined,
  )
  if (asked.length === 0) return null
  const ms = asked.reduce((sum, { approval, endedAt }) => {
    if (!approval) return sum
    const end = approval.decidedAt ?? endedAt
    return sum + (end === undefined ? now : Date.parse(end)) - Date.parse(approval.requestedAt)
  }, 0)
  return (
    <>
      <dt>{t.waitingForPerson}</dt>
      <dd>{duration(Math.max(0, ms))}</dd>
    </>
  )
}
