// Counts what a server says to PostgreSQL: statements, and how often it waited for an answer before the next. Written once a second beside the
// announcement of the process.
import { writeFileSync } from 'node:fs'
import pg from 'pg'

const counts = { statements: 0, commits: 0 }
const { query } = pg.Client.prototype
pg.Client.prototype.query = function counted(config, ...rest) {
  const text = typeof config === 'string' ? config : (config?.text ?? '')
  counts.statements += text.split(';').filter((part) => part.trim() !== '').length
  if (/^commit/i.test(text)) counts.commits += 1
  return query.call(this, config, ...rest)
}
setInterval(() => writeFileSync(`statements-${process.pid}.json`, JSON.stringify(counts)), 200).unref()
