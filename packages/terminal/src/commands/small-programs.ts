import { type Command, Option } from 'commander'
import { demo } from './demo.ts'
import type { CommonOptions, Io } from './io.ts'
import {
  type ExplainOptions,
  explainRule,
  listRules,
  type RuleOptions,
  revokeRule,
  type TryOptions,
  tryRule,
} from './rules.ts'
import { type TrustOptions, trustFolder } from './trust.ts'

type AddOptions = (command: Command) => Command
type Done = (exitCode: number) => void

export function addRules(program: Command, io: Io, common: AddOptions, done: Done): void {
  const rules = program.command('rules').description('what may run without a question')
  const session = '--session <id>'
  const hold = 'with those that hold in this session'
  common(rules.command('list', { isDefault: true }))
    .description('the rules there are, strongest first')
    .option(session, hold)
    .option('--json', 'one JSON object a line')
    .action(async (options: RuleOptions) => done(await listRules(io, options)))
  common(rules.command('revoke'))
    .description('take a rule back')
    .argument('<id>', 'the start of its id')
    .action(async (id: string, options: CommonOptions) => done(await revokeRule(io, id, options)))
  common(rules.command('explain'))
    .description('which rule decides about a call')
    .requiredOption('--tool <name>', 'the tool')
    .option('--args <json>', 'its arguments, a JSON object')
    .option('--agent <name>', 'also whether this agent may make the call')
    .option(session, hold)
    .option('--json', 'as one JSON object')
    .action(async (options: ExplainOptions) => done(await explainRule(io, options)))
  common(rules.command('try'))
    .description('which of the past calls a rule would have decided, such as allow execute_command "npm test *"')
    .argument('<rule...>')
    .addOption(new Option('--effect <effect>', 'what the rule says').choices(['allow', 'ask', 'deny']).default('allow'))
    .option(session, 'only calls of this session')
    .option('--json', 'as one JSON object')
    .action(async (words: string[], options: TryOptions) => done(await tryRule(io, words.join(' '), options)))
}

export function addTrust(program: Command, io: Io, common: AddOptions, done: Done): void {
  common(program.command('trust'))
    .description('what the .codelab of this folder would allow, and whether it counts')
    .option('--yes', 'trust it as it is now')
    .option('--revoke', 'trust it no more')
    .action(async (options: TrustOptions) => done(await trustFolder(io, options)))
}

export function addDemo(program: Command, io: Io, common: AddOptions, done: Done): void {
  common(program.command('demo'))
    .description('a minute in a temporary folder: a chat, an approval, a server that is killed meanwhile')
    .action(async (options: CommonOptions) => done(await demo(io, options)))
}
