import { afterEach, beforeEach, expect, it } from 'vitest'
import { Stage } from './stage.ts'

let stage: Stage
beforeEach(async () => {
  stage = await Stage.open()
})
afterEach(() => stage[Symbol.asyncDispose]())

const today = () => new Date().toISOString().slice(0, 10)

it('tells what was used today, the call of the router too', async () => {
  await stage.send('s1', { type: 'user_message', content: 'Hello' })
  await stage.send('s2', { type: 'user_message', content: 'Hello' })
  const { status, body } = await stage.call('GET', '/usage?by=day,model')
  expect(status).toBe(200)
  expect(body).toMatchObject({ to: today(), by: ['day', 'model'], user: null, more: false })
  const figures = { calls: 4, input_tokens: 40, cached_tokens: 8, output_tokens: 20, reasoning_tokens: 4, cost: null }
  expect(body.total).toEqual({ turns: 2, ...figures })
  expect(body.rows).toEqual([{ day: today(), provider: 'scripted', model: 'scripted-1', turns: null, ...figures }])
  await stage.call('DELETE', '/sessions/s1')
  expect((await stage.call('GET', '/usage?by=user')).body.rows).toEqual([{ user: 'service', turns: 2, ...figures }])
})

it('has rows up to a limit, and says when there are more', async () => {
  await stage.send('s1', { type: 'user_message', content: 'Hello' })
  expect((await stage.call('GET', '/usage?user=nobody')).body).toMatchObject({
    user: 'nobody',
    total: { turns: 0, calls: 0, cost: 0 },
    rows: [],
  })
  const day = (await stage.call('GET', `/usage?from=2026-01-01&to=2026-01-31`)).body
  expect(day).toMatchObject({ from: '2026-01-01', to: '2026-01-31', rows: [] })
})

it.each([
  ['from=2026-02-30', 'a day'],
  ['by=week', 'day, user, model'],
  ['limit=0', 'greater than or equal to 1'],
])('refuses %s', async (query, text) => {
  const { status, text: body } = await stage.call('GET', `/usage?${query}`)
  expect(status).toBe(422)
  expect(body).toContain(text)
})
