import { expect, it } from 'vitest'
import { client, owner, summary, TestApplication } from '../application/start-application.ts'
import { calls, routes, says } from '../fakes/scripted-model.ts'

const signal = new AbortController().signal

async function resume(app: TestApplication) {
  const frames = []
  for await (const frame of app.application.commands.streamInput(
    { ownerId: owner, sessionId: 's1', client: null, body: { kind: 'resume' } },
    signal,
  ))
    frames.push(frame)
  return summary(frames)
}

it('a result that comes in a pause is kept, and its turn goes on when it is over', async () => {
  await using app = await TestApplication.start()
  app.model.push(routes('coder'), calls(['read_file', { path: 'a.ts' }, 'c1']))
  await app.message('read')
  await app.application.maintenance.setPaused(true)
  expect(summary(await app.send({ kind: 'tool_result', callId: 'c1', result: 'the text' }))).toEqual([
    'interrupted interrupted',
  ])
  expect((await app.history()).at(-1)).toBe('tool: the text')
  await expect(app.message('another')).rejects.toMatchObject({ code: 'overloaded' })
  await expect(resume(app)).rejects.toMatchObject({ code: 'overloaded' })
  const ref = { ownerId: owner, sessionId: 's1' }
  await expect(app.application.commands.resumeTurn(ref)).rejects.toMatchObject({ code: 'overloaded' })
  await app.application.maintenance.setPaused(false)
  app.model.push(says('done'))
  expect(await resume(app)).toEqual(['completed'])
  expect((await app.history()).at(-1)).toBe('assistant: done')
})

it('a run ends after the step that it is in', async () => {
  await using app = await TestApplication.start()
  const { promise, resolve } = Promise.withResolvers<void>()
  const faulty = calls(['no_such_tool', {}, 'c1'])
  app.model.push(routes('coder'), [promise, ...faulty])
  const sent = app.message('go', { client: client() })
  while (app.model.calls.length < 2) await new Promise((tick) => setTimeout(tick, 2))
  await app.application.maintenance.setPaused(true)
  resolve()
  expect(summary(await sent).at(-1)).toBe('interrupted interrupted')
  // The step was stored whole: its call has its result.
  expect((await app.history()).map((line) => line.split(':')[0])).toEqual(['user', 'assistant', 'tool'])
  expect(app.model.calls).toHaveLength(2)
})
