import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { asciiJson, encodeFrame, SseDecoder } from './sse.ts'

describe('asciiJson', () => {
  it('escapes every character outside ASCII and reads back as the same value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.string({ unit: 'binary' }), (value, text) => {
        const json = asciiJson({ value, text })
        // biome-ignore lint/suspicious/noControlCharactersInRegex: the range is what is tested
        expect(json).toMatch(/^[\u0000-\u007e]*$/)
        expect(JSON.parse(json)).toEqual(JSON.parse(JSON.stringify({ value, text })))
      }),
    )
  })
})

describe('SseDecoder', () => {
  it('reads the same events wherever the text is cut, with any line end', () => {
    const frames = [
      encodeFrame('message', { a: 'Привет\u2028' }),
      ': ping\r\n\r\n',
      encodeFrame('done', { status: 'completed' }),
    ]
    fc.assert(
      fc.property(
        fc.constantFrom('\r\n', '\n', '\r'),
        fc.array(fc.nat({ max: 200 }), { maxLength: 12 }),
        (lineEnd, cuts) => {
          const text = frames.join('').replaceAll('\r\n', lineEnd)
          const decoder = new SseDecoder()
          const events = []
          let from = 0
          for (const cut of [...cuts].sort((a, b) => a - b)) {
            events.push(...decoder.push(text.slice(from, Math.max(from, cut))))
            from = Math.max(from, cut)
          }
          events.push(...decoder.push(text.slice(from)))
          expect(events.map((event) => [event.event, JSON.parse(event.data)])).toEqual([
            ['message', { a: 'Привет\u2028' }],
            ['done', { status: 'completed' }],
          ])
        },
      ),
    )
  })

  it('refuses an event without an end', () => {
    const decoder = new SseDecoder({ maxBytes: 1000 })
    expect(() => {
      for (let i = 0; i < 20; i++) decoder.push(`data: ${'x'.repeat(90)}\n`)
    }).toThrow(RangeError)
  })
})
