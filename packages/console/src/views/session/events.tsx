import { useMemo, useState } from 'react'
import { clock, count, fullTime } from '../../i18n/format.ts'
import { useWords } from '../../i18n/language.ts'
import { CopyButton } from '../../kit/copy-button.tsx'
import { Icon } from '../../kit/icon.tsx'
import { VirtualList } from '../../kit/virtual-list.tsx'
import type { LogEntry, Transcript } from '../../session/items.ts'
import { words } from './words.ts'

const rowHeight = () => 28
const keyOf = (entry: LogEntry) => String(entry.seq)
const longestShown = 100_000

/** The log itself, event by event. */
export default function Events({ transcript }: { transcript: Transcript }) {
  const t = useWords(words)
  const [chosen, choose] = useState<number>()
  const [filter, setFilter] = useState('')
  const { log, droppedEvents } = transcript
  const shown = useMemo(() => (filter === '' ? log : log.filter(({ type }) => type.includes(filter))), [log, filter])
  const entry = log.find(({ seq }) => seq === chosen)
  const json = entry ? JSON.stringify(entry.data, null, 2) : ''
  return (
    <div className="events">
      <div className="bar-row">
        <label className="field">
          <Icon name="search" size="s" />
          <input
            aria-label={t.filterEvents}
            placeholder={t.filterEvents}
            value={filter}
            onChange={(event) => setFilter(event.target.value)}
          />
        </label>
        <span className="mute small num">
          {t.eventsShown(count(shown.length))}
          {droppedEvents > 0 && ` · ${t.eventsDropped(count(droppedEvents))}`}
        </span>
      </div>
      <VirtualList
        label={t.events}
        items={shown}
        keyOf={keyOf}
        heightOf={rowHeight}
        draw={(event) => (
          <button
            type="button"
            className="ev"
            aria-pressed={event.seq === chosen}
            onClick={() => choose(event.seq === chosen ? undefined : event.seq)}
          >
            <span className="num mute">{event.seq}</span>
            <time className="num mute" title={fullTime(event.at)}>
              {clock(event.at)}
            </time>
            <b>{event.type}</b>
            <span className="cut mute">{briefly(event)}</span>
          </button>
        )}
      />
      <section className="ev-body" aria-label={t.event}>
        {entry ? (
          <>
            <div className="oh">
              {entry.type}
              <span className="grow" />
              <CopyButton text={json} />
            </div>
            {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by keyboard */}
            <pre tabIndex={0}>{json.slice(0, longestShown)}</pre>
          </>
        ) : (
          <p className="mute small">{t.chooseEvent}</p>
        )}
      </section>
    </div>
  )
}

const dull: ReadonlySet<string> = new Set(['v', 'seq', 'session_id', 'turn_id', 'run_id', 'at', 'message', 'call'])

function briefly({ data }: LogEntry): string {
  return Object.entries(data)
    .filter(([name, value]) => !dull.has(name) && value !== null && typeof value !== 'object')
    .map(([name, value]) => `${name}=${value}`)
    .join(' ')
    .slice(0, 300)
}
