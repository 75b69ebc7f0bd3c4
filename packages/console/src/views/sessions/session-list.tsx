import { useCallback, useMemo, useState } from 'react'
import { common } from '../../i18n/common.ts'
import { count } from '../../i18n/format.ts'
import { useWords } from '../../i18n/language.ts'
import { useAgentName } from '../../kit/agent.tsx'
import { Button, IconButton } from '../../kit/button.tsx'
import { Icon } from '../../kit/icon.tsx'
import { Menu } from '../../kit/menu.tsx'
import { Banner, Empty, Failed, Loading } from '../../kit/states.tsx'
import { toast } from '../../kit/toast.tsx'
import { useNow } from '../../kit/use-now.ts'
import { VirtualList } from '../../kit/virtual-list.tsx'
import { api } from '../../net/api.ts'
import { tell } from '../../net/failure.ts'
import { useLoad } from '../../net/use-load.ts'
import { go } from '../../router.ts'
import { useInbox } from '../../shell/inbox.ts'
import { grouped, type ListRow } from './grouped.ts'
import { SessionRow } from './session-row.tsx'
import { type Filter, type StatusFilter, useSessions } from './use-sessions.ts'
import { words } from './words.ts'

const nothing: Filter = { text: '', agent: undefined, status: undefined }
const statuses: readonly StatusFilter[] = ['waiting', 'running', 'failed']
const keyOf = (row: ListRow) => (row.kind === 'group' ? row.name : row.session.id)
const heightOf = (row: ListRow) => (row.kind === 'group' ? 28 : 52)

export async function startSession(): Promise<void> {
  try {
    const { id } = await api.createSession()
    go('session', id)
  } catch (error) {
    toast({ text: tell(error).text })
  }
}

export function SessionList({ chosen }: { chosen: string | undefined }) {
  const t = useWords(words)
  const c = useWords(common)
  const [filter, setFilter] = useState(nothing)
  const { sessions, total, counts, error, readMore } = useSessions(filter)
  const { bySession } = useInbox()
  const now = useNow(60_000)
  const rows = useMemo(() => grouped(sessions ?? [], now), [sessions, now])
  const draw = useCallback(
    (row: ListRow) => {
      if (row.kind === 'group') {
        return (
          <div className={row.name === 'waitingForYou' ? 'grp w' : 'grp'}>
            <span>{t[row.name]}</span>
            {/* Of a day only what was scrolled to is known. */}
            {(row.name === 'waitingForYou' || row.name === 'running') && <span className="num">{row.count}</span>}
          </div>
        )
      }
      const { session } = row
      return <SessionRow session={session} waiting={bySession.get(session.id)} isChosen={session.id === chosen} />
    },
    [t, bySession, chosen],
  )
  const isFiltered = filter.text !== '' || filter.agent !== undefined || filter.status !== undefined
  return (
    <aside className="list" aria-label={c.sessions}>
      <div className="top">
        {chosen === undefined ? <h1 className="grow">{c.sessions}</h1> : <h2 className="grow">{c.sessions}</h2>}
        <IconButton icon="plus" label={t.newSession} onClick={() => void startSession()} />
      </div>
      <div className="tools-row">
        <label className="field">
          <Icon name="search" size="s" />
          <input
            id="session-search"
            type="search"
            aria-label={t.searchLabel}
            placeholder={t.search(count(total))}
            value={filter.text}
            onChange={(event) => setFilter({ ...filter, text: event.target.value })}
          />
          <kbd className="no-phone">/</kbd>
        </label>
        <fieldset className="flt" aria-label={t.filter}>
          <button
            type="button"
            aria-pressed={filter.status === undefined}
            onClick={() => setFilter({ ...filter, status: undefined })}
          >
            {t.all}
          </button>
          {statuses.map((status) => (
            <button
              key={status}
              type="button"
              aria-pressed={filter.status === status}
              onClick={() => setFilter({ ...filter, status: filter.status === status ? undefined : status })}
            >
              {t[status]} <span className="n">{counts[status] > 0 && count(counts[status])}</span>
            </button>
          ))}
          <span className="grow" />
          <AgentFilter agent={filter.agent} onChoose={(agent) => setFilter({ ...filter, agent })} />
        </fieldset>
      </div>
      {error !== undefined && sessions !== undefined && <Banner kind="bad">{t.stale}</Banner>}
      {sessions === undefined ? (
        error === undefined ? (
          <Loading rows={6} />
        ) : (
          <Failed error={error} />
        )
      ) : rows.length > 0 ? (
        <VirtualList label={c.sessions} items={rows} keyOf={keyOf} heightOf={heightOf} draw={draw} onEnd={readMore} />
      ) : isFiltered ? (
        <Empty title={filter.text === '' ? t.nothingHere : t.nothing(filter.text)}>
          {filter.text !== '' && <span>{t.nothingHint}</span>}
          <Button onClick={() => setFilter(nothing)}>{t.clear}</Button>
        </Empty>
      ) : (
        <Empty title={t.none}>
          <span>{t.noneHint}</span>
          <Button kind="pri" onClick={() => void startSession()}>
            {t.newSession}
          </Button>
        </Empty>
      )}
    </aside>
  )
}

function AgentFilter({
  agent,
  onChoose,
}: {
  agent: string | undefined
  onChoose: (agent: string | undefined) => void
}) {
  const t = useWords(words)
  const name = useAgentName()
  const { data } = useLoad('agents of the list', () => api.agents())
  const items = [
    { text: t.anyAgent, isChosen: agent === undefined, onChoose: () => onChoose(undefined) },
    ...(data?.agents ?? []).map(({ type }) => ({
      text: name(type),
      isChosen: agent === type,
      onChoose: () => onChoose(type),
    })),
  ]
  return (
    <Menu
      label={agent === undefined ? t.agent : `${t.agent}: ${name(agent)}`}
      className={agent === undefined ? '' : 'is-on'}
      items={items}
    >
      <Icon name="filter" size="s" />
    </Menu>
  )
}
