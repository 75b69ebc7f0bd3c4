import { expect, test } from 'vitest'
import { highlight, languageOf } from './highlight.ts'

test('code is told apart by kinds, and its text stays as it is', async () => {
  const code = "// note\nconst answer = 42\nimport a from 'b'\n"
  // The first line of a language waits for its grammar, and a line that takes too long stays plain.
  await highlight('a', 'typescript')
  const lines = await highlight(code, 'typescript')
  const kinds = new Map(lines?.flat().map(({ text, kind }) => [text.trim(), kind]))
  expect(kinds.get('const')).toBe('k')
  expect(kinds.get('42')).toBe('n0')
  expect([...kinds].find(([text]) => text.includes('note'))?.[1]).toBe('c')
  expect(lines?.map((line) => line.map(({ text }) => text).join('')).join('\n')).toBe(code)
})

test('a path and a name after a fence lead to the same grammar, others to none', () => {
  expect(languageOf('src/routes/orders.ts')).toBe('typescript')
  expect(languageOf('ts')).toBe('typescript')
  expect(languageOf('')).toBeUndefined()
  expect(languageOf('constructor')).toBeUndefined()
})
