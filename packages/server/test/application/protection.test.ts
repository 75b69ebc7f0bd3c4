import { describe, expect, it } from 'vitest'
import { RuntimeError } from '../../src/domain/errors.ts'
import { calls, routes, type Script, says } from '../fakes/scripted-model.ts'
import { client, events, owner, summary, TestApplication } from './start-application.ts'

function cut(script: Script): Script {
  return script.map((step) =>
    'type' in step && step.type === 'finish' ? { ...step, reason: 'length' as const } : step,
  )
}

function answersTo(app: TestApplication): string[] {
  const messages = app.model.calls.at(-1)?.messages ?? []
  return messages.flatMap((message) => (message.role === 'tool' ? [message.parts[0].text] : []))
}

async function errorText(frames: Awaited<ReturnType<TestApplication['message']>>): Promise<string | undefined> {
  return events(frames).flatMap((event) => (event.type === 'run.ended' ? [event.facts.error?.text] : []))[0]
}

describe('the token limit of a turn', () => {
  it('counts all its model calls, over several runs, and begins anew with the next message', async () => {
    await using app = await TestApplication.start({ limits: { turnTokens: 40 } })
    app.model.push(
      routes('coder'),
      calls(['read_file', { path: 'a' }, 'c1']),
      calls(['read_file', { path: 'b' }, 'c2']),
    )
    await app.message('read all')
    expect(summary(await app.send({ kind: 'tool_result', callId: 'c1', result: 'A' }))).toContain('awaiting_tool')
    const last = await app.send({ kind: 'tool_result', callId: 'c2', result: 'B' })
    expect(summary(last)).toEqual(['failed token_limit'])
    expect(await errorText(last)).toBe('The agent stopped after 45 tokens without an answer')
    app.model.push(says('fine'))
    expect(summary(await app.message('again'))).toEqual(['completed'])
  })
})

describe('an answer that the model did not finish', () => {
  const half = '{"path": "a.md", "content": "# A long'

  it('is not run, the model is told, and may do better', async () => {
    await using app = await TestApplication.start()
    const whole = '{"path":"a.md","content":""}'
    app.model.push(routes('coder'), calls(['write_file', half, 'c1']), cut(calls(['write_file', whole, 'c2'])))
    app.model.push(says('in parts then'))
    expect(summary(await app.message('write'))).toEqual(['switched orchestrator>coder', 'completed'])
    expect(answersTo(app)).toEqual(Array(2).fill('Error: cut at the output limit: write the file in parts'))
    const sent = app.model.calls.at(-1)?.messages.flatMap(({ parts }) => parts.map((part) => ({ ...part })))
    expect(sent).toContainEqual({ type: 'tool-call', callId: 'c1', tool: 'write_file', argumentsJson: '{}' })
    expect(sent).toContainEqual({ type: 'tool-call', callId: 'c2', tool: 'write_file', argumentsJson: whole })
  })

  it('ends the turn the third time', async () => {
    await using app = await TestApplication.start()
    app.model.push(routes('coder'), ...['c1', 'c2', 'c3'].map((id) => calls(['write_file', half, id])))
    const frames = await app.message('write')
    expect(summary(frames)).toEqual(['switched orchestrator>coder', 'failed answer_too_long'])
    expect(await errorText(frames)).toContain('Ask for less at once')
    expect(await app.state()).toBe('idle')
  })

  it('loses its last call only', async () => {
    await using app = await TestApplication.start()
    app.model.push(routes('coder'), cut(calls(['read_file', { path: 'a' }, 'c1'], ['read_file', { path: 'b' }, 'c2'])))
    expect(summary(await app.message('two'))).toEqual([
      'switched orchestrator>coder',
      'call read_file',
      'awaiting_tool',
    ])
    app.model.push(says('done'))
    await app.send({ kind: 'tool_result', callId: 'c1', result: 'A' })
    expect(answersTo(app)).toEqual(['A', 'Error: cut at the output limit: write the file in parts'])
  })

  it.each(['{not json', '["README.md"', '{"path": "a"]]}'])('is told from one that is wrong: %s', async (json) => {
    await using app = await TestApplication.start()
    app.model.push(routes('coder'), calls(['read_file', json, 'c1']), says('sorry'))
    await app.message('read')
    expect(answersTo(app)).toEqual([expect.stringContaining('are not a JSON object')])
  })

  it('is shown as it is when it is text', async () => {
    await using app = await TestApplication.start()
    app.model.push(routes('ask'), cut(says('a long st')))
    expect(summary(await app.message('tell'))).toContain('completed')
    expect(await app.history()).toEqual(['user: tell', 'assistant: a long st'])
  })

  it('is refused when nothing was said yet', async () => {
    await using app = await TestApplication.start()
    app.model.push(routes('ask'), cut(says()), says('ok'))
    expect(summary(await app.message('tell'))).toContain('failed answer_too_long')
    expect(await app.history()).toEqual(['user: tell'])
    expect(summary(await app.message('again'))).toEqual(['completed'])
  })
})

describe('the same call with the same result', () => {
  const args = ['{"path":"a","start_line":1}', '{"start_line": 1, "path": "a"}']

  /** Lets the model make the call again and again; the results that it is given. */
  async function repeat(app: TestApplication, results: readonly string[]): Promise<string[]> {
    app.model.push(routes('coder'))
    for (const [place] of results.entries()) app.model.push(calls(['read_file', args[place % 2], `c${place}`]))
    app.model.push(says('done'))
    const ends = [(await app.message('look')).at(-1)]
    for (const [place, result] of results.entries()) {
      ends.push((await app.send({ kind: 'tool_result', callId: `c${place}`, result })).at(-1))
    }
    return ends.flatMap((frame) => (frame ? summary([frame]) : []))
  }

  it('is noted the third time and ends the turn the fourth', async () => {
    await using app = await TestApplication.start()
    const ends = await repeat(app, ['x', 'x', 'x', 'x'])
    expect(ends.at(-1)).toBe('failed loop')
    expect(answersTo(app)).toEqual([
      'x',
      'x',
      expect.stringMatching(/^x\n\[This call has given the same result 3 times/),
    ])
    expect(await app.state()).toBe('idle')
  })

  it('does not count when the result changes', async () => {
    await using app = await TestApplication.start()
    const ends = await repeat(app, ['x', 'x', 'y', 'x', 'x'])
    expect(ends.at(-1)).toBe('completed')
    expect(answersTo(app)).toEqual(['x', 'x', 'y', 'x', 'x'])
  })

  it('counts in its turn only, and what was noted stays noted', async () => {
    await using app = await TestApplication.start()
    expect((await repeat(app, ['x', 'x', 'x'])).at(-1)).toBe('completed')
    const before = JSON.stringify(app.model.calls.at(-1)?.messages).slice(0, -1)
    app.model.push(calls(['read_file', args[0], 'd1']), says('done'))
    await app.message('once more')
    expect(summary(await app.send({ kind: 'tool_result', callId: 'd1', result: 'x' }))).toEqual(['completed'])
    expect(JSON.stringify(app.model.calls.at(-1)?.messages).slice(0, before.length)).toBe(before)
    expect(answersTo(app).at(-1)).toBe('x')
  })
})

describe('a request that the provider refuses as it is', () => {
  const tooLong = new RuntimeError('context_too_long', 'LLM request failed: upstream returned 400')
  const long = 'y'.repeat(1_000)

  async function afterTwoResults(): Promise<TestApplication> {
    const app = await TestApplication.start()
    app.model.push(
      routes('coder'),
      calls(['read_file', { path: 'a' }, 'c1']),
      calls(['read_file', { path: 'b' }, 'c2']),
    )
    await app.message('look')
    await app.send({ kind: 'tool_result', callId: 'c1', result: long })
    return app
  }

  it('is sent once more without old results when it is too long, and so for the rest of the run', async () => {
    await using app = await afterTwoResults()
    app.model.push([tooLong], calls(['read_file', '[]', 'c3']), says('read'))
    expect(summary(await app.send({ kind: 'tool_result', callId: 'c2', result: long }))).toEqual(['completed'])
    const reference =
      'The result of read_file, 1000 characters, is left out to save room. Call it again if you need it.'
    expect(answersTo(app).slice(0, 1)).toEqual([`[${reference}]`])
    expect(app.model.calls).toHaveLength(6)
    const { messages } = await app.application.sessions.history({ ownerId: owner, sessionId: 's1' })
    expect(messages.flatMap(({ parts }) => parts).filter((part) => part.type === 'tool-result')[0]?.text).toBe(long)
  })

  it('is given up with what to do when that does not help', async () => {
    await using app = await afterTwoResults()
    app.model.push([tooLong], [tooLong], says('fine'))
    const frames = await app.send({ kind: 'tool_result', callId: 'c2', result: long })
    expect(summary(frames)).toEqual(['failed context_too_long'])
    expect(await errorText(frames)).toContain('Start a new session')
  })

  it('is not sent again when nothing would change', async () => {
    await using app = await TestApplication.start()
    app.model.push(routes('ask'), [tooLong])
    expect(summary(await app.message('hi', { client: client() }))).toContain('failed context_too_long')
    expect(app.model.calls).toHaveLength(2)
  })

  it('is sent once more without the opaque parts that it does not take', async () => {
    await using app = await TestApplication.start()
    const opaque = { provider: 'scripted', family: 'f', json: '{"signature":"s"}' }
    app.model.push(routes('coder'), [
      { type: 'reasoning-delta', text: 'hm' },
      { type: 'reasoning-end', opaque },
      ...calls(['read_file', { path: 'a' }, 'c1']),
    ])
    await app.message('look')
    const refused = new RuntimeError('upstream_rejected', 'LLM request failed: upstream returned 400', {
      details: { opaqueRefused: true },
    })
    app.model.push([refused], says('read'))
    expect(summary(await app.send({ kind: 'tool_result', callId: 'c1', result: 'x' }))).toEqual(['completed'])
    const [before, after] = app.model.calls.slice(-2).map((call) => JSON.stringify(call.messages))
    expect(before).toContain('signature')
    expect(after).not.toMatch(/signature|reasoning/)
  })
})
