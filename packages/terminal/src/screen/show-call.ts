import type { FinishedCall } from '../conversation/events.ts'
import { callSucceeded } from './call-words.ts'
import type { Style } from './style.ts'
import { clean, cut, duration } from './text.ts'
import type { Transcript } from './transcript.ts'

const labelWidth = 10
const maxLines = 2000

/** A call opened: its arguments and its result, 2,000 lines at most. */
export function openedCall(finished: FinishedCall, transcript: Transcript, columns: number, style: Style): string[] {
  const { call, outcome, ms } = finished
  const ok = callSucceeded(finished)
  const [mark, token] = ok ? ([style.marks.done, 'ok'] as const) : ([style.marks.failed, 'bad'] as const)
  const head = transcript.callLine(
    mark,
    token,
    call,
    style.paint(ok ? 'dim' : 'bad', clean(outcome.summary)),
    duration(ms),
    columns,
  )
  const indent = ' '.repeat(style.margin + 2)
  const room = columns - indent.length
  const label = (name: string, text: string) =>
    `${indent}${style.paint('dim', name.padEnd(labelWidth))}${cut(text, room - labelWidth, style.marks.more)}`
  const body = outcome.ok
    ? outcome.text === undefined
      ? resultLines(outcome.result)
      : [outcome.text]
    : [outcome.error, ...resultLines(outcome.result ?? {})]
  const lines = body.flatMap((text) => clean(text).split('\n'))
  const shown = lines
    .slice(0, maxLines)
    .map((line) => `${indent}${cut(line.replace(/\t/g, '    '), room, style.marks.more)}`)
  const left = lines.length - shown.length
  return [
    head,
    label('call', clean(call.callId)),
    label('arguments', clean(JSON.stringify(call.arguments))),
    `${indent}${style.paint('dim', 'result')}`,
    ...shown,
    ...(left > 0 ? [style.paint('dim', `${indent}${style.marks.more} ${left} more lines`)] : []),
  ]
}

/** Texts as they are, everything else as JSON. */
function resultLines(result: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(result).flatMap(([name, value]) => {
    if (typeof value !== 'string') return [`${name} ${JSON.stringify(value)}`]
    return value.includes('\n') ? [`${name}:`, value.replace(/\n$/, '')] : [`${name} ${value}`]
  })
}
