import './style.css'
import type { SessionDetail } from '@codelab/protocol'
import { lazy, Suspense, useEffect, useMemo, useState } from 'react'
import { usePending } from '../../approval/use-preview.ts'
import { useWords } from '../../i18n/language.ts'
import { Button, IconButton } from '../../kit/button.tsx'
import { Empty, Loading } from '../../kit/states.tsx'
import { toast } from '../../kit/toast.tsx'
import { api } from '../../net/api.ts'
import { tell } from '../../net/failure.ts'
import { useLoad } from '../../net/use-load.ts'
import { go, to } from '../../router.ts'
import { useFeed } from '../../session/feed.ts'
import type { Transcript } from '../../session/items.ts'
import { readInboxNow } from '../../shell/inbox.ts'
import { changed } from '../sessions/list-state.ts'
import { changesOf } from './changes-of.ts'
import { Composer } from './composer.tsx'
import { ConnectionBanner, ConnectionMark } from './connection.tsx'
import { Inspector } from './inspector.tsx'
import { SessionMenu } from './session-menu.tsx'
import { Thread } from './thread.tsx'
import { Waiting } from './waiting-call.tsx'
import { words } from './words.ts'

const Changes = lazy(() => import('./changes.tsx'))
const Events = lazy(() => import('./events.tsx'))
const Timeline = lazy(() => import('../timeline/view.tsx'))

const tabs = ['conversation', 'timeline', 'changes', 'events'] as const
type Tab = (typeof tabs)[number]

export default function Session({ sessionId, tab: asked }: { sessionId: string; tab: string | undefined }) {
  const t = useWords(words)
  const { transcript, connection, isRead } = useFeed(sessionId)
  const tab: Tab = tabs.find((name) => name === asked) ?? 'conversation'
  // What is being written changes with each frame; what is beside the conversation, with each event only.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the transcript of an event
  const settled = useMemo(() => transcript, [transcript.lastSeq])
  const waiting = useMemo(
    () => settled.items.filter((item) => item.kind === 'call' && item.state === 'waiting').map(({ id }) => id),
    [settled],
  )
  const changes = useMemo(() => changesOf(settled).length, [settled])
  const pending = usePending(sessionId, waiting)
  const isConnected = connection.kind !== 'lost'
  const context = useMemo(() => ({ pending, isConnected }), [pending, isConnected])
  const { data: detail } = useLoad<SessionDetail>(
    `session ${sessionId} ${transcript.renames} ${transcript.turns.length}`,
    () => api.getSession(sessionId),
  )
  const [sent, setSent] = useState(0)
  const [hasDetails, showDetails] = useState(false)
  const title = detail === undefined ? '…' : (detail.title ?? t.untitled)
  // biome-ignore lint/correctness/useExhaustiveDependencies: another call waits, or none does any more
  useEffect(() => readInboxNow(), [waiting.join()])
  // biome-ignore lint/correctness/useExhaustiveDependencies: the list tells how the session stands
  useEffect(() => {
    if (isRead) changed()
  }, [isRead, transcript.state])

  if (connection.kind === 'ended') {
    return (
      <div className="main">
        <Empty title={t.gone}>
          <Button onClick={() => go('sessions')}>{t.back}</Button>
        </Empty>
      </div>
    )
  }
  return (
    <Waiting value={context}>
      <div className="main">
        <header className="top">
          <IconButton icon="right" className="only-phone turned" label={t.back} onClick={() => go('sessions')} />
          <h1 className="cut" title={title}>
            {title}
          </h1>
          <StateChip transcript={transcript} />
          <span className="grow" />
          <Stop sessionId={sessionId} transcript={transcript} />
          <IconButton
            icon="use"
            className="for-narrow"
            label={t.details}
            aria-expanded={hasDetails}
            onClick={() => showDetails(!hasDetails)}
          />
          <SessionMenu sessionId={sessionId} title={title} />
        </header>
        <nav className="tabs" aria-label={t.views}>
          {tabs.map((name) => (
            <a
              key={name}
              href={name === 'conversation' ? to('session', sessionId) : to('session', sessionId, name)}
              {...(name === tab ? { 'aria-current': 'page' as const } : {})}
            >
              {t[name]}
              {name === 'changes' && <span className="n">{changes}</span>}
              {name === 'events' && <span className="n">{transcript.log.length + transcript.droppedEvents}</span>}
            </a>
          ))}
          <span className="grow" />
          <ConnectionMark connection={connection} isBusy={transcript.state === 'running'} />
        </nav>
        <ConnectionBanner connection={connection} sessionId={sessionId} seq={transcript.lastSeq} />
        <Suspense fallback={<Loading />}>
          {tab === 'conversation' &&
            (isRead ? (
              <Thread key={sessionId} sessionId={sessionId} transcript={transcript} sent={sent} />
            ) : (
              <div className="thread">
                <Loading rows={4} />
              </div>
            ))}
          {tab === 'timeline' && <Timeline sessionId={sessionId} />}
          {tab === 'changes' && <Changes sessionId={sessionId} transcript={settled} />}
          {tab === 'events' && <Events transcript={settled} />}
        </Suspense>
        {tab === 'conversation' && (
          <Composer
            key={sessionId}
            sessionId={sessionId}
            transcript={transcript}
            model={detail?.model ?? transcript.model}
            hasOpenApproval={waiting.length > 0}
            onSent={() => setSent((count) => count + 1)}
          />
        )}
      </div>
      {tab !== 'timeline' && (
        <Inspector sessionId={sessionId} transcript={settled} isSheet={hasDetails} onClose={() => showDetails(false)} />
      )}
    </Waiting>
  )
}

function StateChip({ transcript }: { transcript: Transcript }) {
  const t = useWords(words)
  const { state, turns, isStopping } = transcript
  if (isStopping) return <span className="chip">{t.stopping}</span>
  if (state === 'waiting') return <span className="chip wait">{t.waiting}</span>
  if (state === 'running') return <span className="chip live">{t.running}</span>
  if (state === 'tools') return <span className="chip">{t.tools}</span>
  const outcome = turns.at(-1)?.outcome
  if (outcome === 'failed') return <span className="chip bad">{t.failed}</span>
  return outcome === 'cancelled' ? <span className="chip">{t.stopped}</span> : null
}

function Stop({ sessionId, transcript }: { sessionId: string; transcript: Transcript }) {
  const t = useWords(words)
  if (transcript.state === 'idle') return null
  const stop = () => void api.cancel(sessionId).catch((error: unknown) => toast({ text: tell(error).text }))
  return (
    <Button icon="stop" aria-label={t.stop} disabled={transcript.isStopping} onClick={stop}>
      <span className="no-phone">{t.stop}</span>
    </Button>
  )
}
