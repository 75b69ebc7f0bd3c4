import { rm } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import type { OnBusy, RunFrame } from '../../src/application/index.ts'
import { calls, routes, type Script, says } from '../fakes/scripted-model.ts'
import { owner, summary, TestApplication } from './start-application.ts'
import { held, inputsInLine, runsNow, until } from './waiting.ts'

const ref = { ownerId: owner, sessionId: 's1' }

/** A read that stores nothing: drafts are taken only by a transaction that is rolled back. */
async function drafted(app: TestApplication): Promise<boolean> {
  let found = 0
  await app.store.unitOfWork
    .transact(async (tx) => {
      for (const run of await runsNow(tx)) found += (await tx.drafts.takeOfRun(run.runId)).length
      throw new Error('only a look')
    })
    .catch(() => undefined)
  return found > 0
}

async function send(
  app: TestApplication,
  content: string,
  more: { readonly repeatKey?: string; readonly onBusy?: OnBusy } = {},
): Promise<RunFrame[]> {
  const frames: RunFrame[] = []
  const input = { ...ref, client: null, body: { kind: 'message' as const, content }, ...more }
  const stream = app.application.commands.streamInput(input, new AbortController().signal)
  for await (const frame of stream) frames.push(frame)
  return frames
}

/** A session in which a run was cut as by a crash, opened again. */
async function crashed(
  scripts: readonly Script[],
  more: { readonly repeatKey?: string } = {},
): Promise<TestApplication> {
  const first = await TestApplication.start()
  await first.send({ kind: 'switch', agent: 'coder', content: '' })
  first.model.push(...scripts)
  send(first, 'go', more).catch(() => undefined)
  await until(() => first.model.calls.length === scripts.length)
  await first.store.close()
  return await TestApplication.start({ folder: first.folder })
}

describe('the same input again', () => {
  it('is shown its answer again, and nothing is done twice', async () => {
    await using app = await TestApplication.start()
    await app.send({ kind: 'switch', agent: 'ask', content: '' })
    app.model.push(says('hello'))
    const first = await send(app, 'hi', { repeatKey: 'k1' })
    const again = await send(app, 'hi', { repeatKey: 'k1' })
    expect(summary(again)).toEqual(summary(first))
    expect(await app.history()).toEqual(['user: hi', 'assistant: hello'])
    expect(app.model.calls).toHaveLength(1)
    await expect(send(app, 'other', { repeatKey: 'k1' })).rejects.toMatchObject({ code: 'idempotency_key_reused' })
  })

  it('follows the run while it works', async () => {
    await using app = await TestApplication.start()
    await app.send({ kind: 'switch', agent: 'ask', content: '' })
    const answer = held('slow')
    app.model.push(answer.script)
    const first = send(app, 'hi', { repeatKey: 'k1' })
    await until(() => app.model.calls.length === 1)
    const again = send(app, 'hi', { repeatKey: 'k1' })
    answer.release()
    expect(summary(await again)).toEqual(summary(await first))
    expect(app.model.calls).toHaveLength(1)
  })

  it('creates one session, whoever asks how often', async () => {
    await using app = await TestApplication.start()
    const create = (sessionId?: string) =>
      app.application.commands.createSession({ ownerId: owner, repeatKey: 'k', ...(sessionId ? { sessionId } : {}) })
    const made = await Promise.all([create(), create(), create()])
    expect(new Set(made.map((session) => session.externalId)).size).toBe(1)
    await expect(create('another')).rejects.toMatchObject({ code: 'idempotency_key_reused' })
  })
})

describe('a turn that a crash cut', () => {
  it('is not run again by itself; asked, it goes on under the same turn', async () => {
    await using app = await crashed([held('never').script])
    expect(app.model.calls).toHaveLength(0)
    app.model.push(says('answered'))
    expect(await app.application.commands.resumeTurn(ref)).toMatchObject({ resumed: true })
    await until(async () => (await app.state()) === 'idle')
    expect((await app.history()).at(-1)).toBe('assistant: answered')
    expect(app.model.calls.at(-1)?.messages.at(-1)?.role).toBe('user')
    expect(await app.application.commands.resumeTurn(ref)).toEqual({ resumed: false, turnId: null })
    await rm(app.folder, { recursive: true, force: true })
  })

  it('goes on when its message comes again under its key', async () => {
    await using app = await crashed([held('never').script], { repeatKey: 'k1' })
    app.model.push(says('answered'))
    expect(summary(await send(app, 'go', { repeatKey: 'k1' }))).toEqual(['completed'])
    expect((await app.history()).filter((line) => line.startsWith('user'))).toEqual(['user: go'])
    expect(summary(await send(app, 'go', { repeatKey: 'k1' }))).toEqual(['completed'])
    expect(app.model.calls).toHaveLength(1)
  })

  it('goes on when the identical tool result comes again; another one is refused', async () => {
    const first = await TestApplication.start()
    first.model.push(routes('coder'), calls(['read_file', { path: 'a' }, 'c1']), held('never').script)
    await first.message('read')
    first.send({ kind: 'tool_result', callId: 'c1', result: 'A' }).catch(() => undefined)
    await until(() => first.model.calls.length === 3)
    await first.store.close()
    await using app = await TestApplication.start({ folder: first.folder })
    app.model.push(says('done'))
    await expect(app.send({ kind: 'tool_result', callId: 'c1', result: 'B' })).rejects.toMatchObject({
      code: 'call_answered',
    })
    expect(summary(await app.send({ kind: 'tool_result', callId: 'c1', result: 'A' }))).toEqual(['completed'])
    expect(await app.history()).toEqual(['user: read', 'assistant: read_file(c1)', 'tool: A', 'assistant: done'])
  })

  it('keeps what the model had written up to the last draft', async () => {
    const first = await TestApplication.start()
    await first.send({ kind: 'switch', agent: 'ask', content: '' })
    first.model.push([{ type: 'text-delta', text: 'half an answer' }, new Promise(() => {})])
    first.message('go').catch(() => undefined)
    await until(async () => drafted(first))
    await first.store.close()
    await using app = await TestApplication.start({ folder: first.folder })
    expect(await app.history()).toEqual(['user: go', 'assistant!: half an answer'])
  })
})

describe('an input for a session that works', () => {
  it('is refused at once when it asks for that', async () => {
    await using app = await TestApplication.start()
    await app.send({ kind: 'switch', agent: 'ask', content: '' })
    const answer = held('one')
    app.model.push(answer.script)
    const running = app.message('a')
    await until(() => app.model.calls.length === 1)
    await expect(send(app, 'b', { onBusy: 'reject' })).rejects.toMatchObject({ code: 'session_busy' })
    answer.release()
    await running
  })

  it('stops what runs when it asks for that, and what was written stays', async () => {
    await using app = await TestApplication.start()
    await app.send({ kind: 'switch', agent: 'ask', content: '' })
    app.model.push([{ type: 'text-delta', text: 'endless' }, new Promise(() => {})], says('two'))
    const running = app.message('a')
    await until(() => app.model.calls.length === 1)
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(summary(await send(app, 'b', { onBusy: 'interrupt' })).at(-1)).toBe('completed')
    expect(summary(await running)).toEqual(['cancelled cancelled'])
    expect(await app.history()).toEqual(['user: a', 'assistant!: endless', 'user: b', 'assistant: two'])
  })

  it('enters the running turn after the results when it steers', async () => {
    await using app = await TestApplication.start()
    app.model.push(routes('coder'), calls(['read_file', { path: 'a' }, 'c1']), says('steered'))
    await app.message('read')
    const steering = send(app, 'and be brief', { onBusy: 'steer' })
    await until(async () => (await app.store.unitOfWork.read(inputsInLine)).length === 1)
    expect(summary(await app.send({ kind: 'tool_result', callId: 'c1', result: 'A' }))).toEqual(['completed'])
    expect(summary(await steering)).toEqual(['queued 1', 'completed'])
    expect(await app.history()).toEqual([
      'user: read',
      'assistant: read_file(c1)',
      'tool: A',
      'user: and be brief',
      'assistant: steered',
    ])
  })

  it('that steers starts the next turn when the turn has ended before', async () => {
    await using app = await TestApplication.start()
    await app.send({ kind: 'switch', agent: 'ask', content: '' })
    const answer = held('one')
    app.model.push(answer.script, says('two'))
    const running = app.message('a')
    await until(() => app.model.calls.length === 1)
    const steering = send(app, 'b', { onBusy: 'steer' })
    await until(async () => (await app.store.unitOfWork.read(inputsInLine)).length === 1)
    answer.release()
    await running
    expect(summary(await steering).at(-1)).toBe('completed')
    expect(await app.history()).toEqual(['user: a', 'assistant: one one', 'user: b', 'assistant: two'])
  })
})
