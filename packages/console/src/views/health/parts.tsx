import type { ReplayedDeadLetters } from '@codelab/protocol'
import type { ReactNode } from 'react'
import { bytes, clock, count } from '../../i18n/format.ts'
import { useWords } from '../../i18n/language.ts'
import { Button } from '../../kit/button.tsx'
import { Status } from '../../kit/icon.tsx'
import { toast } from '../../kit/toast.tsx'
import { call } from '../../net/api.ts'
import { tell } from '../../net/failure.ts'
import type { Known } from './known.ts'
import { words } from './words.ts'

type Details = Readonly<Record<string, unknown>>

/** A row for each thing that the server stands on: its mark, what it is, and what to do where something is wrong. */
export function Parts({ known, isAway, onChanged }: { known: Known; isAway: boolean; onChanged: () => void }) {
  const t = useWords(words)
  const { overview, letters, models } = known
  const details: Details = overview?.details ?? {}
  const standard = models.models.find((model) => model.default)
  const state = standard?.upstream?.state
  const retryMs = standard?.upstream?.retry_after_ms ?? 0
  const isUp = details['database'] === 'ok'
  const isLow = details['disk'] === 'low'
  return (
    <section className="panel" id="parts" aria-label={t.parts}>
      {overview && (
        <Part name={t.database} mark={mark(isUp && !isLow, isAway)} side={sizeText(details['disk_free_bytes'], t.free)}>
          {isUp ? `${engineName(details['engine'])}, ${t.schema(String(details['schema']))}` : t.databaseAway}
          {isLow && ` ${t.diskLow}`}
        </Part>
      )}
      {standard && (
        <Part name={t.upstream} mark={standard.upstream === null ? 'idle' : mark(state === 'closed', isAway)}>
          {state && <span className={`chip ${state === 'closed' ? 'ok' : 'bad'}`}>{t.breaker(state)}</span>}{' '}
          {standard.upstream === null
            ? t.demo
            : state === 'closed'
              ? `${standard.alias} · ${standard.provider}`
              : t.failuresNow(numberIn(upstreamIn(details)['failures']), Math.ceil(retryMs / 1000))}
        </Part>
      )}
      {overview && (
        <>
          <Part name={t.replicas} mark={mark(true, isAway)} side={t.lastSeen(lastBeat(known))}>
            {t.replicaCount(overview.replicas.length)}
          </Part>
          <Part
            name={t.log}
            mark={mark(
              overview.handlers.every((one) => one.events_behind < 1_000),
              isAway,
            )}
          >
            {t.events(count(overview.events))}, {lagText(known, t)}
          </Part>
          <Part
            name={t.deadLetters}
            mark={mark(overview.dead_letters === 0, isAway)}
            side={
              letters &&
              overview.dead_letters > 0 && (
                <Button icon="retry" onClick={() => void replay(t, onChanged)}>
                  {t.deliverAgain}
                </Button>
              )
            }
          >
            {overview.dead_letters === 0 ? t.noLetters : t.letters(overview.dead_letters)}
          </Part>
          <Part name={t.load} mark={mark(true, isAway)} side={bytes(overview.memory_bytes)}>
            {[
              t.runs(numberIn(details['runs_active'])),
              t.waiting(numberIn(details['inputs_waiting'])),
              t.loop(Math.round(numberIn(details['event_loop_delay_ms']))),
            ].join(', ')}
          </Part>
        </>
      )}
    </section>
  )
}

type Mark = 'good' | 'bad' | 'idle'

function mark(isGood: boolean, isAway: boolean): Mark {
  if (isAway) return 'idle'
  return isGood ? 'good' : 'bad'
}

function Part({ name, mark, side, children }: { name: string; mark: Mark; side?: ReactNode; children: ReactNode }) {
  return (
    <div className="hrow">
      <Status name={mark} />
      <b>{name}</b>
      <span className="what">{children}</span>
      <span className="num mute">{side}</span>
    </div>
  )
}

type Words = ReturnType<typeof useWords<typeof words.en>>

async function replay(t: Words, done: () => void): Promise<void> {
  try {
    const { replayed, remaining } = await call<ReplayedDeadLetters>('POST', '/events/dead-letters/replay', {
      all: true,
    })
    toast({ text: t.delivered(replayed, remaining) })
    done()
  } catch (error) {
    toast({ text: tell(error).text })
  }
}

function lagText({ overview }: Known, t: Words): string {
  const behind = overview?.handlers.filter((one) => one.events_behind > 0) ?? []
  if (behind.length === 0) return t.upToDate
  return behind.map((one) => t.behind(one.handler, one.events_behind)).join(', ')
}

function lastBeat({ overview }: Known): string {
  const times = overview?.replicas.map(({ beat_at: at }) => Date.parse(at)) ?? []
  return times.length === 0 ? '–' : clock(Math.max(...times))
}

function engineName(engine: unknown): string {
  return engine === 'postgres' ? 'PostgreSQL' : 'SQLite'
}

function sizeText(size: unknown, say: (text: string) => string): string {
  return typeof size === 'number' ? say(bytes(size)) : ''
}

function upstreamIn(details: Details): Details {
  const { upstream } = details
  return typeof upstream === 'object' && upstream !== null ? (upstream as Details) : {}
}

function numberIn(value: unknown): number {
  return typeof value === 'number' ? value : 0
}
