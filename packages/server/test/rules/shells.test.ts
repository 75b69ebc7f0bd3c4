import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { commandKnowledge } from '../../src/catalogue/commands.ts'
import { readCommandLine } from '../../src/domain/command-line.ts'
import { judgeCall, type SourcedRule } from '../../src/domain/rules.ts'

/** What rules allow is run by real shells in an empty folder, where every program is one that only notes how it was called. */

const table = JSON.parse(readFileSync(new URL('commands.json', import.meta.url), 'utf8')) as [string, string][]
const anyCommand: SourcedRule = { tool: '*', pattern: '*', effect: 'allow', source: 'session', id: 'any' }

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'codelab-shells-'))
  for (const name of ['work', 'bin']) mkdirSync(join(folder, name))
  const note = `#!/bin/sh\n/usr/bin/printf '%s\\0' "$#" "\${0##*/}" "$@" >> "$NOTES"\n`
  writeFileSync(join(folder, 'note'), note)
  chmodSync(join(folder, 'note'), 0o755)
  for (const name of programs) symlinkSync(join(folder, 'note'), join(folder, 'bin', name))
  // Whatever bash would do itself or would not find is noted too.
  const builtins =
    'cd command echo eval exec exit export false kill local printf pwd read set shift source test true type umask unset wait . : [ alias trap declare typeset let mapfile readonly return break continue hash'
  writeFileSync(
    join(folder, 'startup.sh'),
    `command_not_found_handle() { /usr/bin/printf '%s\\0' "$(($# - 1))" "$@" >> "$NOTES"; }\nenable -n ${builtins} enable\n`,
  )
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const programs = 'ls cat git grep rm sh env xargs touch head wc npm sort uniq find rg tee sed awk cut echo x y'.split(
  ' ',
)

function isAllowed(command: string, rules: readonly SourcedRule[]): boolean {
  const tool = { name: 'execute_command', class: 'execute' as const }
  return (
    judgeCall({ tool, args: { command }, paths: [], windows: false }, rules, commandKnowledge).ruling.effect === 'allow'
  )
}

let round = 0

/** Every call of a program that the shell made, as its words. A pipe that it inherits tells when what runs in the background has ended too. */
function callsOf(shell: 'bash' | 'dash', command: string): string[][] {
  const notes = join(folder, `notes-${round++}`)
  writeFileSync(notes, '')
  const [path, startup] = shell === 'bash' ? ['/nonexistent', join(folder, 'startup.sh')] : [join(folder, 'bin'), '']
  const args = shell === 'bash' ? ['--noprofile', '--norc', '-c', command] : ['-c', command]
  const env = { PATH: path, NOTES: notes, BASH_ENV: startup, HOME: join(folder, 'work') }
  try {
    execFileSync(`/bin/${shell}`, args, {
      cwd: join(folder, 'work'),
      env,
      stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
      timeout: 10_000,
    })
  } catch {
    // A line that the shell refuses runs nothing further; what it ran is noted.
  }
  const fields = readFileSync(notes, 'utf8').split('\0')
  rmSync(notes)
  const calls: string[][] = []
  for (let at = 0; at < fields.length - 1; ) {
    const count = Number(fields[at])
    calls.push(fields.slice(at + 1, at + 2 + count))
    at += count + 2
  }
  return calls
}

/** Nothing is really there, so a name of a real program is only ever noted. A path could be one that is run. */
function isSafeToRun(command: string): boolean {
  // What lies outside the empty folder would take the place of a wildcard.
  if (/\.\.|(?<!\w)\//.test(command) && /[*?[]/.test(command)) return false
  return !/\/(?:bin|sbin|usr|tmp|etc|home|root|lib|opt|var|proc|sys)/.test(command) && !command.includes('\0')
}

const pieces = [
  ...`' " \` $ \\ ; & && | || > < >> 2>&1 >/dev/null 2>/dev/null ( ) { } # ~ * ? [ ] ! = -`.split(' '),
  ...'$(x) `x` $x $((1)) <(x) >(x) <<x <<<x {x,y} x=1 \\n \\x \\; \\$ $\'x\' $"x" "\'" \'"\' "" \'\' 1 0 2 -o --output=x'.split(
    ' ',
  ),
  ['$', '{x}'].join(''),
  '\n',
  '\\\n',
  ' ',
  '\t',
  '\r',
  '\u00a0',
  ' x ',
  ' -rf ',
  ' && x ',
  ' ; y ',
  ' | x ',
  ' & y ',
  '\ny ',
  ...programs,
]

const line = fc
  .tuple(
    fc.constantFrom(...table.map(([, command]) => command).filter((command) => command.length < 80)),
    fc.array(fc.tuple(fc.nat(100), fc.constantFrom(...pieces), fc.nat(3)), { maxLength: 4 }),
    fc.constantFrom('', ' && ', ' | ', '; ', '\n'),
    fc.constantFrom(...table.filter(([decision]) => decision !== 'always').map(([, command]) => command)),
  )
  .map(([start, changes, joint, other]) => {
    let text = joint === '' ? start : start + joint + other
    for (const [place, piece, removed] of changes) {
      const at = Math.floor((place / 100) * text.length)
      text = text.slice(0, at) + piece + text.slice(at + removed)
    }
    return text
  })
  .filter(isSafeToRun)

const allowedLine = (rules: readonly SourcedRule[]) => line.filter((command) => isAllowed(command, rules))

const rounds = Number(process.env['SHELL_ROUNDS'] ?? 150)
const given = { numRuns: rounds, examples: [] as [string][] }

/** In bash every call is noted; in dash those of programs, not of what it does itself. */
function expectReadAlike(shell: 'bash' | 'dash', command: string): void {
  const { segments } = readCommandLine(command)
  const read = segments.map((segment) => JSON.stringify(segment.words.map((word) => word.text)))
  const ran = callsOf(shell, command).map((words) => JSON.stringify(words))
  for (const call of ran) expect(read, `${shell} ran ${call} of ${JSON.stringify(command)}`).toContain(call)
  expect(ran.length).toBeLessThanOrEqual(read.length)
  expect(readdirSync(join(folder, 'work')), `${shell} wrote a file for ${JSON.stringify(command)}`).toEqual([])
}

describe.each(['bash', 'dash'] as const)('%s', (shell) => {
  it('runs of the table what was read, and writes nothing', { timeout: 120_000 }, () => {
    for (const [decision, command] of table) {
      if (decision !== 'always' && isSafeToRun(command)) expectReadAlike(shell, command)
    }
  })

  it('runs of whatever any rule could allow just the words that were judged', { timeout: 300_000 }, () => {
    fc.assert(
      fc.property(allowedLine([anyCommand]), (command) => expectReadAlike(shell, command)),
      given,
    )
  })
})

describe('what is allowed out of the box', () => {
  it('runs programs of the list only', { timeout: 300_000 }, () => {
    const known = new Set(commandKnowledge.readOnly.map((row) => row.command.split(' ')[0]))
    fc.assert(
      fc.property(allowedLine([]), (command) => {
        for (const [program] of callsOf('bash', command)) expect(known, JSON.stringify(command)).toContain(program)
      }),
      given,
    )
  })

  it('is noted at all', () => {
    expect(callsOf('bash', "cd src && echo 'a b' | wc -l")).toHaveLength(3)
    expect(callsOf('bash', 'rm x; $(touch y)')).toEqual(
      expect.arrayContaining([
        ['rm', 'x'],
        ['touch', 'y'],
      ]),
    )
    expect(callsOf('dash', "git log 'a b'; rm x")).toEqual([
      ['git', 'log', 'a b'],
      ['rm', 'x'],
    ])
  })
})
