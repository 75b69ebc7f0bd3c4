import './style.css'
import { lazy, Suspense } from 'react'
import { useWords } from '../../i18n/language.ts'
import { Button } from '../../kit/button.tsx'
import { Empty, Loading } from '../../kit/states.tsx'
import { to, type ViewProps } from '../../router.ts'
import { SessionList, startSession } from './session-list.tsx'
import { words } from './words.ts'

const Session = lazy(() => import('../session/session.tsx'))

/** The list and the session that was chosen; on a phone one of them. */
export default function Sessions({ route }: ViewProps) {
  const t = useWords(words)
  const [sessionId, tab] = route.view === 'session' ? route.parts : []
  return (
    <div
      className={sessionId === undefined ? 's-session is-list' : tab === 'timeline' ? 's-session is-wide' : 's-session'}
    >
      <SessionList chosen={sessionId} />
      {sessionId === undefined ? (
        <div className="main nothing-chosen">
          <Empty title={t.choose}>
            <span>{t.chooseHint}</span>
            <div className="row">
              <Button kind="pri" onClick={() => void startSession()}>
                {t.newSession}
              </Button>
              <a className="btn" href={to('try')}>
                {t.tryIt}
              </a>
            </div>
          </Empty>
        </div>
      ) : (
        <Suspense fallback={<Loading />}>
          <Session key={sessionId} sessionId={sessionId} tab={tab} />
        </Suspense>
      )}
    </div>
  )
}
