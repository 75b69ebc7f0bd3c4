import { type ReactNode, useEffect, useState } from 'react'
import { common } from '../i18n/common.ts'
import { useWords } from '../i18n/language.ts'
import { tell } from '../net/failure.ts'
import { Button } from './button.tsx'
import { Status } from './icon.tsx'

export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="empty">
      <b>{title}</b>
      {children}
    </div>
  )
}

const widths = ['72%', '48%', '64%']

/** Grey lines, only when it takes longer than a moment. */
export function Loading({ rows = 3 }: { rows?: number }) {
  const t = useWords(common)
  const [isShown, show] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => show(true), 150)
    return () => clearTimeout(timer)
  }, [])
  if (!isShown) return null
  return (
    <div className="loading" role="status" aria-busy="true" aria-label={t.loading}>
      {Array.from({ length: rows }, (_, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: they have nothing else
        <span key={row} className="skel" style={{ width: widths[row % widths.length] }} />
      ))}
    </div>
  )
}

/** What failed in the server's words, and the way on. */
export function Failed({ error, title, onRetry }: { error: unknown; title?: string; onRetry?: () => void }) {
  const t = useWords(common)
  const { text, requestId } = tell(error)
  return (
    <div className="failed" role="alert">
      <div className="row">
        <Status name="bad" label="" />
        <b>{title ?? t.failed}</b>
      </div>
      <p className="sec">{text}</p>
      <div className="row">
        {onRetry && (
          <Button icon="retry" onClick={onRetry}>
            {t.tryAgain}
          </Button>
        )}
        {requestId && <span className="mono mute">{t.requestId(requestId)}</span>}
      </div>
    </div>
  )
}

export function Banner({ kind, children }: { kind?: 'bad' | 'acc'; children: ReactNode }) {
  return <div className={['banner', kind].filter(Boolean).join(' ')}>{children}</div>
}
