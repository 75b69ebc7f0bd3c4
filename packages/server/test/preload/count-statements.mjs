// Counts what a server says to PostgreSQL: statements, and how often it waited for an answer before the next. Written once a second beside the
// announcement of the process.
import { renameSync, writeFileSync } from 'node:fs'
import pg from 'pg'

const counts = { statements: 0, settings: 0, roundTrips: 0, commits: 0 }
/** Of each connection, what was sent and is not answered. What is sent meanwhile waits for nothing. */
const open = new WeakMap()
const { query } = pg.Client.prototype
pg.Client.prototype.query = function counted(config, ...rest) {
  const text = typeof config === 'string' ? config : (config?.text ?? '')
  const statements = text.split(';').filter((part) => part.trim() !== '')
  counts.statements += statements.length
  counts.settings += statements.filter((part) => /^\s*set local/i.test(part)).length
  if (/^commit/i.test(text)) counts.commits += 1
  const before = open.get(this) ?? 0
  if (before === 0) counts.roundTrips += 1
  open.set(this, before + 1)
  const answered = () => open.set(this, open.get(this) - 1)
  const sent = query.call(this, config, ...rest)
  sent?.then?.(answered, answered)
  return sent
}
setInterval(() => {
  const file = `statements-${process.pid}.json`
  writeFileSync(`${file}.tmp`, JSON.stringify(counts))
  renameSync(`${file}.tmp`, file)
}, 200).unref()
