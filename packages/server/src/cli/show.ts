import type { SessionTimeline } from '../compose/operator.ts'
import type { ConfigSources } from '../config.ts'
import type { CommandOutput } from './config.ts'
import { reach, withConfig } from './reach.ts'
import type { Style } from './style.ts'
import { counted, span, widths } from './text.ts'
import { type TimelineRow, timelineRows } from './timeline.ts'

const mostEvents = 5_000

/** `codelab show ID --timeline`: what happened in a session, with times. Gives the exit code: 1 for an unknown session. */
export async function runShow(
  sources: ConfigSources,
  options: { readonly session: string; readonly timeline: boolean },
  output: CommandOutput,
): Promise<number> {
  return await withConfig(sources, output, async (config) => {
    await using connection = await reach(config)
    const timeline = await connection.timeline(options.session, mostEvents)
    const rows = timelineRows(timeline.events)
    if (output.json) output.write(`${JSON.stringify({ ...timeline, rows }, null, 2)}\n`)
    else output.write(render(timeline, rows, options.timeline, output.style))
    return 0
  })
}

const indents: Readonly<Record<TimelineRow['kind'], number>> = {
  session: 0,
  turn: 0,
  run: 1,
  step: 2,
  call: 2,
  approval: 3,
  other: 2,
}

function render(timeline: SessionTimeline, rows: readonly TimelineRow[], whole: boolean, style: Style): string {
  const { session_id: id, title, state, events, cut } = timeline
  const shown = whole ? rows : rows.filter(({ kind }) => kind === 'turn')
  const cells = shown.map((row) => [
    row.at.slice(0, 23).replace('T', ' '),
    `${'  '.repeat(indents[row.kind])}${row.text}`,
    took(row),
    row.result,
  ])
  const columns = widths(cells)
  const lines = cells.map(([at = '', text = '', time = '', result = '']) =>
    `  ${style.dim(at)}  ${text.padEnd(columns[1] ?? 0)}  ${time.padStart(columns[2] ?? 0)}  ${result}`.trimEnd(),
  )
  const turns = rows.filter(({ kind }) => kind === 'turn').length
  return [
    `${style.bold(id)}  ${title ?? 'no title'}  ${style.dim(`${state}, ${counted(turns, 'turn')}, ${counted(events.length, 'event')}`)}`,
    ...(cut ? ['  Older events are left out.'] : []),
    ...lines,
    ...(whole ? [] : [`  Runs, steps, calls and approvals: codelab show ${id} --timeline`]),
    '',
  ].join('\n')
}

function took({ tookMs }: TimelineRow): string {
  if (tookMs === undefined) return ''
  if (tookMs === null) return 'open'
  if (tookMs < 1_000) return `${tookMs} ms`
  return tookMs < 60_000 ? `${(tookMs / 1_000).toFixed(1)} s` : span(tookMs / 1_000)
}
