import type { SessionList } from '@codelab/protocol'
import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { call } from '../../net/api.ts'
import type { ListItem } from './list-item.ts'
import { useListState } from './list-state.ts'
import { longer, type Pages, refreshed, unique } from './pages.ts'

export type StatusFilter = 'waiting' | 'running' | 'failed'

export interface Filter {
  readonly text: string
  readonly agent: string | undefined
  readonly status: StatusFilter | undefined
}

export interface Sessions {
  readonly sessions: readonly ListItem[] | undefined
  readonly total: number
  readonly counts: Readonly<Record<StatusFilter, number>>
  readonly error: unknown
  readonly readMore: () => void
}

const pageSize = 100
const everyMs = 4000
const none: Sessions['counts'] = { waiting: 0, running: 0, failed: 0 }

/** The sessions of a filter: the newest anew every few seconds, older ones when they are scrolled to. */
export function useSessions(filter: Filter): Sessions {
  const { version, hidden } = useListState()
  const key = JSON.stringify(filter)
  const [state, setState] = useState({ key, pages: undefined as Pages | undefined, error: undefined as unknown })
  const [counts, setCounts] = useState(none)
  const isReading = useRef(false)

  // biome-ignore lint/correctness/useExhaustiveDependencies: a change here is read at once
  useEffect(() => {
    const stop = new AbortController()
    let timer: ReturnType<typeof setTimeout> | undefined
    const wanted = JSON.parse(key) as Filter
    const read = async () => {
      if (document.visibilityState === 'visible') {
        try {
          const [first, told] = await Promise.all([page(wanted, 0, stop.signal), readCounts(stop.signal)])
          if (stop.signal.aborted) return
          setCounts(told.counts)
          const isWhole = wanted.text === '' && wanted.agent === undefined && wanted.status === undefined
          const live = isWhole ? told.live : []
          setState((old) => ({
            key,
            pages: refreshed(old.key === key ? old.pages : undefined, live, first),
            error: undefined,
          }))
        } catch (error) {
          if (!stop.signal.aborted) setState((old) => ({ ...old, key, error }))
        }
      }
      if (!stop.signal.aborted) timer = setTimeout(() => void read(), everyMs)
    }
    // A person who types is not answered letter by letter.
    timer = setTimeout(() => void read(), wanted.text === '' ? 0 : 200)
    return () => {
      stop.abort()
      clearTimeout(timer)
    }
  }, [key, version])

  const { pages } = state
  const readMore = useCallback(() => {
    if (isReading.current || pages === undefined || pages.read >= pages.total) return
    isReading.current = true
    page(JSON.parse(key) as Filter, pages.read, undefined)
      .then(({ sessions }) =>
        setState((old) => (old.key === key ? { ...old, pages: longer(old.pages, sessions) } : old)),
      )
      .catch(() => undefined)
      .finally(() => {
        isReading.current = false
      })
  }, [key, pages])
  const sessions = useMemo(
    () => pages && unique([...pages.live, ...pages.first, ...pages.older]).filter(({ id }) => !hidden.has(id)),
    [pages, hidden],
  )
  const total = pages?.total ?? 0
  return { sessions: state.key === key ? sessions : undefined, total, counts, error: state.error, readMore }
}

async function page(filter: Filter, offset: number, signal: AbortSignal | undefined): Promise<SessionList> {
  const query = new URLSearchParams({ limit: String(pageSize), offset: String(offset) })
  if (filter.text !== '') query.set('q', filter.text)
  if (filter.agent !== undefined) query.set('agent', filter.agent)
  if (filter.status !== undefined) query.set('status', filter.status)
  return call<SessionList>('GET', `/sessions?${query}`, undefined, signal)
}

/** How many wait, run and failed, and those that wait or run: they stand first however old they are. */
async function readCounts(signal: AbortSignal) {
  const all = { text: '', agent: undefined }
  const [waiting, running, failed] = await Promise.all([
    page({ ...all, status: 'waiting' }, 0, signal),
    page({ ...all, status: 'running' }, 0, signal),
    call<SessionList>('GET', '/sessions?limit=1&status=failed', undefined, signal),
  ])
  return {
    counts: { waiting: waiting.total, running: running.total, failed: failed.total },
    live: [...waiting.sessions, ...running.sessions],
  }
}
