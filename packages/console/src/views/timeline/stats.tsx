import { memo } from 'react'
import { compact, duration, money, percent } from '../../i18n/format.ts'
import { useWords } from '../../i18n/language.ts'
import { sharesOf } from './spans.ts'
import type { Turn } from './turns.ts'
import { words } from './words.ts'

/** A turn in figures: where its time went, and what it cost. */
export const Stats = memo(function Stats({ turn }: { turn: Turn }) {
  const t = useWords(words)
  const whole = turn.end - turn.start
  const shares = sharesOf(turn, turn.spans)
  const parts = [
    [t.waiting, 'w', shares.wait],
    [t.model, 'c1', shares.model],
    [t.tools, 'c3', shares.tool],
    [t.rest, 'c4', shares.rest],
  ] as const
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by keyboard
    <section className="statbox" aria-label={t.figures} tabIndex={0}>
      <dl className="stats">
        <div>
          <dt>{t.turn}</dt>
          <dd className="num">{duration(whole)}</dd>
        </div>
        {parts.map(([name, swatch, ms]) => (
          <div key={name}>
            <dt>
              <i className={`sw ${swatch}`} />
              {name}
            </dt>
            <dd className="num">
              {duration(ms)} <small>{percent(whole === 0 ? 0 : ms / whole)}</small>
            </dd>
          </div>
        ))}
        <div>
          <dt>{t.tokens}</dt>
          <dd className="num">
            {compact(turn.inputTokens)} <small>/</small> {compact(turn.outputTokens)}
          </dd>
        </div>
        <div>
          <dt>{t.cost}</dt>
          <dd className="num">{turn.cost === undefined ? '–' : money(turn.cost)}</dd>
        </div>
      </dl>
    </section>
  )
})
