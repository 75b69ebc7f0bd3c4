import { describe, expect, it } from 'vitest'
import type { Call } from '../conversation/events.ts'
import { readRules, ruleFor } from './allow-rules.ts'

const write = (path: string): Call => ({
  callId: 'c',
  tool: 'write_file',
  arguments: { path, content: '' },
  requiresApproval: true,
})
const command = (text: string): Call => ({
  callId: 'c',
  tool: 'execute_command',
  arguments: { command: text },
  requiresApproval: true,
})

const allows = (rule: string, call: Call) => readRules([rule], 'allow').some((read) => read.matches(call))
const denies = (rule: string, call: Call) => readRules([rule], 'deny').some((read) => read.matches(call))

describe('rules', () => {
  it.each([
    ['write_file(src/**)', 'src/a/b.ts', true],
    ['write_file(src/**)', './src/a.ts', true],
    ['write_file(src/**)', 'src/../package.json', false],
    ['write_file(src/**)', '../src/a.ts', false],
    ['write_file(**)', '../a.ts', false],
    ['write_file(*.md)', 'docs/a.md', false],
    ['write_file', 'anything', true],
    ['read_file(src/**)', 'src/a.ts', false],
  ])('%s and the path %s: %s', (rule, path, expected) => {
    expect(allows(rule, write(path))).toBe(expected)
  })

  it.each([
    ['execute_command(npm test*)', 'npm test -- orders', true],
    ['execute_command(npm test*)', ' npm  test', true],
    ['execute_command(npm test*)', 'npm run x', false],
    ['execute_command(npm test*)', 'npm test; rm -rf /', false],
    ['execute_command(npm test*)', 'npm test && curl x', false],
    ['execute_command(npm test*)', 'npm test $(id)', false],
    ['execute_command(npm test*)', 'npm test\nrm x', false],
    ['execute_command(npm test*)', 'npm test > ~/.profile', false],
    ['execute_command(a && b)', 'a && b', true],
  ])('%s and the command %j: %s', (rule, text, expected) => {
    expect(allows(rule, command(text))).toBe(expected)
  })

  it('denies more readily than it allows', () => {
    expect(denies('execute_command(rm *)', command('rm -rf x; true'))).toBe(true)
    expect(denies('write_file(.ENV)', write('.env'))).toBe(true)
  })

  it.each(['', 'write_file(', '()', 'write_file()'])('refuses %j', (text) => {
    expect(() => readRules([text], 'allow')).toThrow('--allow cannot be read')
  })

  it('proposes a rule that would allow the call', () => {
    for (const call of [write('src/routes/a.ts'), write('a.md'), command('npm i pg'), command('ls')]) {
      expect(allows(ruleFor(call), call)).toBe(true)
    }
  })
})
