import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { call, finalTextOf, sendInput } from '../crash/wire.ts'
import { ServerProcess } from '../server-process.ts'
import { type EventFrame, EventReader, isDelta, isTurnEnd, saidIn } from './event-reader.ts'
import { startTalkativeModel } from './talkative-model.ts'

// More than the buffers of a connection hold.
const pieceSize = 64 * 1024
const pieces = 160

test('a slow reader gets one larger delta when it reads again, or is cut and comes back; nobody waits for it', async () => {
  await using model = await startTalkativeModel({ pieces, pieceSize, pauseMs: 20 })
  const isWhole = (frames: readonly EventFrame[]) => saidIn(frames).join('|') === model.text
  const answerBytes = String(2 * pieces * pieceSize)
  await using server = await ServerProcess.start({
    env: { ...model.env, CODELAB_ANSWER_BYTES: answerBytes, CODELAB_DRAIN_MS: '20000' },
  })
  await call(server.url, 'POST', '/sessions', { session_id: 's' })
  using reads = await EventReader.open(server.url, 's', { after: 0 })
  using pauses = await EventReader.open(server.url, 's', { after: 0 })
  using stops = await EventReader.open(server.url, 's', { after: 0 })
  const answer = sendInput(server.url, 's', { type: 'user_message', content: 'speak' })
  await Promise.all([pauses.until(isDelta), stops.until(isDelta)])
  pauses.pause()
  stops.pause()
  await reads.until((frame) => isDelta(frame) && frame.data.offset > (pieces * pieceSize * 3) / 4)
  pauses.resume()

  const [streamed, all] = await Promise.all([answer, reads.until(isTurnEnd)])
  expect(streamed.end).toBe('done')
  // Compared here: nobody wants to see ten megabytes that differ.
  expect(finalTextOf(streamed) === model.text).toBe(true)
  expect(isWhole(all)).toBe(true)

  const late = await pauses.until(isTurnEnd)
  expect(isWhole(late)).toBe(true)
  expect(Math.max(...late.filter(isDelta).map(({ data }) => data.text.length))).toBeGreaterThan(8 * pieceSize)
  expect(late.filter(isDelta).length).toBeLessThan(all.filter(isDelta).length)

  await expect.poll(() => openStreams(server.url), { timeout: 90_000 }).toBe(2)
  stops.resume()
  await stops.over
  expect(stops.frames.some(isTurnEnd)).toBe(false)
  using back = await EventReader.open(server.url, 's', { after: stops.lastId })
  expect(isWhole([...stops.frames, ...(await back.until(isTurnEnd))])).toBe(true)
}, 240_000)

async function openStreams(url: string): Promise<number> {
  await sleep(100)
  const { body } = await call<{ details: { open_streams: number } }>(url, 'GET', '/health/ready')
  return body.details.open_streams
}
