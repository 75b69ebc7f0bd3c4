import { afterAll, beforeAll, expect, test } from 'vitest'
import { type StrictUpstream, startStrictUpstream } from '../crash/strict-upstream.ts'
import { call, finalTextOf, sendInput } from '../crash/wire.ts'
import { ofOneProcess } from '../replicas/of-one-process.ts'
import { ServerProcess } from '../server-process.ts'
import { type EventFrame, EventReader, isDelta, isTurnEnd, saidIn } from './event-reader.ts'

let upstream: StrictUpstream

beforeAll(async () => {
  upstream = await startStrictUpstream()
})

afterAll(async () => {
  await upstream?.close()
})

const whole = 'Reply to count after 0 results : one two three four five.'
const message = { type: 'user_message', content: 'count #slow:200', agent_type: 'coder', message_id: 'm-1' }

test('killed in the middle of an answer: a reader is told what is durable, and ends with the text of one who reads it all later', async () => {
  await using server = await ServerProcess.start({ env: upstream.env })
  await call(server.url, 'POST', '/sessions', { session_id: 's' })
  const lost = sendInput(server.url, 's', message)
  const seen: EventFrame[] = []
  using before = await EventReader.open(server.url, 's', { after: 0 })
  // Past the first draft, which is written after a second.
  await before.until((frame) => isDelta(frame) && frame.data.text.includes('two'))
  await server.stop('SIGKILL')
  await Promise.all([before.over, lost])
  seen.push(...before.frames)
  const [shown] = saidIn(seen)

  await server.start()
  using back = await EventReader.open(server.url, 's', { after: before.lastId })
  const after = await back.until(isTurnEnd)
  const messageId = before.frames.findLast(isDelta)?.data.message_id
  const [hello, reset, created] = after
  expect([hello?.event, reset?.event, created?.event]).toEqual(['hello', 'message.reset', 'message.created'])
  expect(reset?.data.message_id).toBe(messageId)
  expect(created?.data).toMatchObject({ message_id: messageId, status: 'interrupted' })
  expect(created?.data.message.content).toBe(reset?.data.text)
  expect(reset?.data.text).not.toBe('')
  expect(shown?.startsWith(reset?.data.text)).toBe(true)
  expect(hello?.data.state).toBe('interrupted')
  seen.push(...after)

  // The same message again goes on with the turn; who follows the session sees it.
  const resumed = await sendInput(server.url, 's', message)
  expect(finalTextOf(resumed)).toBe(whole)
  seen.push(
    ...(await back.until((frame) => isTurnEnd(frame) && frame.data.outcome === 'completed')).slice(after.length),
  )
  using all = await EventReader.open(server.url, 's', { after: 0 })
  const said = saidIn(await all.until((frame) => isTurnEnd(frame) && frame.data.outcome === 'completed'))
  expect(said).toEqual([reset?.data.text, whole])
  expect(saidIn(seen)).toEqual(said)
})

ofOneProcess.test('killed before anything of the answer is durable: a reader is told that nothing is', async () => {
  await using server = await ServerProcess.start({ env: upstream.env })
  await call(server.url, 'POST', '/sessions', { session_id: 's' })
  const lost = sendInput(server.url, 's', message)
  using before = await EventReader.open(server.url, 's')
  await before.until(isDelta)
  await server.stop('SIGKILL')
  await Promise.all([before.over, lost])
  await server.start()
  using back = await EventReader.open(server.url, 's', { lastEventId: before.lastId })
  const after = await back.until(isTurnEnd)
  expect(after.map(({ event }) => event)).toEqual(['hello', 'message.reset', 'run.ended', 'turn.ended'])
  expect(saidIn([...before.frames, ...after])).toEqual([''])
})
