import { stat } from 'node:fs/promises'
import { openQuietly } from './database.ts'
import { type Finding, ok, problem, skipped } from './finding.ts'

const NAME = 'Turns'

/** Whether an operator paused the service. It is stored, so a server that does not run is paused too. */
export async function checkPause(file: string): Promise<Finding> {
  if (!(await stat(file).catch(() => undefined))) return ok(NAME, 'taken')
  try {
    using database = await openQuietly(file)
    const row = database.prepare("SELECT is_on, at FROM operator_switches WHERE name = 'paused'").get()
    if (row?.['is_on'] !== 1) return ok(NAME, 'taken')
    const since = new Date(Number(row['at'])).toISOString().slice(0, 16).replace('T', ' ')
    return problem(NAME, `paused by an operator since ${since}`, 'fix: codelab pause --off')
  } catch {
    return skipped(NAME, 'not known before the first start of this version')
  }
}
