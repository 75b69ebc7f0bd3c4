import { describe, expect, it } from 'vitest'
import { KeyDecoder } from './keys.ts'
import { LineEditor } from './line-editor.ts'

const up = '\u001b[A'
const down = '\u001b[B'
const left = '\u001b[D'

/** An editor after these keys, as a terminal sends them. */
function typed(input: string, editor = new LineEditor()): LineEditor {
  for (const key of new KeyDecoder().push(input)) editor.key(key)
  return editor
}

describe('LineEditor', () => {
  it('edits at the cursor', () => {
    expect(typed(`abc${left}${left}X`).text).toBe('aXbc')
    expect(typed('abc\u0001X\u0005Y').text).toBe('XabcY')
    expect(typed('one two\u0017').text).toBe('one ')
    expect(typed(`one two${left}${left}\u0015`).text).toBe('wo')
    expect(typed('one two\u0001\u000b').text).toBe('')
    expect(typed('abc\u007f').text).toBe('ab')
  })

  it('takes characters of several code points as one', () => {
    expect(typed('a👨‍👩‍👧\u007f').text).toBe('a')
    expect(typed('e\u0301x\u007f\u007f').text).toBe('')
  })

  it('keeps lines, of a paste too, and drops what a paste could smuggle in', () => {
    expect(typed('a\nb').text).toBe('a\nb')
    expect(typed('\u001b[200~one\r\ntwo\u001b[31m\u0007\u001b[201~').text).toBe('one\ntwo')
  })

  it('moves between lines at the same column', () => {
    expect(typed(`abcd\nxy\nefgh${up}${up}|`).text).toBe('ab|cd\nxy\nefgh'.replace('ab|cd', 'abcd|'))
    expect(typed(`abcd\nxy${up}|`).text).toBe('ab|cd\nxy')
  })

  it('recalls what was sent and gives the draft back', () => {
    const editor = new LineEditor()
    editor.remember('first')
    editor.remember('second')
    typed('draft', editor)
    expect(typed(up, editor).text).toBe('second')
    expect(typed(up, editor).text).toBe('first')
    expect(typed(up, editor).text).toBe('first')
    expect(typed(`${down}${down}`, editor).text).toBe('draft')
  })

  it('wraps by columns and says where the cursor is', () => {
    expect(typed('日本語日本語').view(8, 5)).toEqual({ rows: ['日本語', '日本語'], cursor: { row: 1, column: 6 } })
    expect(typed('abc').view(8, 5)).toEqual({ rows: ['abc'], cursor: { row: 0, column: 3 } })
  })

  it('shows the rows round the cursor when there are too many', () => {
    const view = typed('1\n2\n3\n4\n5\n6').view(20, 3)
    expect(view.rows).toEqual(['4', '5', '6'])
    expect(view.cursor).toEqual({ row: 2, column: 1 })
  })
})
