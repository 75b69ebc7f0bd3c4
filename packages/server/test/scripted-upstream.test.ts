import { afterAll, beforeAll, expect, test } from 'vitest'
import { loadRecordings, type Step } from './replay/recording.ts'
import { type ScriptedUpstream, startScriptedUpstream } from './scripted-upstream.ts'

let upstream: ScriptedUpstream
beforeAll(async () => {
  upstream = await startScriptedUpstream()
})
afterAll(() => upstream.close())

async function ask(body: object): Promise<Response> {
  return fetch(`${upstream.url}/v1/chat/completions`, { method: 'POST', body: JSON.stringify(body) })
}

/** What the client was shown when the model had answered, as one comparable value. */
function shown(step: Step) {
  const chunk = step.response?.events?.findLast((event) => event.event === 'message')?.data as Record<string, unknown>
  if (chunk?.['type'] === 'tool_call') return { id: chunk['call_id'], args: chunk['arguments'] }
  return { text: chunk?.['content'] }
}

const skippedBecauseTheOldServiceChangedTheAnswer =
  /#(malformed|no_args|args_array|no_id|function_call|error|flaky|drop|not_json|empty_choices|slow)/

test('answers the recorded requests with what the recorded answers were made of', async () => {
  let compared = 0
  for (const recording of loadRecordings()) {
    for (const step of recording.steps) {
      const request = step.upstream_requests?.findLast((entry) => entry.kind === 'agent')
      const last = step.response?.events?.findLast((event) => event.event === 'message')?.data as Record<
        string,
        unknown
      >
      if (request === undefined || last === undefined || last['type'] === 'error') continue
      const text = JSON.stringify(request.messages)
      if (skippedBecauseTheOldServiceChangedTheAnswer.test(text)) continue
      if (text.includes('switch_mode') && !text.includes('tool_calls')) continue
      const expected = shown(step)
      const reply = await (await ask({ model: 'm', messages: request.messages, tools: [] })).json()
      const message = reply.choices[0].message
      const call = message.tool_calls?.[0]
      const content = Array.isArray(message.content) ? message.content[0].content : (message.content ?? '')
      const actual = call ? { id: call.id, args: JSON.parse(call.function.arguments) } : { text: content }
      if (call?.function.name === '') continue
      expect(actual, `${recording.name}: ${text}`).toEqual(expected)
      compared += 1
    }
  }
  expect(compared).toBeGreaterThan(80)
})

test('routes by the word in the user request and by nothing else in the prompt', async () => {
  const classify = async (request: string, extra: object = {}) => {
    const messages = [
      { role: 'system', content: 'You are a task classifier. Respond only with JSON.' },
      { role: 'user', content: `Agents: @debug\n\nUser request: ${request}\n\nResponse (JSON only):` },
    ]
    return (await (await ask({ model: 'm', messages, ...extra })).json()).choices?.[0].message.content
  }
  expect(JSON.parse(await classify('hi\n\nthere @ask'))).toEqual({
    agent: 'ask',
    confidence: 'high',
    reasoning: 'scripted: ask',
  })
  expect(JSON.parse(await classify('hi'))).toMatchObject({ agent: 'coder' })
  expect(await classify('hi @fenced')).toMatch(/^```json\n\{.*\}\n```$/)
  expect(await classify('hi', { tools: [] })).toBe('Hello from the scripted model.')
  expect(upstream.requests.at(-2)?.kind).toBe('classifier')
  expect(upstream.requests.at(-1)?.kind).toBe('agent')
})

test('streams words, arguments in pieces of eight characters, usage when asked', async () => {
  const stream = async (content: string) => {
    const options = { stream: true, stream_options: { include_usage: true }, tools: [] }
    const text = await (await ask({ model: 'm', messages: [{ role: 'user', content }], ...options })).text()
    expect(text).toMatch(/data: \[DONE\]\n\n$/)
    const lines = text.split('\n\n').filter((line) => line !== '' && line !== 'data: [DONE]')
    return lines.map((line) => JSON.parse(line.slice('data: '.length)))
  }
  const words = await stream('#unicode')
  const deltas = words.flatMap((chunk) => chunk.choices).map((choice) => choice.delta.content ?? '')
  expect(deltas.join('')).toBe('Привет, мир! 你好 🚀 "quotes" \\ back\nnew line')
  expect(deltas.length).toBeGreaterThan(6)
  expect(words.at(-1)).toMatchObject({ choices: [], usage: { total_tokens: 15 } })
  const calls = (await stream('#two_tools')).flatMap((chunk) => chunk.choices[0]?.delta.tool_calls ?? [])
  expect(calls.filter((call) => call.id !== undefined).map((call) => call.function.name)).toEqual([
    'read_file',
    'list_files',
  ])
  const args = calls.filter((call) => call.index === 0).map((call) => call.function.arguments)
  expect(JSON.parse(args.join(''))).toEqual({ path: 'README.md' })
  expect(Math.max(...args.map((part) => part.length))).toBe(8)
})

test('fails the way it is told to', async () => {
  const post = (content: string) => ask({ model: 'm', messages: [{ role: 'user', content }], tools: [] })
  expect((await post('#error:429')).status).toBe(429)
  expect((await post('flaky #flaky:1')).status).toBe(503)
  expect((await (await post('flaky #flaky:1')).json()).choices[0].message.content).toBe('Recovered after 2 attempts.')
  await expect(post('#drop')).rejects.toThrow()
  expect(await (await post('#not_json')).text()).toBe('this is not json')
  expect((await (await post('#empty_choices')).json()).choices).toEqual([])
  expect((await fetch(`${upstream.url}/v1/models`)).status).toBe(404)
  expect((await (await fetch(`${upstream.url}/v1/llm/models`)).json())[0].is_available).toBe(true)
})
