import type { Log } from '../application/ports/log.ts'
import type { ImportCounts, LeftOutReason, PythonImportReport } from '../compose/import-python.ts'
import type { ConfigSources } from '../config.ts'
import type { CommandOutput } from './config.ts'
import { withConfig } from './reach.ts'
import type { Style } from './style.ts'
import { counted, widths } from './text.ts'

const quiet: Log = { debug() {}, info() {}, warn() {}, error() {} }
const failed = 1

/** `codelab import-python SOURCE`: takes over the sessions of the Python service; without --apply only says what it would do. Gives the exit
 *  code: 1 when not everything that was taken is there afterwards. */
export async function runImportPython(
  sources: ConfigSources,
  options: { readonly from: string; readonly owner?: string; readonly apply: boolean },
  output: CommandOutput,
): Promise<number> {
  return await withConfig(sources, output, async (config) => {
    const { importFromPython } = await import('../compose/import-python.ts')
    const { from, owner, apply } = options
    const report = await importFromPython(config, quiet, { from, owner, apply, cwd: sources.cwd })
    output.write(output.json ? `${JSON.stringify(report, null, 2)}\n` : render(report, output.style))
    return isWhole(report) ? 0 : failed
  })
}

/** Whatever was taken, now or before, is there. */
function isWhole({ ours, taken, unsound }: PythonImportReport): boolean {
  return unsound.length === 0 && (ours === null || (ours.sessions >= taken.sessions && ours.messages >= taken.messages))
}

const leftOutLines: Readonly<Record<LeftOutReason, string>> = {
  taken_before: 'taken by an earlier import: left as they are here',
  moved_on: 'taken by an earlier import, and there is more of them in the source now: left as they are here',
  deleted_here: 'taken by an earlier import, and deleted here since: not taken again',
  id_taken: 'a session of that id is here already, from elsewhere: left out',
  id_unusable: 'their ids are empty, too long or have control characters: left out',
}

function render(report: PythonImportReport, style: Style): string {
  const { theirs, taken, ours, applied, mends, leftOut, unsound } = report
  const table = [
    ['', 'sessions', 'messages', 'switches', 'waiting for a person'],
    row('in the source', { ...theirs, waiting: theirs.pendingApprovals }),
    row(applied ? 'taken' : 'would be taken', taken),
    ...(ours ? [row('here now, of the source', ours)] : []),
  ]
  const columns = widths(table)
  const lines = table.map((cells) =>
    `  ${cells.map((cell, at) => (at === 0 ? cell.padEnd(columns[at] ?? 0) : cell.padStart(columns[at] ?? 0))).join('  ')}`.trimEnd(),
  )
  return [
    style.bold(`${report.source} → owner ${report.owner}`),
    ...lines,
    ...section(
      'Mended',
      mends.map(({ count, says }) => `${counted(count, 'time').padEnd(11)}  ${says}`),
    ),
    ...section('Left out', [
      ...(theirs.deletedSessions > 0 ? [`${counted(theirs.deletedSessions, 'session')}: deleted there`] : []),
      ...(theirs.strayApprovals > 0 ? [`${counted(theirs.strayApprovals, 'approval')}: of no session`] : []),
      ...leftOut.map(({ reason, count, sessions }) => {
        const more = count > sessions.length ? ', …' : ''
        return `${counted(count, 'session')}: ${leftOutLines[reason]} (${sessions.map(shownId).join(', ')}${more})`
      }),
    ]),
    ...section(
      `${style.bad('✗')} Stored, and a strict provider would refuse the history`,
      unsound.map((id) => shownId(id)),
    ),
    '',
    ...(report.sourceMayBeInUse
      ? [
          `${style.wait('‖')} The source looks as if it were in use. Stop the Python service: what it writes from now on is not taken.`,
        ]
      : []),
    applied
      ? 'Done. Running it again takes only what is new.'
      : 'Nothing was changed. Once the Python service is stopped, the same with --apply.',
    '',
  ].join('\n')
}

function row(name: string, counts: ImportCounts): string[] {
  const { sessions, messages, switches, waiting } = counts
  return [name, ...[sessions, messages, switches, waiting].map((count) => count.toLocaleString('en-US'))]
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : ['', `${title}:`, ...lines.map((line) => `  ${line}`)]
}

/** An id may be anything that somebody put into a path. */
function shownId(id: string): string {
  const clean = id.replace(/\p{Cc}/gu, '\ufffd')
  return clean.length <= 40 ? clean : `${clean.slice(0, 40)}…`
}
