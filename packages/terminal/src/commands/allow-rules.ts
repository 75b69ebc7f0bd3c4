import { posix } from 'node:path'
import picomatch from 'picomatch'
import type { Call } from '../conversation/events.ts'
import { CommandFailure, exitCodes } from '../server/failure.ts'

/** `tool(pattern)` of `--allow` or `--deny`, or a bare `tool`. */
export interface CallRule {
  /** As it was written. */
  readonly text: string
  matches(call: Call): boolean
}

const ruleForm = /^([A-Za-z_*][\w*-]*)(?:\((.*)\))?$/s
/** What joins, redirects or substitutes: a line with it is run by a shell, whatever the call says. */
const shellSyntax = /[;&|<>$`(){}\n\r\\]/

/** Reads rules; throws CommandFailure, exit 2, for one that cannot be read. For a tool with a path the pattern is a glob on the path,
 *  for a command `*` stands for any text; `deny` rules match a little more than `allow` rules, so that doubt falls to the safe side. */
export function readRules(texts: readonly string[], kind: 'allow' | 'deny'): CallRule[] {
  return texts.map((text) => {
    const [, tool, pattern] = ruleForm.exec(text.trim()) ?? []
    if (tool === undefined || pattern?.trim() === '') {
      throw new CommandFailure(exitCodes.usage, `--${kind} cannot be read: ${text}`, [
        `For example --${kind} 'write_file(src/**)' or --${kind} 'execute_command(npm test*)'`,
      ])
    }
    const isTool = picomatch(tool)
    const argument = pattern === undefined ? () => true : matcherFor(pattern.trim(), kind)
    return { text, matches: (call) => isTool(call.tool) && argument(call) }
  })
}

function matcherFor(pattern: string, kind: 'allow' | 'deny'): (call: Call) => boolean {
  const isPath = picomatch(pattern, { dot: true, nocase: kind === 'deny' })
  const isCommand = commandPattern(pattern)
  return ({ arguments: values }) => {
    const command = values['command']
    if (typeof command === 'string') return isCommand(command) && (kind === 'deny' || staysOne(command, pattern))
    const path = values['path']
    return typeof path === 'string' && matchesPath(isPath, path)
  }
}

/** A command may hold a second one behind what was allowed; then only the very same text is. */
function staysOne(command: string, pattern: string): boolean {
  return !shellSyntax.test(command.trim()) || command.trim() === pattern
}

function matchesPath(isPath: (path: string) => boolean, path: string): boolean {
  const normal = posix.normalize(path.replaceAll('\\', '/')).replace(/^\.\//, '')
  return !normal.startsWith('../') && normal !== '..' && isPath(normal)
}

function commandPattern(pattern: string): (command: string) => boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\?]/g, '\\$&')
    .replace(/\s+/g, '\\s+')
    .replaceAll('*', '.*')
  const expression = new RegExp(`^${source}$`, 's')
  return (command) => expression.test(command.trim())
}

/** A rule that would have allowed the call, for a hint. */
export function ruleFor(call: Call): string {
  const command = call.arguments['command']
  const path = call.arguments['path']
  if (typeof command === 'string') {
    const words = command.trim().split(/\s+/)
    return `${call.tool}(${words.length > 2 ? `${words.slice(0, 2).join(' ')} *` : words.join(' ')})`
  }
  if (typeof path !== 'string') return call.tool
  const [first, ...rest] = posix.normalize(path).split('/')
  return `${call.tool}(${rest.length > 0 ? `${first}/**` : first})`
}
