import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { RuntimeError } from '../../src/domain/errors.ts'
import { named } from '../fakes/only-model.ts'
import { calls, routes, ScriptedModel, says } from '../fakes/scripted-model.ts'
import { events, owner, summary, TestApplication } from './start-application.ts'

const ref = { ownerId: owner, sessionId: 's1' }
const failing = (code: 'upstream_unavailable' | 'upstream_auth' | 'circuit_open' | 'upstream_rate_limited') => [
  new RuntimeError(code, `LLM request failed: ${code}`, { details: { attempts: 3 } }),
]

let app: TestApplication
let backup: ScriptedModel
beforeEach(async () => {
  backup = new ScriptedModel()
  app = await TestApplication.start({
    others: [named(backup, { alias: 'backup', price: { input: 1, output: 2, cached: 0.5 } })],
  })
})
afterEach(() => app[Symbol.asyncDispose]())

async function rows() {
  const { sid } = await app.application.sessions.get(ref)
  return await app.store.unitOfWork.read((tx) => tx.modelCalls.list(sid, 'answer', 10))
}

describe('when a model is away', () => {
  test.each(['upstream_unavailable', 'upstream_rate_limited', 'circuit_open'] as const)(
    'the next of its chain answers in the same step: %s',
    async (code) => {
      app.model.push(routes('coder'), failing(code))
      backup.push(says('from the backup'))
      const frames = await app.message('hello')
      expect(summary(frames)).toEqual(['switched orchestrator>coder', 'completed'])
      expect(await app.history()).toEqual(['user: hello', 'assistant: from the backup'])
      expect(await rows()).toMatchObject([
        { alias: 'scripted-1', insteadOf: null, errorCode: code, attempts: 3, cost: 0 },
        { alias: 'backup', insteadOf: 'scripted-1', errorCode: null, cost: 0.00002 },
      ])
      const { sid } = await app.application.sessions.get(ref)
      const turn = await app.store.unitOfWork.read((tx) => tx.turns.latest(sid))
      expect(turn?.steps).toBe(1)
    },
  )

  test('the next routes too', async () => {
    app.model.push(failing('upstream_unavailable'), says('routed by the backup'))
    backup.push(routes('debug'))
    expect(summary(await app.message('hello'))).toEqual(['switched orchestrator>debug', 'completed'])
    expect(await app.application.sessions.usage(ref)).toMatchObject([
      { alias: 'backup', calls: 1 },
      { alias: 'scripted-1', calls: 2 },
    ])
  })

  test('the next step asks it first again', async () => {
    app.model.push(routes('coder'), failing('upstream_unavailable'), says('back again'))
    backup.push(calls(['read_file', { path: 'a' }]))
    await app.message('hello')
    await app.send({ kind: 'tool_result', callId: 'call_read_file', result: 'text' })
    expect((await rows()).map(({ alias }) => alias)).toEqual(['scripted-1', 'backup', 'scripted-1'])
  })

  test('a refused key is no reason to ask another', async () => {
    app.model.push(routes('coder'), failing('upstream_auth'))
    const frames = await app.message('hello')
    expect(summary(frames)).toContain('failed upstream_auth')
    expect(backup.calls).toHaveLength(0)
  })

  test('an answer that was begun is not begun anew by another', async () => {
    const cut = new RuntimeError('upstream_incomplete', 'LLM request failed: the answer ended too early')
    app.model.push(routes('coder'), [{ type: 'text-delta', text: 'half' }, cut])
    const frames = await app.message('hello')
    expect(summary(frames)).toContain('failed upstream_incomplete')
    expect(backup.calls).toHaveLength(0)
  })

  test('with all of them away the last failure is shown', async () => {
    app.model.push(routes('coder'), failing('upstream_unavailable'))
    backup.push(failing('upstream_rate_limited'))
    expect(summary(await app.message('hello'))).toContain('failed upstream_rate_limited')
    expect(await rows()).toHaveLength(2)
  })
})

describe('the model of a session', () => {
  test('is the chosen one from the next step on, for the router too', async () => {
    await app.application.commands.createSession(ref)
    await app.application.commands.chooseModel({ ...ref, model: 'backup' })
    backup.push(routes('ask'), says('chosen'))
    const frames = await app.message('hello')
    expect(events(frames).flatMap((event) => (event.type === 'step.started' ? [event.facts.model] : []))).toEqual([
      'scripted-1',
    ])
    expect((await rows()).map(({ alias }) => alias)).toEqual(['backup'])
    expect(app.model.calls).toHaveLength(0)
    expect((await app.application.sessions.get(ref)).model).toBe('backup')
  })

  test('is the default again once none is chosen', async () => {
    await app.application.commands.createSession(ref)
    await app.application.commands.chooseModel({ ...ref, model: 'backup' })
    await app.application.commands.chooseModel({ ...ref, model: null })
    app.model.push(routes('ask'), says('default'))
    await app.message('hello')
    expect((await rows()).map(({ alias }) => alias)).toEqual(['scripted-1'])
  })

  test('is one that there is', async () => {
    await app.application.commands.createSession(ref)
    await expect(app.application.commands.chooseModel({ ...ref, model: 'gpt-9' })).rejects.toMatchObject({
      code: 'not_found',
      message: "There is no model 'gpt-9'. Known: scripted-1, backup",
    })
  })
})

test('usage is added up by model', async () => {
  app.model.push(routes('coder'), failing('upstream_unavailable'))
  backup.push(says('from the backup'))
  await app.message('hello')
  expect(await app.application.sessions.usage(ref)).toEqual([
    {
      alias: 'backup',
      provider: 'scripted',
      model: 'scripted-1',
      calls: 1,
      inputTokens: 10,
      cachedTokens: 0,
      outputTokens: 5,
      reasoningTokens: 0,
      cost: 0.00002,
    },
    {
      alias: 'scripted-1',
      provider: 'scripted',
      model: 'scripted-1',
      calls: 2,
      inputTokens: 10,
      cachedTokens: 0,
      outputTokens: 5,
      reasoningTokens: 0,
      cost: null,
    },
  ])
})
