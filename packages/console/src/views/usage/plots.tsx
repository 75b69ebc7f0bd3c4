import type { RecentUsage } from '@codelab/protocol'
import { useMemo } from 'react'
import { compact, money } from '../../i18n/format.ts'
import { useLanguage, useWords } from '../../i18n/language.ts'
import { Plot } from './plot.tsx'
import type { Series } from './plot-props.ts'
import { words } from './words.ts'

/** Series that have a colour of their own; what comes after them is "other". */
const colors = ['--c1', '--c2', '--c3'] as const
const otherColor = '--c4'
const failureColors = ['--bad-solid', '--c2', '--c4'] as const

export default function Plots({ usage }: { usage: RecentUsage }) {
  const t = useWords(words)
  const language = useLanguage()
  const { buckets, bucket_seconds: partSeconds } = usage
  const hasCost = usage.total.cost > 0
  const times = useMemo(() => buckets.map(({ at }) => Date.parse(at) / 1000), [buckets])
  const each = t.each(t.parts(partSeconds))
  // biome-ignore lint/correctness/useExhaustiveDependencies: the words follow the language
  const series = useMemo(
    () => ({
      models: modelsOf(usage, hasCost, t.other),
      first: [
        ['p50', '--c3'],
        ['p95', '--c1'],
        ['p99', '--c4'],
      ].map(([name = '', color = '']) => ({
        label: name,
        color,
        values: buckets.map(({ first_token_ms: times }) => secondsOf(times[name as 'p50'])),
      })),
      tokens: [
        { label: t.cached, color: '--c3', values: buckets.map((one) => one.cached_tokens) },
        { label: t.fresh, color: '--c1', values: buckets.map((one) => one.input_tokens - one.cached_tokens) },
        { label: t.output, color: '--c2', values: buckets.map((one) => one.output_tokens) },
      ],
      failures: failuresOf(usage, t.other),
    }),
    [usage, hasCost, language],
  )
  const shared = { times, partSeconds }
  const saysOf = (title: string, of: readonly Series[], format: (value: number) => string) => {
    const sums = times.map((_, at) => of.reduce((sum, { values }) => sum + (values[at] ?? 0), 0))
    const most = Math.max(0, ...sums)
    const total = sums.reduce((sum, value) => sum + value, 0)
    return t.says(title, format(total), format(most), t.part((times[sums.indexOf(most)] ?? 0) * 1000, partSeconds))
  }
  const { p50, p95 } = usage.total.first_token_ms
  const byModel = hasCost ? t.costByModel : t.tokensByModel
  const ofModel = hasCost ? money : compact
  return (
    <div className="two">
      <Plot
        {...shared}
        title={byModel}
        unit={hasCost ? `${t.dollars} ${each}` : each}
        kind="bars"
        series={series.models}
        format={ofModel}
        axis={ofModel}
        says={saysOf(byModel, series.models, ofModel)}
      />
      <Plot
        {...shared}
        title={t.timeToFirst}
        unit={t.seconds}
        kind="lines"
        series={series.first}
        format={seconds}
        axis={seconds}
        says={t.saysFirst(seconds(secondsOf(p50) ?? 0), seconds(secondsOf(p95) ?? 0))}
      />
      <Plot
        {...shared}
        title={t.tokensOverTime}
        unit={each}
        kind="area"
        series={series.tokens}
        format={compact}
        axis={compact}
        says={saysOf(t.tokensOverTime, series.tokens, compact)}
      />
      <Plot
        {...shared}
        title={t.failures}
        unit={each}
        kind="bars"
        series={series.failures}
        format={whole}
        axis={whole}
        says={saysOf(t.failures, series.failures, whole)}
      />
    </div>
  )
}

function secondsOf(ms: number | null): number | null {
  return ms === null ? null : ms / 1000
}

function seconds(value: number): string {
  return `${value.toFixed(value < 10 ? 2 : 1)}`
}

function whole(value: number): string {
  return Number.isInteger(value) ? String(value) : ''
}

/** The models that cost most, in the order of the whole range, so that none changes its colour. */
function modelsOf({ models, buckets }: RecentUsage, hasCost: boolean, other: string): Series[] {
  const shown = models.slice(0, colors.length).map(({ model }) => model)
  const amountOf = (of: RecentUsage['buckets'][number]['models'][number]) => (hasCost ? of.cost : of.tokens)
  const series: Series[] = shown.map((model, index) => ({
    label: model,
    color: colors[index] ?? otherColor,
    values: buckets.map((bucket) =>
      bucket.models.filter((one) => one.model === model).reduce((sum, one) => sum + amountOf(one), 0),
    ),
  }))
  if (models.length <= shown.length) return series
  const rest = buckets.map((bucket) =>
    bucket.models.filter((one) => !shown.includes(one.model)).reduce((sum, one) => sum + amountOf(one), 0),
  )
  return [...series, { label: other, color: otherColor, values: rest }]
}

/** By the codes that were most frequent. */
function failuresOf({ buckets }: RecentUsage, other: string): Series[] {
  const counts = new Map<string, number>()
  for (const { code, count } of buckets.flatMap(({ failures }) => failures))
    counts.set(code, (counts.get(code) ?? 0) + count)
  const codes = [...counts].sort((a, b) => b[1] - a[1]).map(([code]) => code)
  const shown = codes.length <= failureColors.length ? codes : codes.slice(0, failureColors.length - 1)
  const countIn = (bucket: RecentUsage['buckets'][number], has: (code: string) => boolean) =>
    bucket.failures.filter(({ code }) => has(code)).reduce((sum, { count }) => sum + count, 0)
  const series: Series[] = shown.map((code, index) => ({
    label: code,
    color: failureColors[index] ?? otherColor,
    values: buckets.map((bucket) => countIn(bucket, (one) => one === code)),
  }))
  if (codes.length === shown.length) return series
  return [
    ...series,
    {
      label: other,
      color: otherColor,
      values: buckets.map((bucket) => countIn(bucket, (one) => !shown.includes(one))),
    },
  ]
}
