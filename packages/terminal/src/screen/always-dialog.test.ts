import { describe, expect, it } from 'vitest'
import { AlwaysDialog, type OfferedRule } from './always-dialog.ts'
import { KeyDecoder } from './keys.ts'
import { Style } from './style.ts'

const rule = (scope: OfferedRule['scope'], pattern: string, text = pattern): OfferedRule => ({
  scope,
  tool: 'execute_command',
  pattern,
  effect: 'allow',
  text,
})
const rules = [rule('session', 'npm test *'), rule('session', '*', 'any command'), rule('project', 'npm test *')]

function open() {
  const taken: (OfferedRule | undefined)[] = []
  const options = { style: new Style({ depth: 'none' }), subject: 'execute_command npm test', rules, shownAt: 0 }
  const dialog = new AlwaysDialog(options, (answer) => taken.push(answer))
  const type = (text: string, now: number, lineIsEmpty = true) => {
    const decoder = new KeyDecoder()
    return [...decoder.push(text), ...decoder.flush()].map((key) => dialog.key(key, now, lineIsEmpty))
  }
  return { dialog, taken, type }
}

describe('AlwaysDialog', () => {
  it('shows each rule whole before it is made, narrowest first', () => {
    expect(open().dialog.view({ columns: 60, rows: 24 }).rows).toEqual([
      '── ‖ execute_command npm test ──────────────────────────────',
      '  Always allow',
      '  [1] in this session   npm test *',
      '  [2] in this session   any command',
      '  [3] in this project   npm test *',
      '  [Esc] back',
    ])
  })

  it('takes a digit, not at once, not behind a text, and no other key', () => {
    const { taken, type } = open()
    type('1', 100)
    type('1', 600, false)
    type('a\r9', 700)
    expect(taken).toEqual([])
    type('3', 800)
    expect(taken).toEqual([rules[2]])
  })

  it('makes nothing on Esc', () => {
    const { taken, type } = open()
    type('\u001b', 600)
    expect(taken).toEqual([undefined])
  })
})
