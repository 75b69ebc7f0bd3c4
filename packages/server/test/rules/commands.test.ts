import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { commandKnowledge } from '../../src/catalogue/commands.ts'
import { judgeCall, type RuleEffect, type SourcedRule } from '../../src/domain/rules.ts'

/** `allow`: runs without a question. `ask`: asks until a rule allows it. `always`: asks, or is denied, whatever the rules allow. */
type Decision = 'allow' | 'ask' | 'always'

const rows = JSON.parse(readFileSync(new URL('commands.json', import.meta.url), 'utf8')) as [Decision, string][]
const anyCommand: SourcedRule = { tool: '*', pattern: '*', effect: 'allow', source: 'session', id: 'any' }

function judge(
  command: string,
  rules: readonly SourcedRule[],
  about: { cwd?: string; windows?: boolean } = {},
): RuleEffect {
  const call = {
    tool: { name: 'execute_command', class: 'execute' as const },
    args: { command },
    paths: about.cwd === undefined ? [] : [about.cwd],
    windows: about.windows ?? false,
  }
  return judgeCall(call, rules, commandKnowledge).ruling.effect
}

function decisionOn(command: string): Decision {
  if (judge(command, [anyCommand]) !== 'allow') return 'always'
  return judge(command, []) === 'allow' ? 'allow' : 'ask'
}

describe('the table of commands', () => {
  it('has commands of every kind', () => {
    expect(rows.length).toBeGreaterThan(400)
    for (const kind of ['allow', 'ask', 'always']) {
      expect(rows.filter(([decision]) => decision === kind).length).toBeGreaterThan(100)
    }
  })

  it.each(rows)('%s: %j', (decision, command) => {
    expect(decisionOn(command)).toBe(decision)
  })

  it('never allows in addition what asks by itself', () => {
    for (const [decision, command] of rows) if (decision === 'always') expect(judge(command, [])).not.toBe('allow')
  })

  it('asks about what is too long to be read', () => {
    expect(decisionOn(`echo ${'a'.repeat(17_000)}`)).toBe('always')
    expect(decisionOn('ls\n'.repeat(200))).toBe('always')
  })
})

describe('a command elsewhere', () => {
  it('is a query of git in the workspace only: the settings of another folder can run programs', () => {
    expect(judge('git status', [], { cwd: 'vendor/lib' })).toBe('ask')
    expect(judge('git status', [], { cwd: '.' })).toBe('allow')
    expect(judge('ls', [], { cwd: 'vendor/lib' })).toBe('allow')
  })

  it('asks on Windows, where the folder comes before the path of programs', () => {
    expect(judge('git status', [], { windows: true })).toBe('ask')
    expect(judge('dir %TEMP%', [anyCommand], { windows: true })).toBe('ask')
    expect(judge('npm test', [anyCommand], { windows: true })).toBe('allow')
  })
})

describe('a rule that denies', () => {
  const deny: SourcedRule = { tool: 'execute_command', pattern: 'rm *', effect: 'deny', source: 'session', id: 'deny' }

  it.each([
    'rm x',
    'rm',
    '/bin/rm x',
    'ls && rm x',
    'sudo rm x',
    'env A=1 rm x',
    'find . | xargs rm -f',
    'echo $(rm x)',
    'echo `rm x`',
    'sh -c "rm x"',
    '(rm x)',
    'if true; then rm x; fi',
    'rm x > /dev/null',
  ])('denies %s, though a later rule allows everything', (command) => {
    expect(judge(command, [deny, anyCommand])).toBe('deny')
  })

  it.each(['ls', 'echo rm', 'npm run rm-all'])('leaves %s alone', (command) => {
    expect(judge(command, [deny, anyCommand])).toBe('allow')
  })
})

describe('the last rule that matches', () => {
  const rule = (effect: RuleEffect, pattern: string): SourcedRule => ({
    tool: 'execute_command',
    pattern,
    effect,
    source: 'session',
    id: null,
  })

  it('decides', () => {
    expect(judge('npm test', [rule('ask', '*'), rule('allow', 'npm test *')])).toBe('allow')
    expect(judge('npm test', [rule('allow', 'npm test *'), rule('ask', '*')])).toBe('ask')
    expect(judge('ls', [rule('ask', 'ls *')])).toBe('ask')
  })

  it('is looked for in each part', () => {
    expect(judge('npm test && npm run lint', [rule('allow', 'npm test *')])).toBe('ask')
    expect(judge('npm test && npm run lint', [rule('allow', 'npm test *'), rule('allow', 'npm run lint *')])).toBe(
      'allow',
    )
  })

  it('matches words, not text that looks like them', () => {
    expect(judge('npm "test x"', [rule('allow', 'npm test *')])).toBe('ask')
    expect(judge("npm 'test' x", [rule('allow', 'npm test *')])).toBe('allow')
  })
})
