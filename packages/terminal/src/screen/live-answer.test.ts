import fc from 'fast-check'
import { expect, it } from 'vitest'
import { LiveAnswer } from './live-answer.ts'
import { renderMarkdown } from './markdown.ts'
import { Style } from './style.ts'

const style = new Style({ depth: 'none' })
const text =
  'First paragraph\nwith two lines.\n\n# Heading\n\n- a\n- b\n\n```js\nlet x\n\nlet y\n```\n\nLast **words**, and `code`.'

/** All lines that come out when the text comes in these pieces. */
function stream(pieces: readonly string[], full?: string): string[] {
  const answer = new LiveAnswer(style)
  const lines: string[] = []
  for (const piece of pieces) {
    answer.push(piece)
    lines.push(...answer.advance(60).lines)
  }
  return [...lines, ...answer.finish(60, full)]
}

it('gives the same lines however the text is cut into pieces', () => {
  const whole = renderMarkdown(text, 60, style)
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: text.length }), { maxLength: 30 }), (cuts) => {
      const at = [0, ...cuts.sort((a, b) => a - b), text.length]
      const pieces = at.slice(1).map((end, index) => text.slice(at[index], end))
      expect(stream(pieces, text)).toEqual(whole)
      expect(stream(pieces)).toEqual(whole)
    }),
  )
})

it('hands out finished blocks at once and keeps the last one live', () => {
  const answer = new LiveAnswer(style)
  answer.push('One.\n\nTwo is not yet')
  expect(answer.advance(60)).toEqual({ lines: ['One.'], tail: ['', 'Two is not yet'] })
  answer.push(' done.')
  expect(answer.advance(60)).toEqual({ lines: [], tail: ['', 'Two is not yet done.'] })
  expect(answer.finish(60)).toEqual(['', 'Two is not yet done.'])
})

it('prints the whole text when the server kept another one', () => {
  expect(stream(['One.\n\nTwo'], 'Something else')).toEqual(['One.', '', 'Something else'])
})
