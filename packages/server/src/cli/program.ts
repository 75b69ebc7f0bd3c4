import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import { productVersion } from '../config.ts'
import { readDay } from '../domain/usage.ts'

/** Flags by name without the dashes, as `loadConfig` takes them. */
export type Flags = Readonly<Record<string, string>>

/** What the commands do; each gives the exit code of the process. */
export interface ServerActions {
  serve(flags: Flags): Promise<number>
  doctor(flags: Flags, options: Json & { readonly tryModel: boolean }): Promise<number>
  config(flags: Flags, options: { readonly json: boolean }): Promise<number>
  cleanup(flags: Flags, options: Json & { readonly dryRun: boolean; readonly olderThan?: string }): Promise<number>
  pause(flags: Flags, options: Json & { readonly off: boolean }): Promise<number>
  show(flags: Flags, options: Json & { readonly session: string; readonly timeline: boolean }): Promise<number>
  backup(flags: Flags, options: Json & { readonly file?: string }): Promise<number>
  restore(flags: Flags, options: Json & { readonly file: string }): Promise<number>
  deadLettersList(flags: Flags, options: Json): Promise<number>
  deadLettersReplay(flags: Flags, options: Json & { readonly id?: number }): Promise<number>
  usage(flags: Flags, options: Json & UsageOptions): Promise<number>
  importPython(
    flags: Flags,
    options: Json & { readonly from: string; readonly owner?: string; readonly apply: boolean },
  ): Promise<number>
  keysCreate(
    flags: Flags,
    options: Json & { readonly user: string; readonly rate?: string; readonly expires?: string },
  ): Promise<number>
  keysList(flags: Flags, options: Json & { readonly user?: string }): Promise<number>
  keysRevoke(
    flags: Flags,
    options: Json & { readonly which: { readonly id: string } | { readonly user: string } },
  ): Promise<number>
  debugBundle(flags: Flags, options: Json & { readonly session?: string; readonly file?: string }): Promise<number>
}

interface Json {
  readonly json: boolean
}

export interface UsageOptions {
  readonly from?: string
  readonly to?: string
  readonly by: readonly ('day' | 'user' | 'model')[]
  readonly user?: string
}

interface ImportOptions {
  readonly dryRun?: boolean
  readonly apply?: boolean
  readonly owner?: string
}

const WRONG_USE = 2

/** Runs one server command from its words, such as `['serve', '--port', '9000']`. Gives the exit code: 2 when they are wrong. */
export async function runServerProgram(words: readonly string[], actions: ServerActions): Promise<number> {
  let exitCode = 0
  const program = createServerProgram(actions, (code) => {
    exitCode = code
  })
  try {
    await program.parseAsync([...words], { from: 'user' })
    return exitCode
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : WRONG_USE
    throw error
  }
}

/** The commands that operate the server; `finish` gets their exit code. Help and wrong use end in a `CommanderError`, not in an exit. */
function createServerProgram(actions: ServerActions, finish: (exitCode: number) => void): Command {
  const program = new Command('codelab')
    .description('The agent runtime behind an AI coding assistant.')
    .version(productVersion)
    .exitOverride()
    .showSuggestionAfterError()

  withSettings(program.command('serve'))
    .description('Start the server.')
    .addHelpText(
      'after',
      examples(
        'codelab serve',
        'codelab serve --port 9000 --log-level debug',
        'codelab serve --database sqlite:////var/lib/codelab/runtime.db',
      ),
    )
    .action(async (_options: unknown, command: Command) => finish(await actions.serve(flagsOf(command))))

  withSettings(program.command('doctor'), ['model'])
    .description('Say what is wrong with this installation, and what to do. Exit 1 when something is.')
    .option('--model [id]', 'ask the model twice: a tool call and a long prompt; this costs what they cost')
    .option('--json', 'the same rows for a program')
    .addHelpText('after', examples('codelab doctor', 'codelab doctor --model', 'codelab doctor --json'))
    .action(async (_options: unknown, command: Command) => {
      const tryModel = command.getOptionValue('model') !== undefined
      finish(await actions.doctor(flagsOf(command), { tryModel, ...jsonOf(command) }))
    })

  withSettings(program.command('config'))
    .description(
      'Print each setting, its value and where it comes from. Secrets are not shown. Exit 78 when one is wrong.',
    )
    .option('--json', 'the same for a program')
    .addHelpText('after', examples('codelab config', 'codelab config --json'))
    .action(async (_options: unknown, command: Command) =>
      finish(await actions.config(flagsOf(command), jsonOf(command))),
    )

  addOperatorCommands(program, actions, finish)
  addDeadLetterCommands(program, actions, finish)
  addKeyCommands(program, actions, finish)
  for (const command of program.commands) command.showHelpAfterError(`See "codelab ${command.name()} --help".`)
  return program
}

/** What an operator does to a server, running or not. */
function addOperatorCommands(program: Command, actions: ServerActions, finish: (exitCode: number) => void): void {
  const json = (command: Command) => command.option('--json', 'the same for a program')

  json(withSettings(program.command('cleanup')))
    .description('Delete sessions without activity, in small steps; never one that runs or waits for a person.')
    .option('--dry-run', 'only say what would go')
    .option('--older-than <time>', 'another age than CODELAB_CLEANUP_AFTER, such as 12h or 30d')
    .addHelpText('after', examples('codelab cleanup --dry-run', 'codelab cleanup --older-than 30d'))
    .action(async (options: { dryRun?: boolean; olderThan?: string }, command: Command) => {
      const { dryRun = false, olderThan } = options
      const given = { dryRun, ...(olderThan === undefined ? {} : { olderThan }) }
      finish(await actions.cleanup(settingsOf(command), { ...given, ...jsonOf(command) }))
    })

  json(withSettings(program.command('pause')))
    .description('Take no new turns; running ones end after their step. Holds across restarts.')
    .option('--off', 'take them again')
    .addHelpText('after', examples('codelab pause', 'codelab pause --off'))
    .action(async (options: { off?: boolean }, command: Command) =>
      finish(await actions.pause(settingsOf(command), { off: options.off ?? false, ...jsonOf(command) })),
    )

  json(withSettings(program.command('show').argument('<session>')))
    .description('What happened in a session: turns, steps, calls and approvals with their times.')
    .option('--timeline', 'every event')
    .addHelpText('after', examples('codelab show 1f0c2a4e', 'codelab show 1f0c2a4e --timeline'))
    .action(async (session: string, options: { timeline?: boolean }, command: Command) => {
      const given = { session, timeline: options.timeline ?? false }
      finish(await actions.show(settingsOf(command), { ...given, ...jsonOf(command) }))
    })

  json(withSettings(program.command('backup').argument('[file]')))
    .description('Copy the database, also while a server runs.')
    .addHelpText('after', examples('codelab backup', 'codelab backup /var/backups/codelab.db'))
    .action(async (file: string | undefined, _options: unknown, command: Command) =>
      finish(
        await actions.backup(settingsOf(command), { ...(file === undefined ? {} : { file }), ...jsonOf(command) }),
      ),
    )

  json(withSettings(program.command('restore').argument('<file>')))
    .description('Put a backup in the place of the database; the server must be stopped. The old file is kept.')
    .addHelpText('after', examples('codelab restore /var/backups/codelab.db'))
    .action(async (file: string, _options: unknown, command: Command) =>
      finish(await actions.restore(settingsOf(command), { file, ...jsonOf(command) })),
    )

  json(withSettings(program.command('usage')))
    .description('Tokens, cost, model calls and turns, by day of UTC, by user or by model.')
    .addOption(new Option('--from <day>', 'first day (default: 30 days up to the last one)').argParser(dayOption))
    .addOption(new Option('--to <day>', 'last day (default: today)').argParser(dayOption))
    .addOption(new Option('--by <names>', 'day, user, model, or several with commas').default('day'))
    .option('--user <user>', 'only of this user')
    .addHelpText('after', examples('codelab usage', 'codelab usage --by user,model --from 2026-01-01 --to 2026-01-31'))
    .action(async (options: { from?: string; to?: string; by: string; user?: string }, command: Command) => {
      const { by: names, from, to, user } = options
      const by = usageGroups.filter((name) => names.split(',').includes(name))
      if (by.length !== names.split(',').length) command.error(`--by takes ${usageGroups.join(', ')}, with commas.`)
      const given = { ...(from && { from }), ...(to && { to }), ...(user && { user }), by }
      finish(await actions.usage(settingsOf(command), { ...given, ...jsonOf(command) }))
    })

  json(withSettings(program.command('import-python').argument('<source>')))
    .description('Take over the sessions of the Python service. Without --apply it only says what it would do.')
    .option('--dry-run', 'only say what would be taken, mended and left out (the default)')
    .option('--apply', 'write it')
    .option('--owner <user>', 'whose sessions they become (default: those of the internal key)')
    .addHelpText(
      'after',
      examples(
        'codelab import-python data/agent_runtime.db',
        'codelab import-python sqlite:////srv/agent-runtime/data/agent_runtime.db --apply',
        'PGPASSWORD=… codelab import-python postgresql://runtime@db:5432/agent_runtime --owner alice',
      ),
    )
    .action(async (from: string, options: ImportOptions, command: Command) => {
      const { owner, apply = false, dryRun = false } = options
      if (apply && dryRun) command.error('Name --apply or --dry-run, not both.')
      if (owner?.trim() === '') command.error('--owner needs a name.')
      const given = { from, apply, ...(owner === undefined ? {} : { owner }) }
      finish(await actions.importPython(settingsOf(command), { ...given, ...jsonOf(command) }))
    })

  json(withSettings(program.command('debug-bundle').argument('[file]')))
    .description('One file for a report: versions, settings, health, counts. No keys, no message text.')
    .option('--session <id>', 'with the newest events of this session')
    .addHelpText('after', examples('codelab debug-bundle', 'codelab debug-bundle bundle.json --session 1f0c2a4e'))
    .action(async (file: string | undefined, options: { session?: string }, command: Command) => {
      const given = { ...options, ...(file === undefined ? {} : { file }) }
      finish(await actions.debugBundle(settingsOf(command), { ...given, ...jsonOf(command) }))
    })
}

/** Events that a handler could not take. */
function addDeadLetterCommands(program: Command, actions: ServerActions, finish: (exitCode: number) => void): void {
  const letters = program
    .command('deadletters')
    .description('Events that an event handler could not take: list them, give them to it again.')
    .addHelpText('after', examples('codelab deadletters list', 'codelab deadletters replay --all'))

  withSettings(letters.command('list').option('--json', 'the same for a program'))
    .description('The oldest 100.')
    .action(async (_options: unknown, command: Command) =>
      finish(await actions.deadLettersList(settingsOf(command), jsonOf(command))),
    )

  withSettings(letters.command('replay').argument('[id]').option('--json', 'the same for a program'))
    .description('Give one to its handler again, or with --all the oldest 1,000. Exit 1 when one fails again.')
    .option('--all', 'all of them')
    .action(async (given: string | undefined, options: { all?: boolean }, command: Command) => {
      const id = given === undefined ? undefined : Number(given)
      if ((id === undefined) !== (options.all === true)) command.error('Name an id, or --all.')
      if (id !== undefined && !(Number.isSafeInteger(id) && id > 0)) command.error(`${given} is no id. See "list".`)
      const named = id === undefined ? {} : { id }
      finish(await actions.deadLettersReplay(settingsOf(command), { ...named, ...jsonOf(command) }))
    })
}

const usageGroups = ['day', 'user', 'model'] as const

function dayOption(text: string): string {
  if (readDay(text) === undefined) throw new InvalidArgumentError('It is no day such as 2026-01-18.')
  return text
}

/** Keys of persons. */
function addKeyCommands(program: Command, actions: ServerActions, finish: (exitCode: number) => void): void {
  const keys = program
    .command('keys')
    .description('Personal keys: make one for each person, list them, revoke them.')
    .addHelpText(
      'after',
      examples('codelab keys create --user alice', 'codelab keys list', 'codelab keys revoke --user alice'),
    )
  const json = (command: Command) => withSettings(command).option('--json', 'the same for a program')

  json(keys.command('create').requiredOption('--user <name>', 'whose key it is'))
    .description('Make a key and show it, this once; only its hash is kept.')
    .option('--rate <rate>', 'its own limit, such as 60/min')
    .option('--expires <time>', 'it counts for so long, such as 90d')
    .action(async (options: { user: string; rate?: string; expires?: string }, command: Command) => {
      const { user, rate, expires } = options
      const wanted = { user, ...(rate === undefined ? {} : { rate }), ...(expires === undefined ? {} : { expires }) }
      finish(await actions.keysCreate(settingsOf(command), { ...wanted, ...jsonOf(command) }))
    })

  json(keys.command('list').option('--user <name>', 'only keys of this user'))
    .description('Whose they are, when they were used last, and which count no more.')
    .action(async ({ user }: { user?: string }, command: Command) =>
      finish(
        await actions.keysList(settingsOf(command), { ...(user === undefined ? {} : { user }), ...jsonOf(command) }),
      ),
    )

  json(keys.command('revoke').argument('[id]').option('--user <name>', 'all keys of this user'))
    .description('They count no more; what is open with them is closed within seconds.')
    .action(async (id: string | undefined, { user }: { user?: string }, command: Command) => {
      if ((id === undefined) === (user === undefined)) command.error('Name an id, or --user. See "codelab keys list".')
      const which = id === undefined ? { user: user ?? '' } : { id }
      finish(await actions.keysRevoke(settingsOf(command), { which, ...jsonOf(command) }))
    })
}

/** Only the settings among what was typed. */
function settingsOf(command: Command): Flags {
  const typed = flagsOf(command)
  return Object.fromEntries(flags.flatMap(({ name }) => (typed[name] === undefined ? [] : [[name, typed[name]]])))
}

const flags = [
  { name: 'port', value: '<port>', about: 'port to listen on, 0 takes a free one (default 8001)' },
  { name: 'host', value: '<address>', about: 'address to listen on (default 127.0.0.1)' },
  {
    name: 'database',
    value: '<url>',
    about: 'sqlite:///relative/path, sqlite:////absolute/path, or postgres://user:password@host/name',
  },
  { name: 'model', value: '<id>', about: 'alias or id of a model, or openai:ID, anthropic:ID, proxy:ID' },
  { name: 'log-level', value: '<level>', about: 'DEBUG, INFO, WARNING, ERROR or CRITICAL' },
] as const

function withSettings(command: Command, except: readonly string[] = []): Command {
  for (const { name, value, about } of flags.filter((flag) => !except.includes(flag.name)))
    command.addOption(new Option(`--${name} ${value}`, about))
  return command
}

/** What the person typed, by the flag's own name: commander keeps it in camel case. */
function flagsOf(command: Command): Flags {
  const typed = command.options.flatMap((option) => {
    const value: unknown = command.getOptionValue(option.attributeName())
    return typeof value === 'string' ? [[option.name(), value]] : []
  })
  return Object.fromEntries(typed)
}

function jsonOf(command: Command): { readonly json: boolean } {
  return { json: command.getOptionValue('json') === true }
}

function examples(...lines: string[]): string {
  return `\nExamples:\n${lines.map((line) => `  ${line}`).join('\n')}`
}
