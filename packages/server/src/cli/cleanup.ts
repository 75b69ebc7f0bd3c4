import type { CleanupReport } from '../compose/operator.ts'
import type { Config, ConfigSources } from '../config.ts'
import { parseDuration } from '../domain/duration.ts'
import type { CommandOutput } from './config.ts'
import { type Connection, reach, withConfig } from './reach.ts'
import type { Style } from './style.ts'
import { counted, size, span, widths } from './text.ts'

export interface CleanupOptions {
  readonly dryRun: boolean
  /** As typed: `30d`. */
  readonly olderThan?: string
}

const wrongUse = 2

/** `codelab cleanup`: removes sessions without activity, or only says which. Gives the exit code. */
export async function runCleanup(
  sources: ConfigSources,
  { dryRun, olderThan }: CleanupOptions,
  output: CommandOutput,
): Promise<number> {
  const olderThanMs = olderThan === undefined ? undefined : parseDuration(olderThan)
  if (olderThan !== undefined && (olderThanMs === undefined || olderThanMs < 1_000)) {
    output.write(`${output.style.bad('✗')} --older-than takes a time such as 12h or 30d\n`)
    return wrongUse
  }
  return await withConfig(sources, output, async (config: Config) => {
    await using connection = await reach(config)
    const report = await cleanAll(connection, { dryRun, ...(olderThanMs === undefined ? {} : { olderThanMs }) })
    output.write(output.json ? `${JSON.stringify(report, null, 2)}\n` : render(report, output.style))
    return 0
  })
}

/** Calls are of limited size; what would go is said for the first of them. */
async function cleanAll(connection: Connection, command: Parameters<Connection['cleanUp']>[0]): Promise<CleanupReport> {
  let all = await connection.cleanUp(command)
  while (all.more && !command.dryRun) {
    const next = await connection.cleanUp(command)
    all = {
      ...next,
      sessions: [...all.sessions, ...next.sessions],
      count: all.count + next.count,
      bytes: all.bytes + next.bytes,
      purged: all.purged + next.purged,
    }
  }
  return all
}

function render(report: CleanupReport, style: Style): string {
  const { rule, sessions, dry_run: dryRun, more, purged, count, bytes } = report
  const rows = sessions.map((session) => [
    session.session_id,
    (session.title ?? 'no title').replace(/\s+/g, ' ').slice(0, 40),
    session.last_activity.slice(0, 16).replace('T', ' '),
    counted(session.message_count, 'message'),
    size(session.bytes),
  ])
  const columns = widths(rows)
  const lines = rows.map((row) =>
    `  ${row.map((cell, index) => cell.padEnd(columns[index] ?? 0)).join('  ')}`.trimEnd(),
  )
  const what =
    rule === null ? 'off' : `${rule.empty_only ? 'without a message, ' : ''}idle for ${span(rule.idle_seconds)}`
  const [goes, gone] = dryRun ? ['would go', 'would be purged'] : ['deleted', 'purged']
  return [
    ...lines,
    ...(lines.length > 0 ? [''] : []),
    rule === null
      ? 'Cleanup is off (CODELAB_CLEANUP_AFTER). Name an age: codelab cleanup --older-than 30d --dry-run'
      : `${style.bold(`${counted(count, 'session')} ${goes}`)}, ${size(bytes)}, rule: ${what}.${more && dryRun ? ' There are more.' : ''}`,
    `${counted(purged, 'session')} deleted earlier ${gone}.`,
    ...(dryRun ? ['Nothing was changed.'] : []),
    '',
  ].join('\n')
}
