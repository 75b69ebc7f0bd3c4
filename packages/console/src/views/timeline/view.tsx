import './style.css'
import { useMemo, useState } from 'react'
import { duration, elapsed } from '../../i18n/format.ts'
import { useWords } from '../../i18n/language.ts'
import { Segments } from '../../kit/button.tsx'
import { Chevron } from '../../kit/icon.tsx'
import { Menu } from '../../kit/menu.tsx'
import { Empty, Failed, Loading } from '../../kit/states.tsx'
import { api } from '../../net/api.ts'
import { useLoad } from '../../net/use-load.ts'
import { Inspector } from './inspector.tsx'
import { Stats } from './stats.tsx'
import { readTurns } from './turns.ts'
import { Waterfall } from './waterfall.tsx'
import { words } from './words.ts'

const mostEvents = 3000
const liveMs = 1500
const stillMs = 10_000

/** The tab of a session that draws its turns as a waterfall. */
export default function Timeline({ sessionId }: { readonly sessionId: string }) {
  const t = useWords(words)
  const [isLive, setLive] = useState(false)
  const [chosenTurn, chooseTurn] = useState<string>()
  const [selectedId, select] = useState<string>()
  const [mode, setMode] = useState<'real' | 'without'>('real')
  const read = async () => {
    const timeline = await api.timeline(sessionId, mostEvents)
    setLive(timeline.state !== 'idle')
    return { timeline, at: Date.now() }
  }
  const { data, error, isLoading, reload } = useLoad(sessionId, read, { everyMs: isLive ? liveMs : stillMs })
  const turns = useMemo(() => (data ? readTurns(data.timeline, data.at) : []), [data])
  const turn = turns.find(({ id }) => id === chosenTurn) ?? turns.at(-1)

  if (!turn) {
    if (error !== undefined) return <Failed error={error} onRetry={reload} />
    if (isLoading || !data) return <Loading rows={6} />
    return (
      <Empty title={t.none}>
        <span>{t.noneHint}</span>
      </Empty>
    )
  }
  const number = turns.indexOf(turn) + 1
  const row = turn.rows.find(({ id }) => id === selectedId) ?? turn.rows[0]
  return (
    <section className="timeline" aria-label={t.waterfall(number)}>
      <div className="tlhead">
        <Stats turn={turn} />
        <div className="tltools">
          <Segments
            label={t.time}
            value={mode}
            options={[
              ['real', t.real],
              ['without', t.without],
            ]}
            onChoose={setMode}
          />
          <Menu
            label={t.turnOf(number, turns.length)}
            className="pick"
            items={turns
              .map((each, index) => ({
                text: <span className="cut">{`${index + 1}. ${each.said}`}</span>,
                hint: each.isOpen ? elapsed(each.end - each.start) : duration(each.end - each.start),
                isChosen: each === turn,
                onChoose: () => chooseTurn(each.id),
              }))
              .reverse()}
          >
            {t.turnOf(number, turns.length)}
            <Chevron />
          </Menu>
        </div>
      </div>
      <div className="tl">
        <Waterfall
          turn={turn}
          label={t.waterfall(number)}
          mode={mode}
          sessionId={sessionId}
          selectedId={row?.id}
          isCut={data?.timeline.cut === true}
          onSelect={select}
          onMode={() => setMode(mode === 'real' ? 'without' : 'real')}
        />
        {row && (
          <Inspector
            row={row}
            turn={turn}
            sessionId={sessionId}
            isAsked={selectedId !== undefined}
            onClose={() => select(undefined)}
          />
        )}
      </div>
    </section>
  )
}
