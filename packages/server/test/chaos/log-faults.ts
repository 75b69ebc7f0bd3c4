import { sessionGaps } from '../crash/log-gaps.ts'
import type { PostgresDatabase } from '../postgres/database.ts'

interface EventRow {
  readonly session: string
  readonly seq: string
  readonly type: string
  readonly run_id: string | null
}

/** Where the log contradicts itself: gaps, and turns whose runs overlap or write after their end. */
export async function logFaults(database: PostgresDatabase): Promise<string[]> {
  const rows = await database.execute(
    `select s.external_id as session, e.seq, e.type, e.run_id from events e join sessions s on s.sid = e.sid
      order by s.sid, e.seq`,
  )
  return [...(await sessionGaps(database)), ...overlaps(rows as unknown as readonly EventRow[])]
}

export function overlaps(rows: readonly EventRow[]): string[] {
  const open = new Map<string, string>()
  const ended = new Set<string>()
  const faults: string[] = []
  for (const { session, seq, type, run_id: run } of rows) {
    if (run === null) continue
    const at = `${session}, event ${seq}: ${type} of the run ${run}`
    const current = open.get(session)
    if (ended.has(run) && type !== 'turn.ended') faults.push(`${at}, which has ended`)
    if (current !== undefined && current !== run) faults.push(`${at} while ${current} is at work`)
    if (type === 'run.started') open.set(session, run)
    if (type !== 'run.ended') continue
    open.delete(session)
    ended.add(run)
  }
  for (const [session, run] of open) faults.push(`${session}: the run ${run} has no end`)
  return faults
}

/** Answers of the model that were stored whole. */
export async function storedAnswers(database: PostgresDatabase): Promise<readonly string[]> {
  const rows = await database.execute("select parts from messages where role = 'assistant' and status <> 'interrupted'")
  return rows.map(({ parts }) => String(parts))
}
