import { describe, expect, it } from 'vitest'
import { promptFaults, renderPrompt } from './prompt-blocks.ts'

const prompt = `Title
<!-- if edit_file -->
edit
<!-- if not limits -->
default limits
<!-- end -->
<!-- else -->
write
<!-- end -->

last`
const render = (...names: readonly string[]) => renderPrompt(prompt, (name) => names.includes(name))

describe('renderPrompt', () => {
  it('keeps the blocks that hold, in blocks too', () => {
    expect(render('edit_file')).toBe('Title\nedit\ndefault limits\n\nlast')
    expect(render('edit_file', 'limits')).toBe('Title\nedit\n\nlast')
    expect(render('limits')).toBe('Title\nwrite\n\nlast')
  })

  it('leaves a prompt without marks as it is, other comments included', () => {
    const plain = 'Title\n<!-- a comment -->\ntext <!-- if edit_file --> in a line'
    expect(renderPrompt(plain, () => false)).toBe(plain)
  })
})

describe('promptFaults', () => {
  const faultsOf = (text: string) => promptFaults(text, new Set(['edit_file']))

  it('finds nothing wrong with a prompt that is right', () => {
    expect(faultsOf(prompt)).toEqual([])
  })

  it.each([
    ['T\n<!-- if edit_file -->\nx', 2, 'no'],
    ['T\n<!-- end -->', 2, 'no block'],
    ['T\n<!-- else -->', 2, 'no block'],
    ['T\n<!-- if edit_file -->\n<!-- else -->\n<!-- else -->\n<!-- end -->', 4, 'already'],
    ['T\n\n<!-- if edit_files -->\n<!-- end -->', 3, "no 'edit_files'"],
    ['<!-- if edit_file -->\nT\n<!-- end -->', 1, 'first line'],
  ])('names the line of what is wrong in %j', (text, line, part) => {
    expect(faultsOf(text)).toEqual([{ line, text: expect.stringContaining(part) }])
  })
})
