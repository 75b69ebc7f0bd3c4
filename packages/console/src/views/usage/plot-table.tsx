import { useWords } from '../../i18n/language.ts'
import type { PlotProps } from './plot-props.ts'
import { words } from './words.ts'

/** The figures of a plot, newest first. */
export function PlotTable({ title, times, partSeconds, series, format }: PlotProps) {
  const t = useWords(words)
  const order = times.map((_, index) => index).toReversed()
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by keyboard
    <section className="plot-table" tabIndex={0} aria-label={title}>
      <table className="tb">
        <thead>
          <tr>
            <th>{t.time}</th>
            {series.map(({ label }) => (
              <th key={label} className="r">
                {label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {order.map((index) => (
            <tr key={times[index]}>
              <td>{t.part((times[index] ?? 0) * 1000, partSeconds)}</td>
              {series.map(({ label, values }) => (
                <td key={label} className="r">
                  {typeof values[index] === 'number' ? format(values[index]) : '–'}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}
