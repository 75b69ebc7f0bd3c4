import { type ReactNode, type UIEvent, useEffect, useLayoutEffect, useRef, useState } from 'react'

interface VirtualListProps<T> {
  readonly items: readonly T[]
  readonly keyOf: (item: T) => string
  readonly heightOf: (item: T) => number
  readonly draw: (item: T, index: number) => ReactNode
  readonly label: string
  /** Called near the end, to read more. */
  readonly onEnd?: () => void
  readonly className?: string
}

const overscanPx = 400

/** A long list of which only the part that is seen is in the page. Heights are known, so nothing jumps. */
export function VirtualList<T>({ items, keyOf, heightOf, draw, label, onEnd, className }: VirtualListProps<T>) {
  const outer = useRef<HTMLElement>(null)
  const [view, setView] = useState({ top: 0, height: 1000 })
  const tops: number[] = []
  let total = 0
  for (const item of items) {
    tops.push(total)
    total += heightOf(item)
  }
  useLayoutEffect(() => {
    const element = outer.current
    if (!element) return
    const measure = () => setView({ top: element.scrollTop, height: element.clientHeight })
    measure()
    const observer = new ResizeObserver(measure)
    observer.observe(element)
    return () => observer.disconnect()
  }, [])

  const first = Math.max(0, lastBefore(tops, view.top - overscanPx))
  let end = first
  while (end < items.length && (tops[end] ?? 0) < view.top + view.height + overscanPx) end++
  const isAtEnd = end >= items.length
  useEffect(() => {
    if (isAtEnd && items.length > 0) onEnd?.()
  }, [isAtEnd, items.length, onEnd])

  const onScroll = (event: UIEvent<HTMLElement>) => {
    const { scrollTop: top, clientHeight: height } = event.currentTarget
    setView({ top, height })
  }
  return (
    <section
      ref={outer}
      className={['scroll', className].filter(Boolean).join(' ')}
      aria-label={label}
      onScroll={onScroll}
    >
      <div className="virtual" style={{ height: total }}>
        {items.slice(first, end).map((item, index) => (
          <div key={keyOf(item)} className="virtual-row" style={{ top: tops[first + index], height: heightOf(item) }}>
            {draw(item, first + index)}
          </div>
        ))}
      </div>
    </section>
  )
}

/** The last row that begins at or above the place. */
function lastBefore(tops: readonly number[], place: number): number {
  let low = 0
  let high = tops.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((tops[middle] ?? 0) <= place) low = middle + 1
    else high = middle
  }
  return low - 1
}
