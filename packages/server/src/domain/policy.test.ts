import { describe, expect, it } from 'vitest'
import { decide, type Policy, wildcardExpression } from './policy.ts'

const policy: Policy = {
  enabled: true,
  rules: [
    { tool: 'write_*', requiresApproval: true, reason: 'writes' },
    { tool: 'read_file', requiresApproval: false, reason: 'reads' },
  ],
  defaultRequiresApproval: false,
}

describe('decide', () => {
  it.each([
    ['write_file', true, 'writes', 'write_*'],
    ['read_file', false, 'reads', 'read_file'],
    ['search_in_code', false, null, null],
  ])('%s', (tool, requiresApproval, reason, rule) => {
    expect(decide(policy, tool, 'read', [])).toEqual({ requiresApproval, reason, rule })
  })

  it('takes the first rule that matches', () => {
    const rules = [{ tool: '*', requiresApproval: true, reason: 'all' }, ...policy.rules]
    expect(decide({ ...policy, rules }, 'read_file', 'read', []).reason).toBe('all')
  })

  it('asks for nothing when it is off, except for protected paths', () => {
    expect(decide({ ...policy, enabled: false }, 'write_file', 'write', ['a']).requiresApproval).toBe(false)
    expect(decide({ ...policy, enabled: false }, 'read_file', 'read', ['config/.env']).requiresApproval).toBe(true)
    expect(decide(policy, 'read_file', 'read', ['.env.example']).requiresApproval).toBe(false)
  })
})

describe('wildcardExpression', () => {
  it.each([
    ['*', 'anything', true],
    ['write_?', 'write_a', true],
    ['write_?', 'write_ab', false],
    ['[rw]*', 'read', true],
    ['[!rw]*', 'read', false],
    ['a.b', 'axb', false],
    ['a+b', 'a+b', true],
    ['Read_*', 'read_file', false],
    ['[a-c]x', 'bx', true],
    ['tool(', 'tool(', true],
  ])('%s on %s: %s', (pattern, name, matches) => {
    expect(wildcardExpression(pattern).test(name)).toBe(matches)
  })
})
