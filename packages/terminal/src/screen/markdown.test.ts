import { describe, expect, it } from 'vitest'
import { renderMarkdown } from './markdown.ts'
import { Style } from './style.ts'
import { widthOf } from './text.ts'

const plain = new Style({ depth: 'none' })

const sample = `# A heading

A paragraph with \`code\`, **bold**, [a link](https://example.com) & an &lt;entity&gt;, long enough to be wrapped at words.

- one
- two with a text that is longer than the line is wide, so it goes on below
  - nested **file**
1. first
2. second

- [x] done
- [ ] open

| name | count | note |
|---|--:|---|
| rows | 12 | a long note that must give way in a narrow window |

\`\`\`ts
const answer = compute({ first: 1, second: 2 }) // never wrapped
\`\`\`

> quoted`

describe('renderMarkdown', () => {
  it('lays out at 80 columns', () => {
    expect(renderMarkdown(sample, 80, plain).join('\n')).toMatchInlineSnapshot(`
      "A heading

      A paragraph with \`code\`, bold, a link (https://example.com) & an <entity>, long
      enough to be wrapped at words.

      - one
      - two with a text that is longer than the line is wide, so it goes on below
        - nested file
      1. first
      2. second

      - [x] done
      - [ ] open

      name  count  note
      ────  ─────  ─────────────────────────────────────────────────
      rows     12  a long note that must give way in a narrow window

        const answer = compute({ first: 1, second: 2 }) // never wrapped

      │ quoted"
    `)
  })

  it('lays out at 40 columns', () => {
    const lines = renderMarkdown(sample, 40, plain)
    expect(lines.join('\n')).toMatchInlineSnapshot(`
      "A heading

      A paragraph with \`code\`, bold, a link
      (https://example.com) & an <entity>,
      long enough to be wrapped at words.

      - one
      - two with a text that is longer than
        the line is wide, so it goes on below
        - nested file
      1. first
      2. second

      - [x] done
      - [ ] open

      name  count  note
      ────  ─────  ───────────────────────────
      rows     12  a long note that must give…

        const answer = compute({ first: 1, se…

      │ quoted"
    `)
    expect(lines.every((line) => widthOf(line) <= 40)).toBe(true)
  })

  it('colours inline code and sets names bold', () => {
    const lines = renderMarkdown('# H\n\nUse `x` and **y**.', 80, new Style({ depth: '16' }))
    expect(lines).toEqual(['\u001b[1mH\u001b[22m', '', 'Use \u001b[34mx\u001b[39m and \u001b[1my\u001b[22m.'])
  })

  it('lets nothing through that draws', () => {
    expect(renderMarkdown('a\u001b[2J\n\n```\n\u001b[1A[a]pprove\n```', 80, plain)).toEqual(['a', '', '  [a]pprove'])
  })
})
