import 'uplot/dist/uPlot.min.css'
import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from 'react'
import uPlot from 'uplot'
import { useWords } from '../../i18n/language.ts'
import { IconButton } from '../../kit/button.tsx'
import { useTheme } from '../../theme.ts'
import type { PlotProps, Series } from './plot-props.ts'
import { barsOf, linesOf, stacked } from './plot-shapes.ts'
import { PlotTable } from './plot-table.tsx'
import { words } from './words.ts'

const height = 176

/** A small plot: its figures in words, by pointer, by keyboard and as a table. */
export function Plot(props: PlotProps) {
  const { title, unit, series, says } = props
  const t = useWords(words)
  const [isTable, setTable] = useState(false)
  return (
    <figure className="panel plot">
      <header>
        <h2>{title}</h2>
        <span className="mute">{unit}</span>
        <span className="lg">
          {series.map(({ label, color }) => (
            <span key={label}>
              <i className="sw" style={{ background: `var(${color})` }} />
              {label}
            </span>
          ))}
        </span>
        <IconButton
          icon={isTable ? 'use' : 'ses'}
          size="s"
          label={isTable ? t.asPlot : t.asTable}
          onClick={() => setTable(!isTable)}
        />
      </header>
      {isTable ? <PlotTable {...props} /> : <Canvas {...props} />}
      <figcaption className="vh">{says}</figcaption>
    </figure>
  )
}

function Canvas(props: PlotProps) {
  const { kind, series, times, partSeconds, axis, says } = props
  const place = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot>(undefined)
  const [at, setAt] = useState<number | null>(null)
  const colors = useColors(series)
  const data = useMemo(() => dataOf(kind, times, series), [kind, times, series])

  useEffect(() => {
    const outer = place.current
    if (!outer) return
    const shown = { kind, series, colors, partSeconds, axis }
    const made = new uPlot(optionsOf(shown, outer.clientWidth, setAt), data, outer)
    plot.current = made
    const watch = new ResizeObserver(() => made.setSize({ width: outer.clientWidth, height }))
    watch.observe(outer)
    return () => {
      watch.disconnect()
      made.destroy()
    }
  }, [kind, series, colors, partSeconds, axis, data])

  const onKey = (event: KeyboardEvent) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key]
    const made = plot.current
    if (step === undefined || !made) return
    event.preventDefault()
    const next = Math.min(times.length - 1, Math.max(0, (at ?? times.length) + step))
    made.setCursor({ left: made.valToPos(times[next] ?? 0, 'x'), top: 0 })
  }
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: arrows read it part by part
    <section className="canvas" tabIndex={0} aria-label={says} onKeyDown={onKey} onBlur={() => setAt(null)}>
      <div ref={place} aria-hidden="true" />
      {at !== null && <Tip {...props} at={at} left={plot.current?.valToPos(times[at] ?? 0, 'x') ?? 0} />}
    </section>
  )
}

function Tip({ series, times, partSeconds, format, kind, at, left }: PlotProps & { at: number; left: number }) {
  const t = useWords(words)
  const total = series.reduce((sum, { values }) => sum + (values[at] ?? 0), 0)
  const from = times[at] ?? 0
  return (
    <div className={`tip ${left > 240 ? 'before' : ''}`} style={{ left: left + 44 }} role="status">
      <b>
        <span className="grow">{t.part(from * 1000, partSeconds)}</span>
        {kind !== 'lines' && <span className="num">{format(total)}</span>}
      </b>
      {series.map(({ label, color, values }) => (
        <span key={label}>
          <i className="sw" style={{ background: `var(${color})` }} />
          <span className="grow">{label}</span>
          <span className="num">{typeof values[at] === 'number' ? format(values[at]) : '–'}</span>
        </span>
      ))}
    </div>
  )
}

function dataOf(kind: PlotProps['kind'], times: readonly number[], series: readonly Series[]): uPlot.AlignedData {
  const rows = series.map(({ values }) => values)
  // The sum of all is drawn first, each lower one over it.
  return [[...times], ...(kind === 'lines' ? rows.map((row) => [...row]) : stacked(rows).toReversed())]
}

interface Colors {
  readonly text: string
  readonly grid: string
  readonly of: readonly string[]
}

/** A canvas knows no tokens: they are read when the theme changes. */
function useColors(series: readonly Series[]): Colors {
  const theme = useTheme()
  const [isDark, setDark] = useState(() => matchMedia('(prefers-color-scheme: dark)').matches)
  useEffect(() => {
    const query = matchMedia('(prefers-color-scheme: dark)')
    const change = () => setDark(query.matches)
    query.addEventListener('change', change)
    return () => query.removeEventListener('change', change)
  }, [])
  const names = series.map(({ color }) => color).join(' ')
  return useMemo(() => {
    const key = `${theme} ${isDark}`
    return {
      text: resolve('--text-3', key),
      grid: resolve('--c-grid', key),
      of: names.split(' ').map((name) => resolve(name, key)),
    }
  }, [theme, isDark, names])
}

/** `light-dark()` is resolved where it is used, so a token is used for a moment. */
function resolve(token: string, _theme: string): string {
  const probe = document.createElement('i')
  probe.style.color = `var(${token})`
  document.body.append(probe)
  const { color } = getComputedStyle(probe)
  probe.remove()
  return color
}

function optionsOf(
  {
    kind,
    series,
    colors,
    partSeconds,
    axis,
  }: Pick<PlotProps, 'kind' | 'series' | 'partSeconds' | 'axis'> & {
    colors: Colors
  },
  width: number,
  onAt: (at: number | null) => void,
): uPlot.Options {
  const font = `11px ${getComputedStyle(document.body).fontFamily}`
  const drawn = series.map(({ label }, index) => ({ label, color: colors.of[index] ?? colors.text }))
  const ticks = { show: false }
  return {
    width,
    height,
    padding: [8, 12, 0, 0],
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, points: { show: kind === 'lines' } },
    scales: {
      x: { range: (_, low, high) => (kind === 'bars' ? [low - partSeconds / 2, high + partSeconds / 2] : [low, high]) },
      y: { range: (_, _low, high) => [0, Math.max(high * 1.1, Number.MIN_VALUE, high === 0 ? 1 : 0)] },
    },
    axes: [
      {
        stroke: colors.text,
        font,
        ticks,
        grid: { show: false },
        size: 28,
        space: 72,
        values: (_, all) => all.map((at) => timeText(at, partSeconds)),
      },
      {
        stroke: colors.text,
        font,
        ticks,
        size: 44,
        space: 36,
        grid: { stroke: colors.grid, width: 1 },
        values: (_, all) => all.map(axis),
      },
    ],
    series: [
      {},
      ...(kind === 'lines' ? drawn : drawn.toReversed()).map((shape, index) => {
        if (kind === 'bars') return barsOf(shape)
        const isLowest = kind === 'area' && index === drawn.length - 1
        return { ...linesOf(shape), ...(isLowest && { fill: tint(shape.color) }) }
      }),
    ],
    bands: kind === 'area' ? bandsOf(drawn.toReversed().map(({ color }) => color)) : [],
    hooks: {
      setCursor: [({ cursor }) => onAt(typeof cursor.idx === 'number' && (cursor.left ?? -1) >= 0 ? cursor.idx : null)],
    },
  }
}

/** What lies between each row and the one below it; the last one lies on the axis. */
function bandsOf(colors: readonly string[]): uPlot.Band[] {
  return colors.slice(0, -1).map((color, index) => ({ series: [index + 1, index + 2], fill: tint(color) }))
}

function tint(color: string): string {
  return color.replace(/^rgb\((.*)\)$/, 'rgba($1, 0.24)')
}

function timeText(at: number, partSeconds: number): string {
  const date = new Date(at * 1000)
  if (partSeconds >= 21_600) return date.toLocaleDateString('ru-RU', { day: '2-digit', month: '2-digit' })
  return date.toLocaleTimeString('ru-RU', { hour: '2-digit', minute: '2-digit' })
}
