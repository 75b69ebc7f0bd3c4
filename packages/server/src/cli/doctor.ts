import { type Config, type ConfigReading, type ConfigSources, readConfig } from '../config.ts'
import type { CommandOutput } from './config.ts'
import { checkDatabase, checkDisk } from './doctor/database.ts'
import { type Finding, ok, problem, skipped } from './doctor/finding.ts'
import { checkNode, checkSandbox, checkTerminal, checkWorkspace, type TerminalScreen } from './doctor/machine.ts'
import { checkModel } from './doctor/model.ts'
import { checkPause } from './doctor/pause.ts'
import { checkPort } from './doctor/port.ts'
import { checkPostgres, checkPostgresPause } from './doctor/postgres.ts'
import type { Style } from './style.ts'
import { wrap } from './text.ts'

const NAME_WIDTH = 16

export interface DoctorOptions {
  /** Asks the model twice, which may cost money. */
  readonly tryModel?: boolean
  readonly screen?: Partial<TerminalScreen>
}

/** `codelab doctor`: what is right, what is wrong and what to do. Changes nothing. Gives the exit code: 1 when there is a problem. */
export async function runDoctor(
  sources: ConfigSources,
  output: CommandOutput,
  { tryModel = false, screen = process.stdout }: DoctorOptions = {},
): Promise<number> {
  const findings = await examine(sources, screen)
  if (tryModel) findings.push(...(await tried(sources, output)))
  const problems = findings.filter(({ state }) => state === 'problem').length
  if (output.json) output.write(`${JSON.stringify({ rows: findings, problems }, null, 2)}\n`)
  else output.write(render(findings, problems, output.style))
  return problems === 0 ? 0 : 1
}

export async function examine(sources: ConfigSources, screen: Partial<TerminalScreen>): Promise<Finding[]> {
  const { cwd, env } = sources
  const reading = await readConfig(sources)
  const { config } = reading
  const needSettings = config
    ? [
        ...checksOf(config.database, cwd),
        examined('Port', checkPort(config.host, config.port)),
        ...config.models.map((model) => examined('Model', checkModel(model, reading.entries))),
      ]
    : [skipped('Database, port', 'not examined while settings are wrong')]
  return Promise.all([
    checkNode(),
    checkSettings(reading),
    ...needSettings,
    examined('Workspace', checkWorkspace(cwd)),
    examined('Sandbox', checkSandbox(cwd)),
    checkTerminal(screen, env),
  ])
}

function checksOf(database: Config['database'], cwd: string): Promise<Finding>[] {
  if (database.kind === 'postgres') {
    return [examined('Database', checkPostgres(database)), examined('Turns', checkPostgresPause(database))]
  }
  const { file } = database
  return [
    examined('Database', checkDatabase(file, cwd)),
    examined('Disk', checkDisk(file)),
    examined('Turns', checkPause(file)),
  ]
}

/** Loaded only when it is asked for: no other command needs an adapter. */
async function tried(sources: ConfigSources, output: CommandOutput): Promise<Finding[]> {
  const { config } = await readConfig(sources)
  if (!config) return [skipped('Tool call', 'not tried while settings are wrong')]
  const { announceTry, tryModel } = await import('./doctor/try-model.ts')
  const [entry] = config.models
  if (!output.json) output.write(announceTry(entry))
  return await tryModel(entry, config.limits)
}

/** A check that fails unexpectedly is a row like any other: the rest is still worth reading. */
async function examined(name: string, finding: Promise<Finding>): Promise<Finding> {
  try {
    return await finding
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : ''
    return problem(name, `could not be examined${code}`)
  }
}

function checkSettings({ entries, files, problems, warnings }: ConfigReading): Finding {
  const set = entries.filter(({ source }) => source !== 'default').length
  const text = `${[...files, 'environment'].join(', ')}; ${set} set, ${problems.length} wrong`
  const lines = (found: ConfigReading['problems']) =>
    found.flatMap(({ name, place, text: said, hint }) => [
      `${name}, ${place}: ${said}`,
      ...(hint === undefined ? [] : [`fix: ${hint}`]),
    ])
  if (problems.length > 0) return problem('Settings', text, ...lines([...problems, ...warnings]))
  return ok('Settings', text, ...lines(warnings))
}

function render(findings: readonly Finding[], problems: number, style: Style): string {
  const marks = { ok: style.ok('✓'), problem: style.bad('✗'), skipped: style.dim('○') }
  return [
    '',
    ...findings.flatMap(({ name, state, text, details }) => [
      `${marks[state]} ${style.bold(name)}${' '.repeat(Math.max(1, NAME_WIDTH - name.length))}${text}`,
      ...details
        .flatMap((line) => wrap(line, style.width - NAME_WIDTH - 2))
        .map((line) => ' '.repeat(NAME_WIDTH + 2) + style.dim(line)),
    ]),
    '',
    problems === 0 ? 'No problems.' : `${problems} problem${problems === 1 ? '' : 's'}. Exit 1.`,
    '',
  ].join('\n')
}
