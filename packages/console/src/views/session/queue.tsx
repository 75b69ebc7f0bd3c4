import { useWords } from '../../i18n/language.ts'
import { Icon } from '../../kit/icon.tsx'
import { words } from './words.ts'

/** Messages that wait for the running turn: our own with their text, those of others as a figure. */
export function Queue({ count, mine }: { count: number; mine: readonly string[] }) {
  const t = useWords(words)
  if (count === 0) return null
  const own = mine.slice(-count)
  const others = count - own.length
  return (
    <section className="queue" aria-label={t.queued}>
      {own.map((text, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the same text may wait twice
        <div className="q" key={index}>
          <Icon name="queue" size="s" />
          <span className="mute">{t.next}</span>
          <p className="cut grow">{text}</p>
        </div>
      ))}
      {others > 0 && (
        <div className="q">
          <Icon name="queue" size="s" />
          <span className="mute">{t.queuedElsewhere(others)}</span>
        </div>
      )}
    </section>
  )
}
