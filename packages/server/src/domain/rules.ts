import { type CommandLine, type CommandSegment, readCommandLine } from './command-line.ts'
import { type CommandKnowledge, reachOf, readOnlyRow, riskOf } from './command-reach.ts'
import { protectedPath } from './paths.ts'
import type { Tool } from './tool.ts'
import { matchesPath, matchesText } from './wildcard.ts'

export type RuleEffect = 'allow' | 'ask' | 'deny'

/** What is said about the calls of a tool. `pattern` is matched on the argument: a command's parts, a normalised path. */
export interface Rule {
  /** A name; `*` is any text. */
  readonly tool: string
  readonly pattern: string
  readonly effect: RuleEffect
}

/** Weakest first. */
export type RuleSource = 'built-in' | 'folder' | 'project' | 'session'

export interface SourcedRule extends Rule {
  readonly source: RuleSource
  /** Of a stored one. */
  readonly id: string | null
}

/** What decided. `protection`: what no rule changes. `default`: no rule matched. */
export interface DecidingRule {
  readonly source: RuleSource | 'protection' | 'default'
  readonly id: string | null
  /** `allow execute_command "npm test *"`. */
  readonly text: string
}

/** A decision, and what it was taken by. */
export interface Ruling {
  readonly effect: RuleEffect
  /** For a person. */
  readonly reason: string | null
  readonly rule: DecidingRule
}

export interface PartRuling extends Ruling {
  /** The part of the command, or the path. */
  readonly text: string
}

export interface JudgedCall {
  readonly tool: Pick<Tool, 'name' | 'class'>
  readonly args: Readonly<Record<string, unknown>>
  /** Normalised. */
  readonly paths: readonly string[]
  /** The client says that it runs on Windows, whose shells read lines differently. */
  readonly windows: boolean
}

/** Says what is to be done with a call. */
export type CallJudge = (call: Omit<JudgedCall, 'windows'>) => Ruling

/** Judges a call by its parts: the strictest part decides, of those a protected place, else the first (DESIGN 8). `rules` are in order, weakest first: of those that
 *  match a part the last one decides, a deny wherever it stands. What is protected stands above them all. */
export function judgeCall(
  call: JudgedCall,
  rules: readonly SourcedRule[],
  knowledge: CommandKnowledge,
): { readonly ruling: Ruling; readonly parts: readonly PartRuling[] } {
  const parts = partsOf(call, rules, knowledge)
  const worst = Math.max(0, ...parts.map((part) => weight[part.effect]))
  const strictest = parts.filter((part) => weight[part.effect] === worst)
  const { effect, reason, rule } =
    strictest.find((part) => part.rule === protectedPlace) ?? strictest[0] ?? byDefault(call)
  return { ruling: { effect, reason, rule }, parts }
}

const weight: Readonly<Record<RuleEffect, number>> = { allow: 0, ask: 1, deny: 2 }

/** What the rule is matched on, without judging: the text of every part. */
export function subjectsOf({ tool, args, paths }: Pick<JudgedCall, 'tool' | 'args' | 'paths'>): readonly string[] {
  const command = commandOf(tool, args)
  if (command === undefined) return paths.length > 0 ? paths : ['.']
  return readCommandLine(command).segments.map((segment) => segment.text)
}

function isRuleFor(rule: Rule, tool: string): boolean {
  return matchesText(rule.tool, tool)
}

function describeRule({ tool, pattern, effect }: Rule): string {
  return `${effect} ${tool}${pattern === '*' ? '' : ` "${pattern}"`}`
}

function partsOf(call: JudgedCall, rules: readonly SourcedRule[], knowledge: CommandKnowledge): readonly PartRuling[] {
  const own = rules.filter((rule) => isRuleFor(rule, call.tool.name))
  const command = commandOf(call.tool, call.args)
  if (command !== undefined) return commandParts(call, command, own, knowledge)
  const paths = call.paths.length > 0 ? call.paths : ['.']
  return paths.map((path) => ({ text: path, ...judgePath(call, path, own) }))
}

function commandOf(tool: Pick<Tool, 'class'>, args: Readonly<Record<string, unknown>>): string | undefined {
  const command = args['command']
  return tool.class === 'execute' && typeof command === 'string' ? command : undefined
}

function judgePath(call: JudgedCall, path: string, rules: readonly SourcedRule[]): Ruling {
  const matching = rules.filter((rule) => coversPath(rule, path))
  const denied = denial(matching)
  if (denied) return denied
  const protection = protectedPath(path, call.tool.class === 'read' ? 'read' : 'write')
  if (protection === 'refuse') return { effect: 'deny', reason: 'Nothing may be written there', rule: protectedPlace }
  if (protection === 'ask') return { effect: 'ask', reason: 'The file may hold secrets', rule: protectedPlace }
  return byRule(matching.at(-1)) ?? byDefault(call)
}

function coversPath(rule: Rule, path: string): boolean {
  if (rule.effect !== 'deny') return matchesPath(rule.pattern, path)
  // Doubt falls to the safe side: no regard to case, and a name alone is meant wherever it lies.
  const pattern = rule.pattern.toLowerCase()
  return matchesPath(pattern.includes('/') ? pattern : `**/${pattern}`, path.toLowerCase())
}

function commandParts(
  call: JudgedCall,
  command: string,
  rules: readonly SourcedRule[],
  knowledge: CommandKnowledge,
): readonly PartRuling[] {
  const line = readCommandLine(command)
  const cwd = call.paths.find((path) => path !== '.')
  const moves = line.segments.some((segment) => segment.words[0]?.text === 'cd') ? '(a folder)' : undefined
  const parts = line.segments.map((segment) => ({
    text: segment.text,
    ...judgeSegment(call, segment, { rules, knowledge, cwd: cwd ?? moves }),
  }))
  const whole = wholeLine(call, command, line, rules)
  return whole ? [...parts, { text: command.slice(0, longestShown), ...whole }] : parts
}

const longestShown = 500

/** What is wrong with a line as a whole. Denied commands are looked for in every piece of it, since its parts are not to be relied on. */
function wholeLine(
  call: JudgedCall,
  command: string,
  { hazards, segments }: CommandLine,
  rules: readonly SourcedRule[],
): Ruling | undefined {
  const [found] = hazards
  if (found === undefined && segments.length > 0) {
    const strange = call.windows && !/^[\w ./:=,@+"\\-]*$/.test(command)
    return strange ? ask('The shells of Windows may read it differently') : undefined
  }
  const pieces = command.slice(0, longestSearched).split(/[\n;&|`(){}<>"']+/)
  const denied = denial(rules.filter((rule) => rule.effect === 'deny' && pieces.some((piece) => covers(rule, piece))))
  return denied ?? ask(`The command cannot be judged by rules: ${found ?? 'it is empty'}`)
}

const longestSearched = 65_536

function covers(rule: Rule, piece: string): boolean {
  const words = piece.trim().split(/\s+/)
  return words.some((_, index) => coversCommand(rule, words.slice(index).join(' ')))
}

interface SegmentContext {
  readonly rules: readonly SourcedRule[]
  readonly knowledge: CommandKnowledge
  /** The folder, where it is another than the workspace. */
  readonly cwd: string | undefined
}

function judgeSegment(call: JudgedCall, segment: CommandSegment, context: SegmentContext): Ruling {
  const { rules, knowledge, cwd } = context
  const risk = riskOf(knowledge, segment)
  const matching = rules.filter((rule) => coversSegment(rule, segment, risk !== undefined))
  const denied = denial(matching)
  if (denied) return denied
  const reach = reachOf([...segment.words, ...[...segment.reads, ...segment.writes].map(bare)])
  if (reachOf(segment.writes.map(bare)).closed) {
    return { effect: 'deny', reason: 'Nothing may be written there', rule: protectedPlace }
  }
  const row = call.windows ? undefined : readOnlyRow(knowledge, segment, cwd)
  const last = byRule(matching.at(-1))
  if (row) return last ?? byRule({ ...builtIn, tool: call.tool.name, pattern: patternOf(row) }) ?? byDefault(call)
  if (reach.secrets) return ask('The command names a file that may hold secrets', protectedPlace)
  if (reach.closed) return ask('The command names a folder that is protected', protectedPlace)
  if (risk !== undefined) return ask(`The command cannot be judged by rules: ${risk}`)
  return last ?? byDefault(call)
}

const builtIn = { effect: 'allow', source: 'built-in', id: null } as const

/** As a rule would name it. */
export function patternOf(row: { readonly command: string; readonly shown?: string }): string {
  return row.shown ?? `${row.command} *`
}

function bare(text: string) {
  return { text, quoted: false, glob: false }
}

function coversSegment(rule: Rule, segment: CommandSegment, runsOthers: boolean): boolean {
  if (coversCommand(rule, segment.text)) return true
  if (rule.effect !== 'deny') return false
  const words = segment.words.map((word) => word.text)
  const [program = '', ...args] = words
  const named = [(program.split('/').at(-1) ?? '').toLowerCase(), ...args].join(' ')
  return coversCommand(rule, named) || (runsOthers && covers(rule, words.join(' ')))
}

/** ` *` at the end stands for no argument too. */
function coversCommand({ pattern }: Rule, text: string): boolean {
  const wanted = pattern.trim()
  return matchesText(wanted, text) || (wanted.endsWith(' *') && matchesText(wanted.slice(0, -2), text))
}

function denial(matching: readonly SourcedRule[]): Ruling | undefined {
  const rule = matching.findLast((candidate) => candidate.effect === 'deny')
  return rule && { effect: 'deny', reason: 'A rule denies it', rule: deciding(rule) }
}

function byRule(rule: SourcedRule | undefined): Ruling | undefined {
  if (!rule) return undefined
  return { effect: rule.effect, reason: rule.effect === 'ask' ? 'A rule asks' : null, rule: deciding(rule) }
}

function deciding(rule: SourcedRule): DecidingRule {
  return { source: rule.source, id: rule.id, text: describeRule(rule) }
}

const protectedPlace: DecidingRule = { source: 'protection', id: null, text: 'protected places' }
const unclear: DecidingRule = { source: 'protection', id: null, text: 'commands that rules cannot judge' }

function ask(reason: string, rule: DecidingRule = unclear): Ruling {
  return { effect: 'ask', reason, rule }
}

/** No rule: what only reads is allowed, all else asks. */
function byDefault({ tool }: Pick<JudgedCall, 'tool'>): Ruling {
  const free = tool.class === 'read' || tool.class === 'ask'
  const text = free ? 'reading is allowed' : `${tool.class === 'execute' ? 'commands' : 'changes'} need a person`
  const reason = free ? null : tool.class === 'execute' ? 'Commands need a person' : 'Changes need a person'
  return { effect: free ? 'allow' : 'ask', reason, rule: { source: 'default', id: null, text } }
}
