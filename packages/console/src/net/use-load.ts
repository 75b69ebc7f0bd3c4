import { useCallback, useEffect, useRef, useState } from 'react'

/** What was read, and how it stands. Old data stays while it is read again, and when that fails. */
export interface Loaded<T> {
  readonly data: T | undefined
  readonly error: unknown
  readonly isLoading: boolean
  readonly reload: () => void
}

/** Reads when `key` changes, and every `everyMs` while the page is seen. */
export function useLoad<T>(
  key: string,
  read: (signal: AbortSignal) => Promise<T>,
  options: { readonly everyMs?: number } = {},
): Loaded<T> {
  const { everyMs } = options
  const [state, setState] = useState<{ key: string; data: T | undefined; error: unknown; isLoading: boolean }>({
    key,
    data: undefined,
    error: undefined,
    isLoading: true,
  })
  const reader = useRef(read)
  reader.current = read
  const again = useRef(() => {})

  useEffect(() => {
    const stop = new AbortController()
    let timer: ReturnType<typeof setTimeout> | undefined
    let isReading = false
    const load = async () => {
      if (isReading) return
      isReading = true
      clearTimeout(timer)
      try {
        const data = await reader.current(stop.signal)
        if (!stop.signal.aborted) setState({ key, data, error: undefined, isLoading: false })
      } catch (error) {
        if (!stop.signal.aborted) {
          setState((old) => ({ key, data: old.key === key ? old.data : undefined, error, isLoading: false }))
        }
      }
      isReading = false
      if (everyMs !== undefined && !stop.signal.aborted) timer = setTimeout(tick, everyMs)
    }
    const tick = () => {
      if (document.visibilityState === 'visible') void load()
      else timer = setTimeout(tick, everyMs)
    }
    again.current = () => void load()
    setState((old) =>
      old.key === key ? { ...old, isLoading: true } : { key, data: undefined, error: undefined, isLoading: true },
    )
    void load()
    return () => {
      stop.abort()
      clearTimeout(timer)
    }
  }, [key, everyMs])

  const reload = useCallback(() => again.current(), [])
  return { data: state.data, error: state.error, isLoading: state.isLoading, reload }
}
