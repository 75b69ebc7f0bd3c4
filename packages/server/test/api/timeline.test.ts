import { SessionTimeline } from '@codelab/protocol'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { asks, Stage } from './stage.ts'

let stage: Stage
beforeEach(async () => {
  stage = await Stage.open()
})
afterEach(() => stage[Symbol.asyncDispose]())

async function rejectedWrite(): Promise<void> {
  stage.model.script(asks('c1', 'write_file', { path: 'a.txt', content: 'A secret text' }))
  await stage.send('s1', { type: 'user_message', content: `Write a.txt ${'.'.repeat(300)}` })
  await stage.send('s1', { type: 'hitl_decision', call_id: 'c1', decision: 'reject', feedback: 'Not now' })
}

it('tells the calls of models, what each call was about and what began each turn', async () => {
  await rejectedWrite()
  await stage.send('s1', { type: 'user_message', content: 'Again' })
  const { status, body } = await stage.call('GET', '/sessions/s1/timeline?details=true')
  expect(status).toBe(200)
  expect(SessionTimeline.parse(body)).toEqual(body)
  const turns = [...new Set(body.events.flatMap(({ turn_id: id }: { turn_id: string | null }) => id ?? []))]
  expect(turns).toHaveLength(2)
  expect(body.said).toEqual([
    { turn_id: turns[0], text: `Write a.txt ${'.'.repeat(188)}` },
    { turn_id: turns[1], text: 'Again' },
  ])
  expect(body.calls).toEqual([{ call_id: 'c1', agent: 'coder', subject: 'a.txt', edited: false, feedback: 'Not now' }])
  expect(body.model_calls.map((call: { purpose: string; turn_id: string }) => [call.purpose, call.turn_id])).toEqual([
    ['classify', turns[0]],
    ['answer', turns[0]],
    ['answer', turns[0]],
    ['answer', turns[1]],
  ])
  expect(body.model_calls[1]).toMatchObject({ agent: 'coder', input_tokens: 10, cached_tokens: 2, error: null })
  expect(JSON.stringify(body)).not.toContain('A secret text')
})

it('tells no text unless it is asked for details', async () => {
  await rejectedWrite()
  const { body } = await stage.call('GET', '/sessions/s1/timeline')
  expect(Object.keys(body)).toEqual(['session_id', 'title', 'state', 'events', 'cut'])
  expect(JSON.stringify(body.events)).not.toMatch(/Write a\.txt|Not now/)
})

it('tells of no turn that its events do not reach', async () => {
  await rejectedWrite()
  await stage.send('s1', { type: 'user_message', content: 'Again' })
  const { body } = await stage.call('GET', '/sessions/s1/timeline?details=true&limit=3')
  expect(body.cut).toBe(true)
  expect(body.calls).toEqual([])
  expect(body.model_calls).toHaveLength(1)
})
