import { common } from '../i18n/common.ts'
import { useWords } from '../i18n/language.ts'
import { Icon, type IconName } from '../kit/icon.tsx'
import { to, useRoute, type ViewName } from '../router.ts'
import { useInbox, useInboxReader } from './inbox.ts'
import { PersonMenu } from './person-menu.tsx'

interface Place {
  readonly view: ViewName
  readonly icon: IconName
  readonly word: 'sessions' | 'approvals' | 'usage' | 'tryIt' | 'rules' | 'health'
  /** Views that belong to it. */
  readonly also?: readonly ViewName[]
  readonly isForDesk?: true
}

const places: readonly Place[] = [
  { view: 'sessions', icon: 'ses', word: 'sessions', also: ['session'] },
  { view: 'inbox', icon: 'inbox', word: 'approvals' },
  { view: 'usage', icon: 'use', word: 'usage' },
  { view: 'try', icon: 'try', word: 'tryIt', isForDesk: true },
  { view: 'rules', icon: 'shield', word: 'rules', isForDesk: true },
  { view: 'health', icon: 'health', word: 'health', also: ['first-run'] },
]

export function Rail() {
  const t = useWords(common)
  const { view } = useRoute()
  const { waiting } = useInbox()
  useInboxReader()
  return (
    <nav className="rail" aria-label={t.main}>
      <a className="mark" href={to('sessions')} title="CodeLab">
        <span className="vh">CodeLab</span>
        <svg aria-hidden="true">
          <use href="#i-mark" />
        </svg>
      </a>
      {places.map((place) => {
        const isHere = view !== undefined && (place.view === view || place.also?.includes(view))
        return (
          <a
            key={place.view}
            href={to(place.view)}
            className={place.isForDesk ? 'noph' : ''}
            {...(isHere ? { 'aria-current': 'page' as const } : {})}
          >
            <Icon name={place.icon} />
            {t[place.word]}
            {place.view === 'inbox' && waiting > 0 && (
              <span className="badge">
                <span aria-hidden="true">{waiting}</span>
                <span className="vh">{t.waitingCount(waiting)}</span>
              </span>
            )}
          </a>
        )
      })}
      <div className="foot">
        <PersonMenu />
      </div>
    </nav>
  )
}
