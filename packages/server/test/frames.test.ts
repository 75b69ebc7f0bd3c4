import { expect, test } from 'vitest'
import { readFrames } from './frames.ts'
import { loadRecordings } from './replay/recording.ts'

test('reads every recorded stream as its recorded events, without a fault', () => {
  let streams = 0
  for (const recording of loadRecordings()) {
    for (const step of recording.steps) {
      const raw = step.response?.sse_raw
      if (raw === undefined) continue
      streams += 1
      const { events, faults } = readFrames(raw)
      expect(faults, recording.name).toEqual([])
      expect(events, recording.name).toEqual(step.response?.events)
    }
  }
  expect(streams).toBeGreaterThan(100)
})

test.each([
  ['LF line ends', 'event: done\ndata: {}\n\n'],
  ['no space after the colon', 'event:done\r\ndata: {}\r\n\r\n'],
  ['two data lines', 'event: done\r\ndata: {\r\ndata: }\r\n\r\n'],
  ['an id line', 'id: 1\r\nevent: done\r\ndata: {}\r\n\r\n'],
  ['a letter outside ASCII', 'event: done\r\ndata: {"a":"\u00e9"}\r\n\r\n'],
  ['a line separator', 'event: done\r\ndata: {"a":"\u2028"}\r\n\r\n'],
  ['an end in the middle', 'event: done\r\ndata: {}\r\n'],
  ['data that is not JSON', 'event: done\r\ndata: {a}\r\n\r\n'],
  ['a null key in a chunk', 'event: message\r\ndata: {"type":"error","content":null}\r\n\r\n'],
  ['keys in another order', 'event: message\r\ndata: {"token":"","type":"assistant_message"}\r\n\r\n'],
])('finds %s', (_, raw) => {
  expect(readFrames(raw).faults).not.toEqual([])
})

test('counts heartbeats', () => {
  expect(readFrames(': ping - now\r\n\r\n: ping\r\n\r\n')).toEqual({ events: [], pings: 2, faults: [] })
})
