import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ModelEvent } from '../../../application/ports/language-model.ts'
import { Answer } from './answer.ts'
import { BodyReader } from './body-reader.ts'
import { ContentTemplate } from './content-template.ts'
import { readChunk } from './stream-chunk.ts'

const to = { provider: 'openai-compatible', family: 'gpt' }
const most = 1_000_000

interface Chunk {
  readonly id: string
  readonly [field: string]: unknown
  readonly choices: readonly object[]
}

/** As text, with whatever a server may put between the parts. */
const written = (chunk: object, spaces: number) => JSON.stringify(chunk, null, spaces).replaceAll('\n', ' ')

const delta = fc.oneof(
  { weight: 6, arbitrary: fc.record({ content: fc.string({ unit: 'binary' }) }) },
  fc.record({ role: fc.constant('assistant'), content: fc.string() }),
  fc.record({ content: fc.string(), refusal: fc.constantFrom(null, 'no') }),
  fc.record({ content: fc.string(), reasoning_content: fc.string() }),
  fc.record({ content: fc.constantFrom(null, [{ text: 'list' }]) }),
  fc.record({ content: fc.string(), tool_calls: fc.constant(null), extra_content: fc.constantFrom(null, { a: 1 }) }),
  fc.constant({}),
)
const chunks: fc.Arbitrary<Chunk[]> = fc
  .record({
    id: fc.constantFrom('a', '"content":"x"', '{"content": "'),
    more: fc.constantFrom({}, { usage: null }, { logprobs: { content: [{ content: 'y' }] } }, { content: 'z' }),
    deltas: fc.array(fc.tuple(delta, fc.constantFrom({}, { usage: { prompt_tokens: 1, completion_tokens: 2 } }))),
    last: fc.boolean(),
  })
  .map(({ id, more, deltas, last }) => [
    ...deltas.map(([each, facts], index) => ({
      id: index % 7 === 6 ? `${id}${index}` : id,
      ...(last ? {} : more),
      choices: [{ index: 0, delta: each, finish_reason: null }],
      ...(last ? more : {}),
      ...facts,
    })),
    { id, choices: [{ delta: {}, finish_reason: 'stop' }] },
  ])

function theLongWay(given: readonly Chunk[]): ModelEvent[] {
  const answer = new Answer(to, most)
  for (const chunk of given) readChunk(JSON.parse(JSON.stringify(chunk)), answer, to.provider)
  return [...answer.take(), ...answer.close()]
}

function throughTheReader(text: string, at: number): ModelEvent[] {
  const answer = new Answer(to, most)
  const reader = new BodyReader(answer, to.provider, most)
  reader.add(text.slice(0, at))
  if (!reader.done) reader.add(text.slice(at))
  if (!reader.done) reader.end()
  return [...answer.take(), ...answer.close()]
}

describe('ContentTemplate', () => {
  it('reads nothing else than the full parser, wherever the stream is cut', () => {
    fc.assert(
      fc.property(chunks, fc.constantFrom(0, 1), fc.nat(), (given, spaces, cut) => {
        const text = given.map((chunk) => `data: ${written(chunk, spaces)}\n\n`).join('')
        expect(throughTheReader(text, cut % (text.length + 1))).toEqual(theLongWay(given))
      }),
    )
  })

  it('reads the chunks that only add text', () => {
    const template = new ContentTemplate()
    const data = (content: string) => written({ id: '"content":"x"', choices: [{ delta: { content } }], n: 1 }, 0)
    expect(template.textOf(data('a'))).toBeUndefined()
    template.learn(data('a'), JSON.parse(data('a')))
    for (const text of ['b', '', 'line\nand "quotes" \\', '🚀']) expect(template.textOf(data(text))).toBe(text)
    expect(template.textOf(data('a').replace('"n":1', '"n":2'))).toBeUndefined()
    expect(template.textOf(data('x').replace('"x"}', '"x","role":"y"}'))).toBeUndefined()
  })

  it('leaves a stream alone in which no chunk is like another', () => {
    const template = new ContentTemplate()
    const data = (n: number) => written({ n, choices: [{ delta: { content: 'a' } }] }, 0)
    for (let n = 0; n < 4; n += 1) {
      expect(template.textOf(data(n))).toBeUndefined()
      template.learn(data(n), JSON.parse(data(n)))
    }
    template.learn(data(9), JSON.parse(data(9)))
    expect(template.textOf(data(9))).toBeUndefined()
    expect(template.textOf(data(3))).toBe('a')
  })
})
