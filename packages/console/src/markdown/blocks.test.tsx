import fc from 'fast-check'
import { renderToStaticMarkup } from 'react-dom/server'
import { expect, test } from 'vitest'
import Blocks from './blocks.tsx'

const html = (text: string) => renderToStaticMarkup(<Blocks text={text} isComplete />)

test('a text of a model makes a fixed set of elements and no other', () => {
  const text =
    '# A\n\n<script>alert(1)</script> <img src=x onerror=y>\n\n[x](javascript:alert(1)) ![p](https://h.example/p.png)'
  const made = html(text)
  expect(made).not.toMatch(/<(script|img|iframe)/)
  expect(made).not.toContain('href="javascript:')
  expect(made).toContain('href="https://h.example/p.png"')
  fc.assert(
    fc.property(
      fc.string({
        unit: fc.constantFrom('<', '>', 'b', '"', '[', ']', '(', ')', '`', '*', '\n', ' ', '&', '#', '-', '|'),
      }),
      (any) => {
        const tags = [...html(any).matchAll(/<([a-z0-9]+)/g)].map(([, tag]) => tag)
        const allowed =
          'p h3 h4 div header span button svg use section pre code ul ol li blockquote table thead tbody tr th td hr strong em del br a input'.split(
            ' ',
          )
        expect(tags.filter((tag) => !allowed.includes(tag ?? ''))).toEqual([])
      },
    ),
  )
})

test('code, lists and tables are drawn', () => {
  expect(html('```ts\nconst a = 1 < 2\n```')).toContain('const a = 1 &lt; 2')
  expect(html('- a\n- b `c`')).toContain('<code>c</code>')
  expect(html('|a|b|\n|-|-|\n|1|2|')).toContain('<td>2</td>')
})
