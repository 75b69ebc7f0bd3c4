import './style.css'
import type { Inbox, InboxApproval } from '@codelab/protocol'
import { useEffect, useRef, useState } from 'react'
import { common } from '../../i18n/common.ts'
import { clock } from '../../i18n/format.ts'
import { useWords } from '../../i18n/language.ts'
import { Segments } from '../../kit/button.tsx'
import { Banner, Empty, Failed, Loading } from '../../kit/states.tsx'
import { call } from '../../net/api.ts'
import { useLoad } from '../../net/use-load.ts'
import { readInboxNow } from '../../shell/inbox.ts'
import { Card, titleOf } from './card.tsx'
import { factsOf } from './facts.ts'
import { type Outcome, outcomeOf, Receipt } from './receipt.tsx'
import { words } from './words.ts'

const waitingMs = 1000
const decidedMs = 5000

export default function View() {
  const t = useWords(words)
  const c = useWords(common)
  const [shown, show] = useState<'waiting' | 'decided'>('waiting')
  const [count, setCount] = useState(0)
  return (
    <section className="view" aria-label={c.approvals}>
      <header className="top">
        <h1>{c.approvals}</h1>
        {count > 0 && <span className="chip wait num">{t.waitingCount(count)}</span>}
        <span className="grow" />
        <Segments
          label={t.show}
          value={shown}
          options={[
            ['waiting', t.waiting],
            ['decided', t.decided],
          ]}
          onChoose={show}
        />
      </header>
      {shown === 'waiting' ? <Waiting onCount={setCount} /> : <Decided />}
    </section>
  )
}

interface Done {
  readonly approval: InboxApproval
  readonly outcome: Outcome
  readonly at: number
}

const keyOf = ({ session_id: sessionId, call_id: callId }: InboxApproval) => `${sessionId} ${callId}`

function Waiting({ onCount }: { onCount: (count: number) => void }) {
  const t = useWords(words)
  const { data, error, isLoading, reload } = useLoad(
    'waiting',
    (signal) => call<Inbox>('GET', '/approvals', undefined, signal),
    {
      everyMs: waitingMs,
    },
  )
  const now = useNow()
  const [done, setDone] = useState<ReadonlyMap<string, Done>>(new Map())
  const cards = useStanding(data?.approvals, done)
  const open = cards.filter(({ isOpen }) => isOpen)
  const waiting = Math.max(open.length, data?.waiting ?? 0)
  const list = useRef<HTMLDivElement>(null)
  useEffect(() => {
    onCount(open.length === 0 ? 0 : waiting)
  }, [waiting, open.length, onCount])

  // What is gone, and was not decided here, was decided somewhere else: noted once, with the time it was seen.
  useEffect(() => {
    const gone = cards.filter((card) => !card.isOpen && !done.has(keyOf(card.approval)))
    if (gone.length === 0) return
    const at = Date.now()
    const noted = gone.map(({ approval }) => [keyOf(approval), { approval, outcome: 'elsewhere', at }] as const)
    setDone((before) => new Map([...before, ...noted].slice(-mostKept)))
  }, [cards, done])

  const decided = (approval: InboxApproval, outcome: Outcome) => {
    setDone(
      (before) =>
        new Map([...before, [keyOf(approval), { approval, outcome, at: Date.now() }] as const].slice(-mostKept)),
    )
    reload()
    readInboxNow()
    // The next one that waits gets the focus.
    requestAnimationFrame(() => list.current?.querySelector<HTMLElement>('.item')?.focus())
  }
  const seenAt = useSeenAt(data)
  return (
    <div className="page inbox-page">
      {error !== undefined && data && <Banner kind="bad">{t.asOf(clock(seenAt))}</Banner>}
      {error !== undefined && !data && <Failed error={error} onRetry={reload} />}
      {isLoading && !data && <Loading rows={4} />}
      <Announcer approvals={open.map(({ approval }) => approval)} />
      <div className="inbox" ref={list}>
        {cards.map(({ approval, isOpen }) => {
          const key = keyOf(approval)
          const receipt = done.get(key)
          if (receipt) return <Receipt key={key} {...receipt} />
          if (!isOpen) return null
          return (
            <Card
              key={key}
              approval={approval}
              now={now}
              isOff={error !== undefined}
              onDecided={(outcome) => decided(approval, outcome)}
            />
          )
        })}
      </div>
      {data && open.length === 0 && (
        <Empty title={t.nothing}>
          <span>{t.nothingHint}</span>
        </Empty>
      )}
    </div>
  )
}

interface Standing {
  readonly approval: InboxApproval
  readonly isOpen: boolean
}

/** What came stays in its place: what was decided shrinks there, and nothing below it jumps away from under a finger. */
function useStanding(
  approvals: readonly InboxApproval[] | undefined,
  done: ReadonlyMap<string, Done>,
): readonly Standing[] {
  const [known, setKnown] = useState<readonly InboxApproval[]>([])
  useEffect(() => {
    if (!approvals) return
    setKnown((before) => {
      const kept = before.map((one) => approvals.find((fresh) => keyOf(fresh) === keyOf(one)) ?? one)
      const keys = new Set(before.map(keyOf))
      return [...kept, ...approvals.filter((one) => !keys.has(keyOf(one)))].slice(-mostKept)
    })
  }, [approvals])
  const open = new Set((approvals ?? []).map(keyOf))
  return known.map((approval) => ({ approval, isOpen: open.has(keyOf(approval)) && !done.has(keyOf(approval)) }))
}

const mostKept = 100

function useNow(): number {
  const [now, setNow] = useState(Date.now)
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000)
    return () => clearInterval(timer)
  }, [])
  return now
}

function useSeenAt(data: unknown): number {
  const [seen, setSeen] = useState(Date.now)
  useEffect(() => {
    if (data) setSeen(Date.now())
  }, [data])
  return seen
}

/** Says a new approval, once, to who does not see it. */
function Announcer({ approvals }: { approvals: readonly InboxApproval[] }) {
  const t = useWords(words)
  const last = approvals.at(-1)
  return (
    <p className="vh" role="status">
      {last && t.announced(titleOf(factsOf(last), t))}
    </p>
  )
}

function Decided() {
  const t = useWords(words)
  const { data, error, isLoading, reload } = useLoad(
    'decided',
    (signal) => call<Inbox>('GET', '/approvals?state=decided', undefined, signal),
    { everyMs: decidedMs },
  )
  return (
    <div className="page">
      {error !== undefined && <Failed error={error} onRetry={reload} />}
      {isLoading && !data && <Loading rows={4} />}
      {data?.count === 0 && <Empty title={t.nothingDecided} />}
      <div className="inbox">
        {data?.approvals.map((approval) => (
          <Receipt
            key={keyOf(approval)}
            approval={approval}
            outcome={outcomeOf(approval)}
            at={approval.decision?.at ?? approval.created_at}
          />
        ))}
      </div>
    </div>
  )
}
