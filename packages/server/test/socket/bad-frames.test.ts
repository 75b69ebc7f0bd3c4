import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Stage } from '../conformance/stage.ts'
import { memoryOf } from '../protection/memory.ts'
import { ofOneProcess } from '../replicas/of-one-process.ts'
import { Ide } from './ide.ts'

/** Whatever is sent: an answer or a close that says why, and the server goes on. */
let stage: Stage
beforeAll(async () => {
  stage = await Stage.open({ CODELAB_QUEUE_LENGTH: '2' })
})
afterAll(async () => {
  await stage?.[Symbol.asyncDispose]()
})

const megabyte = 1024 * 1024
const at = (id: string) => `${stage.server.url}/api/v1/ws/${id}`
const plain = 'Hello from the scripted model.'

/** The socket still takes a message, and its answer is the next but those of the frames before. */
async function goesOn(ide: Ide): Promise<void> {
  ide.say('still there? @coder #plain')
  for (;;) {
    const frame = await ide.next()
    if (frame.type === 'assistant_message' && frame['content'] === plain) return
  }
}

const types = ['user_message', 'tool_result', 'switch_agent', 'hitl_decision', 'hitl_response', 'hello', 'cancel']
const names = ['content', 'call_id', 'agent_type', 'decision', 'action', 'result', 'error', 'client', 'on_busy', 'role']
/** JSON of the right outline, with anything in it: what gets past the first look. */
const almost = fc
  .record({
    type: fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...types) }, fc.jsonValue()),
    fields: fc.dictionary(fc.constantFrom(...names), fc.oneof(fc.jsonValue(), fc.string({ unit: 'binary' }))),
  })
  // It would ask the model, which is not what is looked at here.
  .filter(({ type, fields }) => type !== 'user_message' || typeof fields['content'] !== 'string')
  .map(({ type, fields }) => JSON.stringify({ ...fields, type }))
const anyText = fc.oneof(
  almost,
  fc.jsonValue({ maxDepth: 8 }).map((value) => JSON.stringify(value)),
  fc.string({ unit: 'grapheme' }),
)

test('any text, a hundred sockets of it', async () => {
  let n = 0
  await fc.assert(
    fc.asyncProperty(fc.array(anyText, { maxLength: 20 }), async (texts) => {
      using ide = await Ide.open(at(`any-${n++}`))
      ide.knowsAll = true
      for (const text of texts) ide.sendText(text)
      await goesOn(ide)
      expect(ide.frames.filter(({ code }) => code === 'internal')).toEqual([])
    }),
    { numRuns: 100 },
  )
  expect(stage.server.output).not.toContain('frame failed')
})

describe('one by one', () => {
  const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`

  test.each<[string, string, RegExp]>([
    ['deep nesting of nothing', nested(200_000), /^Invalid JSON message/],
    [
      'deep nesting in a result',
      `{"type":"tool_result","call_id":"c","result":${nested(5_000)}}`,
      /nested deeper than 64 levels/,
    ],
    ['a prototype', '{"type":"__proto__"}', /^Unknown message type: __proto__/],
    ['fields of a prototype', '{"__proto__":{"type":"cancel"},"constructor":1}', /^Invalid JSON message/],
    ['a very long type', JSON.stringify({ type: 'x'.repeat(megabyte) }), /^Unknown message type: x{100}$/],
    ['a very long id of a call', `{"type":"tool_result","call_id":"${'c'.repeat(megabyte)}","result":1}`, /^Unknown/],
    ['numbers that are none', '{"type":"user_message","content":NaN}', /^Invalid JSON message/],
    ['nothing', '', /^Invalid JSON message/],
  ])('%s', async (name, text, refusal) => {
    using ide = await Ide.open(at(`one-${name.replaceAll(' ', '-')}`))
    ide.sendText(text)
    const { type, content, error } = await ide.next()
    expect([type, content]).toEqual(['error', expect.stringMatching(refusal)])
    expect(error).toBe(content)
    await goesOn(ide)
  })

  test('half of a character is kept as it can be, and the chat goes on', async () => {
    using ide = await Ide.open(at('surrogate'))
    ide.sendText('{"type":"user_message","role":"user","content":"a\\ud800b @coder #echo_last"}')
    expect((await ide.until('assistant_message'))['content']).toMatch(/^You said: a.b/)
    expect((await stage.ide('direct').history('surrogate')).messages[0]?.content).toMatch(/^a.b/)
    await goesOn(ide)
  })

  test('bytes: closed with 1003', async () => {
    using ide = await Ide.open(at('bytes'))
    ide.sendText(Buffer.from('{"type":"cancel"}'))
    expect(await ide.closeCode()).toBe(1003)
  })

  test('a frame of 16 MiB is answered in band, one of 18 MiB closes with 1009, and the session stays', async () => {
    using ide = await Ide.open(at('long'))
    ide.say('x'.repeat(16 * megabyte))
    expect(await ide.next()).toMatchObject({ type: 'error', code: 'message_too_long' })
    await goesOn(ide)
    ide.sendText(' '.repeat(18 * megabyte))
    expect(await ide.closeCode()).toBe(1009)
    using again = await Ide.open(at('long'))
    await goesOn(again)
  })
})

describe('too many', () => {
  test('messages while a turn runs: those beyond the line are refused in band, those in it are answered', async () => {
    using ide = await Ide.open(at('line'))
    ide.say('wait @coder #slow:2000')
    for (let i = 0; i < 40; i++) ide.say(`more ${i} #plain`)
    await expect.poll(() => ide.frames.length, { timeout: 15_000 }).toBe(1 + 41)
    const answers = ide.frames.filter(({ type }) => type === 'assistant_message')
    expect(answers.map(({ content }) => content)).toEqual(['Slow answer.', plain, plain])
    for (const frame of ide.frames) if (frame.type === 'error') expect(frame['code']).toBe('session_busy')
  })

  test('a cancel behind a message stops that message', async () => {
    using ide = await Ide.open(at('cancel'))
    for (let i = 0; i < 5; i++) {
      ide.say('wait @coder #slow:20000')
      ide.send({ type: 'cancel' })
      expect(await ide.until('error')).toMatchObject({ code: 'cancelled' })
    }
    await goesOn(ide)
  })

  ofOneProcess.test(
    'frames of one that reads no answers: memory is bounded, and it is answered when it reads',
    async () => {
      using ide = await Ide.open(at('deaf'))
      await goesOn(ide)
      const before = memoryOf(stage.server).rss
      ide.pause()
      // Each is answered by one that is ten times as long: 50 MB of answers, if all were taken.
      const sent = 200_000
      for (let i = 0; i < sent; i++) {
        ide.sendText('{"type":"banana"}')
        if (i % 1000 === 0) await new Promise(setImmediate)
      }
      await new Promise((resolve) => setTimeout(resolve, 3_000))
      expect(memoryOf(stage.server).rss - before).toBeLessThan(40 * megabyte)
      ide.resume()
      await expect.poll(() => ide.frames.length - 2, { timeout: 40_000, interval: 100 }).toBe(sent)
      await goesOn(ide)
    },
  )
})

test('one that does not read is cut after the limit, and nothing is lost', async () => {
  await using own = await Stage.open({ CODELAB_DRAIN_MS: '500' })
  const url = `${own.server.url}/api/v1/ws/slow`
  {
    using ide = await Ide.open(url)
    ide.say('first @coder #plain')
    await ide.until('assistant_message')
    ide.pause()
    const content = `${'long '.repeat(240_000)}#echo_last`
    for (let i = 0; i < 8; i++) ide.say(content)
    // Until nothing more is written for longer than the limit.
    let written = -1
    for (let before = -2; written !== before; await new Promise((resolve) => setTimeout(resolve, 4_000))) {
      before = written
      written = (await own.ide('direct').session('slow'))?.['message_count'] ?? 0
    }
    ide.resume()
    expect(await ide.closeCode()).toBe(1006)
  }
  using again = await Ide.open(url)
  again.say('last #plain')
  expect(await again.until('assistant_message')).toMatchObject({ content: plain })
  // Whatever the server took of what was said has its whole answer.
  const { messages } = await own.ide('direct').history('slow')
  const said = messages.filter(({ role }) => role === 'user').map(({ content }) => content)
  const answered = messages.filter(({ role }) => role === 'assistant').map(({ content }) => content)
  expect(said.length).toBeGreaterThan(3)
  expect(answered).toEqual([plain, ...said.slice(1, -1).map((content) => `You said: ${content}`), plain])
})
