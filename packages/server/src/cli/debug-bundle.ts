import { writeFile } from 'node:fs/promises'
import { release } from 'node:os'
import { resolve } from 'node:path'
import type { Config, ConfigSources } from '../config.ts'
import { productVersion, readConfig } from '../config.ts'
import { RuntimeError } from '../domain/errors.ts'
import type { CommandOutput } from './config.ts'
import { openQuietly } from './doctor/database.ts'
import { askPostgres } from './doctor/postgres.ts'
import { examine } from './doctor.ts'
import { askServer, reach, serverRuns } from './reach.ts'
import { shortPath } from './text.ts'

const mostEvents = 200
const tables = ['sessions', 'messages', 'turns', 'runs', 'tool_calls', 'model_calls', 'inputs', 'events'] as const

/** Facts of events that are ids, names, numbers or codes. Whatever else an event may hold, a text perhaps, stays at home. */
const shownFacts = new Set(
  `agent attempts by callId cachedTokens confidence decision failed finish from implicit input inputId inputTokens kind messageId model only
  outcome outputTokens reasoningTokens requiresApproval role step steps to tool`.split(/\s+/),
)

/** `codelab debug-bundle`: one JSON file about this installation for whoever helps; no message text, no key. Gives the exit code. */
export async function runDebugBundle(
  sources: ConfigSources,
  options: { readonly session?: string; readonly file?: string },
  output: CommandOutput,
): Promise<number> {
  const reading = await readConfig(sources)
  const { config } = reading
  const bundle = {
    made_at: new Date().toISOString(),
    versions: {
      codelab: productVersion,
      node: process.versions.node,
      sqlite: process.versions['sqlite'] ?? null,
      system: `${process.platform} ${release()} ${process.arch}`,
    },
    settings: reading.entries,
    files: reading.files,
    problems: reading.problems,
    warnings: reading.warnings,
    doctor: await examine(sources, process.stdout),
    health: config ? await healthOf(config) : null,
    counts: config ? await countsOf(config) : null,
    session: config && options.session !== undefined ? await sessionOf(config, options.session) : null,
  }
  const time = bundle.made_at.replace(/[-:]/g, '').slice(0, 15)
  const file = resolve(sources.cwd, options.file ?? `codelab-debug-${time}.json`)
  try {
    await writeFile(file, `${JSON.stringify(bundle, null, 2)}\n`, { mode: 0o600, flag: 'wx' })
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'an unknown error'
    const reason = code === 'EEXIST' ? 'there is a file of that name already' : `the system says ${code}`
    output.write(`${output.style.bad('✗')} ${shortPath(file, sources.cwd)} cannot be written: ${reason}\n`)
    return 1
  }
  const { session } = bundle
  if (session && 'error' in session && !output.json) output.write(`${output.style.bad('✗')} ${session.error}\n`)
  if (output.json) output.write(`${JSON.stringify({ file })}\n`)
  else
    output.write(
      `Written to ${shortPath(file, sources.cwd)}. It holds no message text and no key; look at it before you send it.\n`,
    )
  return 0
}

async function healthOf(config: Config): Promise<unknown> {
  if (!(await serverRuns(config))) return { server: 'does not run' }
  const reply = await askServer(config, '/health/ready')
  return reply.kind === 'answer' ? reply.body : { server: reply.reason }
}

/** Read beside a running server, which is not disturbed by it. */
async function countsOf({ database: choice }: Config): Promise<unknown> {
  try {
    if (choice.kind === 'postgres') return await countsOfPostgres(choice.url)
    using database = await openQuietly(choice.file)
    const counts = tables.map((table) => [table, database.prepare(`select count(*) as n from ${table}`).get()?.['n']])
    const states = database
      .prepare('select state, count(*) as count from sessions where deleted_at is null group by state')
      .all()
    return { ...Object.fromEntries(counts), session_states: states }
  } catch {
    return { database: 'cannot be read' }
  }
}

async function countsOfPostgres(url: string): Promise<object> {
  const counts: [string, unknown][] = []
  for (const table of tables) {
    const [row] = await askPostgres(url, `select count(*)::int as n from ${table}`)
    counts.push([table, row?.['n']])
  }
  const states = 'select state, count(*)::int as count from sessions where deleted_at is null group by state'
  return { ...Object.fromEntries(counts), session_states: await askPostgres(url, states) }
}

async function sessionOf(config: Config, sessionId: string): Promise<object> {
  try {
    await using connection = await reach(config)
    const { session_id, state, events, cut } = await connection.timeline(sessionId, mostEvents)
    return { session_id, state, cut, events: events.map((event) => ({ ...event, facts: factsOf(event.facts) })) }
  } catch (error) {
    if (!(error instanceof RuntimeError)) throw error
    return { session_id: sessionId, error: error.message }
  }
}

function factsOf(facts: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const shown = Object.entries(facts).filter(([name]) => shownFacts.has(name))
  const error = facts['error']
  const code = typeof error === 'object' && error !== null && 'code' in error ? { code: error.code } : {}
  return { ...Object.fromEntries(shown), ...code }
}
