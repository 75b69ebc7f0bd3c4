import { describe, expect, it } from 'vitest'
import { diffTexts } from '../conversation/file-change.ts'
import { renderCounts, renderDiff } from './diff.ts'
import { Style } from './style.ts'
import { widthOf } from './text.ts'

const plain = new Style({ depth: 'none' })

const before = `import { Router } from 'express';
import { requireKey } from '../middleware/auth.js';
import { createOrder } from '../services/orders.js';

export const orders = Router();

orders.post('/orders', requireKey, async (req, res) => {
  const order = await createOrder(req.body, req.apiKey);
  res.json(order);
});
`
const after = `import { Router } from 'express';
import { requireKey } from '../middleware/auth.js';
import { rateLimit } from '../middleware/rate-limit.js';
import { createOrder } from '../services/orders.js';

export const orders = Router();

const perKey = rateLimit({ limit: 20, windowMs: 60_000, key: (req) => req.apiKey });

orders.post('/orders', requireKey, perKey, async (req, res) => {
  const order = await createOrder(req.body, req.apiKey);
  res.status(201).json(order);
});
`

describe('renderDiff', () => {
  it('shows a change at 80 columns', () => {
    const change = diffTexts(before, after)
    expect(`${renderCounts(change, plain)}\n${renderDiff(change, 80, plain).join('\n')}`).toMatchInlineSnapshot(`
      "+5 −2
         @@ -1,10 +1,13 @@
       1  1   import { Router } from 'express';
       2  2   import { requireKey } from '../middleware/auth.js';
          3 + import { rateLimit } from '../middleware/rate-limit.js';
       3  4   import { createOrder } from '../services/orders.js';
       4  5
       5  6   export const orders = Router();
       6  7
       7    - orders.post('/orders', requireKey, async (req, res) => {
          8 + const perKey = rateLimit({ limit: 20, windowMs: 60_000, key: (req) => r…
          9 +
         10 + orders.post('/orders', requireKey, perKey, async (req, res) => {
       8 11     const order = await createOrder(req.body, req.apiKey);
       9    -   res.json(order);
         12 +   res.status(201).json(order);
      10 13   });"
    `)
  })

  it('shows a change at 40 columns, cut and wrapped', () => {
    const change = diffTexts(before, after)
    const cut = renderDiff(change, 40, plain)
    const wrapped = renderDiff(change, 40, plain, { wrapped: true })
    expect([...cut, ...wrapped].every((row) => widthOf(row) <= 40)).toBe(true)
    expect(cut.slice(8, 11).join('\n')).toMatchInlineSnapshot(`
      " 7    - orders.post('/orders', requireK…
          8 + const perKey = rateLimit({ limi…
          9 +"
    `)
    expect(wrapped.join('').replace(/\s+/g, '')).toContain('key:(req)=>req.apiKey});')
  })

  it('marks the words that differ', () => {
    const [, , removed, added] = renderDiff(
      diffTexts('a\nreturn a + b\nc\n', 'a\nreturn a - b\nc\n'),
      30,
      new Style({ depth: '16' }),
    )
    expect(removed).toContain('\u001b[4m\u001b[31m+\u001b[39m\u001b[24m')
    expect(added).toContain('\u001b[4m\u001b[32m-\u001b[39m\u001b[24m')
  })

  it('finds the line that belongs to a removed one among several added', () => {
    const rows = renderDiff(diffTexts(before, after), 80, new Style({ depth: '16' }))
    expect(rows.find((row) => row.includes('  10 + '))).toContain('\u001b[4m\u001b[32mperKey, \u001b[39m\u001b[24m')
    expect(rows.find((row) => row.includes('const perKey'))).not.toContain('\u001b[4m')
  })

  it('fills the ground of a changed line to the edge', () => {
    const rows = renderDiff(diffTexts(null, 'x\n'), 30, new Style({ depth: 'true' }))
    expect(rows.map(widthOf)).toEqual([30])
  })

  it('shows characters that could deceive', () => {
    expect(renderDiff(diffTexts(null, 'ok\u001b[8mhidden\u202e\n'), 60, plain)[0]).toBe(
      '    1 + ok\\x1b[8mhidden\\u202e',
    )
  })

  it('does not call CR LF a change, but shows when line ends change', () => {
    expect(diffTexts('a\r\nb\r\n', 'a\r\nc\r\n')).toMatchObject({ added: 1, removed: 1 })
    expect(diffTexts('a\r\nb\r\n', 'a\nb\n')).toMatchObject({ added: 2, removed: 2 })
  })

  it('says when nothing changes, and that a file is empty', () => {
    expect(renderDiff(diffTexts('a\n', 'a\n'), 40, plain)).toEqual(['        nothing changes'])
    expect(renderDiff(diffTexts(null, ''), 40, plain)).toEqual(['        an empty file'])
  })
})
