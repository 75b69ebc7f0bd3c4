import { Command, Option } from 'commander'
import { clientVersion } from '../version.ts'
import { chat } from './chat.ts'
import { type CommonOptions, hasScreen, type Io } from './io.ts'
import { pipedChat } from './piped-chat.ts'
import { type RunOptions, run } from './run.ts'
import { deleteSession, type ListOptions, printSessions, renameSession } from './sessions.ts'
import { addDemo, addRules, addTrust } from './small-programs.ts'
import type { SessionChoice } from './workplace.ts'

type ChatFlags = CommonOptions & SessionChoice & { readonly agent?: string }

const examples = `
Examples:
  codelab                                  chat in this folder
  codelab -c                               go on with the last session of this folder
  codelab run "explain src/app.ts"         one answer on stdout, then exit
  git diff | codelab run "review this" -   what is piped in goes along
  codelab sessions                         the sessions of this folder

The server: codelab serve, codelab doctor, codelab config. Without one that runs, codelab starts its own.`

const exits = `
Exit codes: 0 done, 1 the turn failed, 2 wrong use, 3 an approval was needed and nobody was here, 69 no server,
77 the key was refused, 78 wrong settings, 130 interrupted.`

/** The commands of the client. Parsing throws CommanderError; what a command ends with goes to `done`. */
export function createProgram(io: Io, done: (exitCode: number) => void): Command {
  const program = new Command('codelab')
    .description(
      'Chats with the agents in the current folder; they read and change files here, and ask before they do.',
    )
    .version(clientVersion(), '--version', 'print the version')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
    })
    .showSuggestionAfterError()
    .addHelpText('after', examples)
  addChat(program, io, done)
  addResume(program, io, done)
  addRun(program, io, done)
  addSessions(program, io, done)
  addRules(program, io, common, done)
  addTrust(program, io, common, done)
  addDemo(program, io, common, done)
  return program
}

/** Options that every command has. */
function common(command: Command): Command {
  return command
    .option('--server <url>', 'the server to talk to (or CODELAB_URL); without it one is found or started')
    .option('--key-file <file>', 'the file with the key of that server (or CODELAB_INTERNAL_API_KEY)')
    .option('--cwd <folder>', 'the folder to work in')
    .addOption(new Option('--color <when>', 'colours').choices(['auto', 'always', 'never']).default('auto'))
    .option('--ascii', 'marks without Unicode')
    .option('--screen-reader', 'one sentence a line, nothing redrawn (or CODELAB_SCREEN_READER=1)')
}

function sessionOptions(command: Command): Command {
  return common(command)
    .option('--session <id>', 'go on with this session; the start of its id is enough')
    .option('-c, --continue', 'go on with the last session of this folder')
    .option('--agent <name>', 'the agent that answers: auto, coder, architect, debug, ask')
}

function addChat(program: Command, io: Io, done: (exitCode: number) => void): void {
  sessionOptions(program.command('chat', { isDefault: true }))
    .description('chat in this folder (the same as no command)')
    .allowExcessArguments(false)
    .action(async (options: ChatFlags) => done(await chatAnywhere(io, options)))
}

/** On a screen where there is one, else line by line. */
function chatAnywhere(io: Io, options: ChatFlags): Promise<number> {
  return hasScreen(io, options) ? chat(io, options) : pipedChat(io, options)
}

function addResume(program: Command, io: Io, done: (exitCode: number) => void): void {
  common(program.command('resume'))
    .description('go on with a session; without an id choose one of this folder')
    .argument('[id]', 'the start of its id')
    .action(async (id: string | undefined, options: CommonOptions) => {
      if (id !== undefined) return done(await chatAnywhere(io, { ...options, session: id }))
      done(
        hasScreen(io, options)
          ? await chat(io, { ...options, pick: true })
          : await chatAnywhere(io, { ...options, continue: true }),
      )
    })
}

function addRun(program: Command, io: Io, done: (exitCode: number) => void): void {
  const collect = (value: string, before: readonly string[]) => [...before, value]
  sessionOptions(program.command('run'))
    .description('one request, then exit; the answer goes to stdout, all else to stderr')
    .argument('[text...]', 'what to do; - reads it from stdin')
    .option('--json', 'one JSON object a line on stdout')
    .option('--deltas', 'with --json: the text as it comes')
    .option(
      '--allow <rule>',
      "approve such calls, for example 'write_file(src/**)'; may be given several times",
      collect,
      [],
    )
    .option('--deny <rule>', 'refuse such calls and end the run; wins over --allow', collect, [])
    .addHelpText('after', exits)
    .action(async (words: string[], options: RunOptions) => done(await run(io, words, options)))
}

function addSessions(program: Command, io: Io, done: (exitCode: number) => void): void {
  const sessions = program.command('sessions').description('list, rename and delete sessions')
  common(sessions.command('list', { isDefault: true }))
    .description('the sessions of this folder')
    .option('--all', 'those of other folders too')
    .option('--json', 'one JSON object a line')
    .action(async (options: ListOptions) => done(await printSessions(io, options)))
  common(sessions.command('rename'))
    .description('give a session another title')
    .argument('<id>', 'the start of its id')
    .argument('<title...>')
    .action(async (id: string, title: string[], options: CommonOptions) =>
      done(await renameSession(io, id, title.join(' '), options)),
    )
  common(sessions.command('delete'))
    .description('delete a session')
    .argument('<id>', 'the start of its id')
    .action(async (id: string, options: CommonOptions) => done(await deleteSession(io, id, options)))
}
