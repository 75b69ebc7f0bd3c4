import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { applyEdits } from './apply-edits.ts'
import type { Edit } from './edit.ts'
import { hardCases } from './hard-cases.ts'

describe('hard cases', () => {
  it('are many, and each has a name of its own', () => {
    expect(hardCases.length).toBeGreaterThanOrEqual(60)
    expect(new Set(hardCases.map(({ name }) => name)).size).toBe(hardCases.length)
  })

  it.each(hardCases)('$name', ({ text, edits, gives }) => {
    const outcome = applyEdits(text, edits)
    if ('text' in gives) {
      if (!outcome.ok) throw new Error(outcome.message)
      expect(outcome.text).toBe(gives.text)
      expect(outcome.applied.map(({ match }) => match)).toEqual(gives.match)
      return
    }
    if (outcome.ok) throw new Error(`it was applied: ${JSON.stringify(outcome.text)}`)
    expect(outcome.problem).toBe(gives.problem)
    expect(outcome.message).toContain('Nothing was changed.')
    if (gives.edit !== undefined) expect(outcome.edit).toBe(gives.edit)
    if (gives.lines !== undefined) expect(outcome.lines).toEqual(gives.lines)
    if (gives.says !== undefined) expect(outcome.message).toContain(gives.says)
  })

  it('names the lines where the new text stands', () => {
    const edits = [
      { old_text: 'd', new_text: 'D' },
      { old_text: 'a\n', new_text: 'a\nx\ny\n' },
      { old_text: 'c\n', new_text: '' },
    ]
    const outcome = applyEdits('a\nb\nc\nd\n', edits)
    expect(outcome).toMatchObject({
      ok: true,
      text: 'a\nx\ny\nb\nD\n',
      applied: [
        { places: [{ first: 5, last: 5 }] },
        { places: [{ first: 1, last: 3 }] },
        { places: [{ first: 5, last: 5 }] },
      ],
    })
  })

  it('stays quick where a naive search would not', () => {
    const text = 'a'.repeat(300_000)
    const old_text = `b${'a'.repeat(100_000)}`
    expect(applyEdits(text, [{ old_text, new_text: 'x' }])).toMatchObject({ ok: false, problem: 'not_found' })
    const lines = 'x \n'.repeat(50_000)
    const many = applyEdits(lines, [{ old_text: 'x\n'.repeat(10_000), new_text: '' }])
    expect(many).toMatchObject({ ok: false, problem: 'several' })
  })
})

const words = fc.constantFrom('', ' ', '\t', 'a', 'b', 'ab', '}', '  x', 'if (a) {', '😀', 'é', '\u0000', '$&')
const line = fc.array(words, { maxLength: 4 }).map((parts) => parts.join(''))
const lineEnd = fc.constantFrom('\n', '\r\n')
const file = fc
  .record({
    mark: fc.constantFrom('', '\ufeff'),
    lines: fc.array(fc.tuple(line, lineEnd), { maxLength: 12 }),
    last: line,
    only: fc.constantFrom(undefined, '\n', '\r\n', '\r'),
  })
  .map(({ mark, lines, last, only }) => mark + lines.map(([text, end]) => text + (only ?? end)).join('') + last)
/** Cuts of the file itself most of the time, so that they are found. */
const fileAndEdits = file.chain((text) =>
  fc.record({
    text: fc.constant(text),
    edits: fc.array(
      fc.record({
        old_text: fc.oneof(
          { weight: 4, arbitrary: cutOf(text) },
          { weight: 1, arbitrary: cutOf(text).map((cut) => cut.replace(/\r\n?/g, '\n').replace(/^[ \t]+/gm, '')) },
          { weight: 1, arbitrary: fc.array(line, { maxLength: 3 }).map((lines) => lines.join('\n')) },
        ),
        new_text: fc.array(line, { maxLength: 3 }).map((lines) => lines.join('\n')),
        replace_all: fc.boolean(),
      }),
      { maxLength: 3 },
    ),
  }),
)

function cutOf(text: string): fc.Arbitrary<string> {
  return fc
    .tuple(fc.nat(text.length), fc.nat(text.length))
    .map(([one, other]) => text.slice(Math.min(one, other), Math.max(one, other)).toWellFormed())
}

const normal = (text: string) => {
  const body = text.replace(/^\ufeff/, '')
  return body.includes('\n') ? body.replace(/\r\n/g, '\n') : body.replace(/\r/g, '\n')
}
const runs = { numRuns: 3000 }

describe('random files and edits', () => {
  it('keep the mark, the kind of line ends and the end of the last line', () => {
    fc.assert(
      fc.property(fileAndEdits, ({ text, edits }) => {
        const outcome = applyEdits(text, edits)
        if (!outcome.ok) return
        expect(outcome.text.startsWith('\ufeff')).toBe(text.startsWith('\ufeff'))
        const ends = new Set(text.match(text.includes('\n') ? /\r?\n/g : /\r/g))
        const [end] = ends
        if (ends.size === 1) {
          const others = outcome.text
            .replaceAll(end ?? '', '')
            .match(end === '\r' ? /\n/ : end === '\n' ? /\r\n/ : /\n/)
          expect(others).toBeNull()
        }
        if (end !== undefined && /[\r\n]$/.test(text) && normal(outcome.text) !== '') {
          expect(/[\r\n]$/.test(outcome.text)).toBe(true)
        }
      }),
      runs,
    )
  })

  it('change exactly the one place where the old text stands', () => {
    fc.assert(
      fc.property(fileAndEdits, ({ text, edits: [first] }) => {
        if (first === undefined || normal(first.old_text) === '') return
        const edit: Edit = { ...first, replace_all: false }
        const [whole, old] = [normal(text), edit.old_text.replace(/^\ufeff/, '').replace(/\r\n/g, '\n')]
        const count = placesOf(whole, old)
        const outcome = applyEdits(text, [edit])
        if (count > 1) expect(outcome.ok).toBe(false)
        if (!outcome.ok || count !== 1) return
        const at = whole.indexOf(old)
        const put = whole.slice(0, at) + normalEdit(edit.new_text) + whole.slice(at + old.length)
        expect([put, `${put}\n`]).toContain(normal(outcome.text))
      }),
      runs,
    )
  })

  it('leave what no edit touches byte for byte', () => {
    fc.assert(
      fc.property(file, line, fc.array(line, { maxLength: 3 }), (text, old, added) => {
        const marked = `<<${old}>>`
        const at = text.length === 0 ? 0 : Math.floor(text.length / 2)
        const [before, after] = [text.slice(0, at).toWellFormed(), text.slice(at).toWellFormed()]
        if (before.endsWith('\r') && after.startsWith('\n')) return
        const outcome = applyEdits(before + marked + after, [{ old_text: marked, new_text: `<${added.join('')}>` }])
        if (!outcome.ok) throw new Error(outcome.message)
        expect(outcome.text).toBe(`${before}<${added.join('')}>${after}`)
      }),
      runs,
    )
  })

  it('are undone by the edits turned round', () => {
    fc.assert(
      fc.property(file, fc.array(line, { minLength: 1, maxLength: 3 }), (text, lines) => {
        const at = text.indexOf('\n') + 1
        const whole = `${text.slice(0, at)}<<here>>${text.slice(at)}`
        const there = applyEdits(whole, [{ old_text: '<<here>>', new_text: `[[${lines.join('\n')}]]` }])
        if (!there.ok) throw new Error(there.message)
        const back = applyEdits(there.text, [{ old_text: `[[${lines.join('\n')}]]`, new_text: '<<here>>' }])
        expect(back).toMatchObject({ ok: true, text: whole })
      }),
      runs,
    )
  })

  it('are all made where each has one place, whatever lies between', () => {
    const piece = fc.tuple(file, line, line)
    fc.assert(
      fc.property(fc.array(piece, { minLength: 1, maxLength: 6 }), fc.nat(), (pieces, seed) => {
        const marks = pieces.map(([, old], index) => `<<${index}${old}>>`)
        const news = pieces.map(([, , text], index) => `[${index}${text}]`)
        const between = pieces.map(([text]) => text.replaceAll(/[\ufeff\r]/g, ''))
        const text = (with_: readonly string[]) => between.map((part, index) => part + with_[index]).join('')
        const edits = marks.map((old_text, index) => ({ old_text, new_text: news[index] ?? '' }))
        const shuffled = edits.toSorted(
          (a, b) => ((a.old_text.length * 31 + seed) % 7) - ((b.old_text.length * 31 + seed) % 7),
        )
        expect(applyEdits(text(marks), shuffled)).toMatchObject({ ok: true, text: text(news) })
      }),
      runs,
    )
  })

  it('do not depend on the order of the edits', () => {
    fc.assert(
      fc.property(fileAndEdits, ({ text, edits }) => {
        const [one, other] = [applyEdits(text, edits), applyEdits(text, edits.toReversed())]
        expect(other.ok).toBe(one.ok)
        if (one.ok && other.ok) expect(other.text).toBe(one.text)
      }),
      runs,
    )
  })

  it('are made one by one where they are made together, each on its own place', () => {
    fc.assert(
      fc.property(fileAndEdits, ({ text, edits }) => {
        if (!applyEdits(text, edits).ok) return
        for (const edit of edits) {
          const alone = applyEdits(text, [edit])
          // One that only takes the end of the last line away changes nothing by itself.
          if (!alone.ok) expect(alone.problem).toBe('no_change')
        }
      }),
      runs,
    )
  })
})

function normalEdit(text: string): string {
  return text.replace(/^\ufeff/, '').replace(/\r\n/g, '\n')
}

function placesOf(text: string, wanted: string): number {
  let count = 0
  for (let at = text.indexOf(wanted); at !== -1 && wanted !== ''; at = text.indexOf(wanted, at + 1)) count++
  return count
}
