import { expect, test } from 'vitest'
import { readPosition } from '../../src/api/stream/reader-position.ts'
import { RawClient } from './raw-client.ts'
import { key, Stage } from './stage.ts'

test.each([
  ['0', { seq: 0 }],
  ['17', { seq: 17 }],
  ['17:0197c9a4-6f1e:42', { seq: 17, messageId: '0197c9a4-6f1e', offset: 42 }],
  ['', undefined],
  ['x', undefined],
  ['-1', undefined],
  ['1:', undefined],
  ['1:a', undefined],
  ['1:a:b', undefined],
  ['9'.repeat(30), undefined],
])('the frame id %j', (id, position) => {
  expect(readPosition(id)).toEqual(position)
})

test('comments keep a silent stream alive', async () => {
  await using stage = await Stage.open({ heartbeatMs: 20 })
  await stage.coderSession('s')
  using client = await RawClient.connect(await stage.listen())
  client.socket.write(`GET /sessions/s/events HTTP/1.1\r\nhost: x\r\nx-internal-auth: ${key}\r\n\r\n`)
  await client.until('event: hello')
  await client.until(': ping')
  expect(client.answer.head).toMatch(/^HTTP\/1.1 200 .*content-type: text\/event-stream/is)
})
