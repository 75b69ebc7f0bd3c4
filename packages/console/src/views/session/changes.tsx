import type { SessionToolCalls } from '@codelab/protocol'
import { callSubject } from '../../approval/call-subject.ts'
import { useTitle } from '../../approval/title.tsx'
import { clock } from '../../i18n/format.ts'
import { useWords } from '../../i18n/language.ts'
import { Diff } from '../../kit/diff.tsx'
import { Status } from '../../kit/icon.tsx'
import { Empty, Failed, Loading } from '../../kit/states.tsx'
import { call } from '../../net/api.ts'
import { useLoad } from '../../net/use-load.ts'
import type { CallItem, Transcript } from '../../session/items.ts'
import { changesOf } from './changes-of.ts'
import { words } from './words.ts'

export default function Changes({ sessionId, transcript }: { sessionId: string; transcript: Transcript }) {
  const t = useWords(words)
  const changes = changesOf(transcript)
  const path = `/sessions/${encodeURIComponent(sessionId)}/tool-calls`
  const { data, error, reload } = useLoad(`changes ${sessionId} ${changes.length}`, (signal) =>
    call<SessionToolCalls>('GET', path, undefined, signal),
  )
  if (changes.length === 0) {
    return (
      <Empty title={t.noChanges}>
        <span>{t.noChangesHint}</span>
      </Empty>
    )
  }
  if (error !== undefined) return <Failed error={error} onRetry={reload} />
  if (!data) return <Loading />
  const previews = new Map(data.tool_calls.map(({ call_id, preview }) => [call_id, preview]))
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by keyboard
    <section className="thread" tabIndex={0} aria-label={t.changes}>
      <div className="col wide">
        {changes.map((change) => (
          <Change key={change.id} change={change} diff={previews.get(change.id)?.diff} />
        ))}
      </div>
    </section>
  )
}

function Change({ change, diff }: { change: CallItem; diff: string | undefined }) {
  const t = useWords(words)
  const title = useTitle(change)
  return (
    <article className="panel change">
      <header>
        <Status name="good" />
        <h2>{title.shown}</h2>
        <span className="grow" />
        <time className="mute num">{clock(change.endedAt ?? change.at)}</time>
      </header>
      {diff === undefined ? (
        <p className="note mute">{t.noDiff}</p>
      ) : (
        <Diff text={diff} label={callSubject(change.tool, change.arguments)} />
      )}
    </article>
  )
}
