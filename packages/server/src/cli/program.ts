import { Command, CommanderError, Option } from 'commander'
import { productVersion } from '../config.ts'

/** Flags by name without the dashes, as `loadConfig` takes them. */
export type Flags = Readonly<Record<string, string>>

/** What the commands do; each gives the exit code of the process. */
export interface ServerActions {
  serve(flags: Flags): Promise<number>
  doctor(flags: Flags, options: { readonly json: boolean }): Promise<number>
  config(flags: Flags, options: { readonly json: boolean }): Promise<number>
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
    .showHelpAfterError('See "codelab serve --help".')
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

  withSettings(program.command('doctor'))
    .description('Say what is wrong with this installation, and what to do. Exit 1 when something is.')
    .option('--json', 'the same rows for a program')
    .addHelpText('after', examples('codelab doctor', 'codelab doctor --json'))
    .action(async (_options: unknown, command: Command) =>
      finish(await actions.doctor(flagsOf(command), jsonOf(command))),
    )

  withSettings(program.command('config'))
    .description(
      'Print each setting, its value and where it comes from. Secrets are not shown. Exit 78 when one is wrong.',
    )
    .option('--json', 'the same for a program')
    .addHelpText('after', examples('codelab config', 'codelab config --json'))
    .action(async (_options: unknown, command: Command) =>
      finish(await actions.config(flagsOf(command), jsonOf(command))),
    )

  return program
}

const flags = [
  { name: 'port', value: '<port>', about: 'port to listen on, 0 takes a free one (default 8001)' },
  { name: 'host', value: '<address>', about: 'address to listen on (default 127.0.0.1)' },
  { name: 'database', value: '<url>', about: 'sqlite:///relative/path or sqlite:////absolute/path' },
  { name: 'model', value: '<id>', about: 'model, or openai:ID, anthropic:ID, proxy:ID' },
  { name: 'log-level', value: '<level>', about: 'DEBUG, INFO, WARNING, ERROR or CRITICAL' },
] as const

function withSettings(command: Command): Command {
  for (const { name, value, about } of flags) command.addOption(new Option(`--${name} ${value}`, about))
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
