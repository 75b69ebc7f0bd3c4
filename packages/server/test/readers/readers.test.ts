import { afterAll, beforeAll, expect, test } from 'vitest'
import { type StrictUpstream, startStrictUpstream } from '../crash/strict-upstream.ts'
import { call, sendInput } from '../crash/wire.ts'
import { ServerProcess } from '../server-process.ts'
import { type EventFrame, EventReader, eventsOf, isDelta, isTurnEnd, saidIn } from './event-reader.ts'

let upstream: StrictUpstream
let server: ServerProcess
let sessions = 0

beforeAll(async () => {
  upstream = await startStrictUpstream()
  server = await ServerProcess.start({ env: { ...upstream.env, CODELAB_MAX_STREAMS: '30' } })
})

afterAll(async () => {
  await server?.[Symbol.asyncDispose]()
  await upstream?.close()
})

const say = (id: string, content: string) =>
  sendInput(server.url, id, { type: 'user_message', content, agent_type: 'coder' }, { features: 'deltas' })
const rest = (method: string, path: string, body?: object) =>
  call<Record<string, unknown>>(server.url, method, path, body)

async function newSession(): Promise<string> {
  const id = `read-${sessions++}`
  await rest('POST', '/sessions', { session_id: id })
  return id
}

/** A session with everything a log can hold: answers, calls, an edited and a rejected one, a rename, a switch, a cancellation. */
async function live(id: string): Promise<void> {
  const open = async (said: string) => {
    const { frames } = await say(id, said)
    return frames.filter(({ data }) => data['type'] === 'tool_call').map(({ data }) => String(data['call_id']))
  }
  await say(id, 'hello #plain')
  const [read] = await open('look #read')
  await sendInput(server.url, id, { type: 'tool_result', call_id: read, result: 'the content' })
  const [write] = await open('change #write')
  const edited = { path: 'src/b.ts', content: 'export const b = 1\n' }
  const decision = { type: 'hitl_decision', call_id: write, decision: 'edit', modified_arguments: edited }
  await sendInput(server.url, id, decision)
  await sendInput(server.url, id, { type: 'tool_result', call_id: write, result: 'written' })
  const [refused] = await open('again #write')
  await sendInput(server.url, id, { type: 'hitl_decision', call_id: refused, decision: 'reject', feedback: 'no' })
  const [implied] = await open('once more #write')
  await sendInput(server.url, id, { type: 'tool_result', call_id: implied, result: 'written' })
  await open('both #mixed')
  await say(id, 'never mind #plain')
  await open('stop there #two')
  await rest('POST', `/sessions/${id}/cancel`)
  await rest('PATCH', `/sessions/${id}`, { title: 'renamed' })
  await rest('POST', `/agents/${id}/switch`, { target_agent: 'ask', reason: 'test' })
}

test('from every event on, a reader gets the same rest as one who never left', async () => {
  const id = await newSession()
  using stayed = await EventReader.open(server.url, id, { after: 0 })
  await live(id)
  using late = await EventReader.open(server.url, id)
  const lastSeq = late.frames[0]?.data.last_seq
  expect(lastSeq).toBeGreaterThan(60)
  const isLast = ({ id: seq }: EventFrame) => seq === String(lastSeq)
  const all = eventsOf(await stayed.until(isLast))
  expect(all.map((line) => Number(line.split(' ', 1)[0]))).toEqual(Array.from({ length: lastSeq }, (_, n) => n + 1))
  for (let seq = 0; seq < lastSeq; seq++) {
    using back = await EventReader.open(server.url, id, seq % 2 ? { after: seq } : { lastEventId: String(seq) })
    expect(eventsOf(await back.until(isLast))).toEqual(all.slice(seq))
  }
})

test('hello comes first; without a position only what comes from now on', async () => {
  const id = await newSession()
  await say(id, 'before #plain')
  await say(id, 'open #write')
  using reader = await EventReader.open(server.url, id)
  const [hello] = reader.frames
  expect(hello).toMatchObject({ event: 'hello', id: undefined, data: { state: 'awaiting_approval', open_calls: [] } })
  expect(hello?.data.pending_approvals).toMatchObject([{ tool_name: 'write_file' }])
  await rest('PATCH', `/sessions/${id}`, { title: 'now' })
  const frames = await reader.until(({ event }) => event === 'session.renamed')
  expect(frames.map(({ event, id: seq }) => [event, seq])).toEqual([
    ['hello', undefined],
    ['session.renamed', String(hello?.data.last_seq + 1)],
  ])
})

test('several readers come and go in the middle of an answer, and all have its text', async () => {
  const id = await newSession()
  using stayed = await EventReader.open(server.url, id)
  const answer = say(id, 'count #slow:200')
  await stayed.until(isDelta)
  const readers: Promise<string[]>[] = []
  for (let n = 0; n < 6; n++) {
    readers.push(leaveAndReturn(id))
    await stayed.until((frame) => isDelta(frame) && frame.data.offset > n * 6)
  }
  using late = await EventReader.open(server.url, id)
  const { frames } = await answer
  const said = saidIn(await stayed.until(isTurnEnd))
  expect(said).toEqual(['Reply to count after 0 results : one two three four five.'])
  expect(frames.findLast(({ data }) => data['is_final'])?.data['content']).toBe(said[0])
  for (const text of await Promise.all(readers)) expect(text).toEqual(said)
  expect(saidIn(await late.until(isTurnEnd))).toEqual(said)
})

/** Reads one delta at a time, and comes back with its id for the next. */
async function leaveAndReturn(id: string): Promise<string[]> {
  const frames: EventFrame[] = []
  let position = {}
  for (;;) {
    using reader = await EventReader.open(server.url, id, position)
    const read = await reader.until((frame) => isDelta(frame) || isTurnEnd(frame))
    frames.push(...read)
    if (frames.some(isTurnEnd)) return saidIn(frames)
    position = { after: read.at(-1)?.id }
  }
}

test('a position beats Last-Event-ID, and one ahead of the log waits for what comes', async () => {
  const id = await newSession()
  using first = await EventReader.open(server.url, id, { after: 0, lastEventId: '1' })
  await first.until(({ id: seq }) => seq === '1')
  using ahead = await EventReader.open(server.url, id, { after: 1_000 })
  await rest('PATCH', `/sessions/${id}`, { title: 'now' })
  await ahead.until(({ event }) => event === 'session.renamed')
})

test('ends with the session, and refuses what it cannot follow', async () => {
  const id = await newSession()
  using reader = await EventReader.open(server.url, id)
  const answer = say(id, 'doomed #slow:50')
  await reader.until(isDelta)
  await rest('DELETE', `/sessions/${id}`)
  await reader.over
  const [deleted, closing] = reader.frames.slice(-2)
  expect([deleted?.event, closing?.event, closing?.data]).toEqual([
    'session.deleted',
    'stream.closing',
    { reason: 'session_deleted' },
  ])
  await answer
  using gone = await EventReader.open(server.url, id)
  using unknown = await EventReader.open(server.url, 'nobody')
  expect([gone.status, unknown.status]).toEqual([404, 404])
  const other = await newSession()
  for (const position of ['x', '-1', '1:', '1:a', '1:a:b', '1.5', '9'.repeat(30), '1:a b:3']) {
    using after = await EventReader.open(server.url, other, { after: position })
    using header = await EventReader.open(server.url, other, { lastEventId: position })
    expect([position, after.status, header.status]).toEqual([position, 422, 422])
  }
})

test('no more readers than CODELAB_MAX_STREAMS; one that leaves makes room', async () => {
  const id = await newSession()
  const readers = await Promise.all(Array.from({ length: 40 }, () => EventReader.open(server.url, id)))
  const counts = [200, 503].map((status) => readers.filter((reader) => reader.status === status).length)
  for (const reader of readers) reader[Symbol.dispose]()
  expect(counts[0]).toBeGreaterThan(20)
  expect(counts).toEqual([counts[0], 40 - (counts[0] ?? 0)])
  await expect
    .poll(async () => {
      using next = await EventReader.open(server.url, id)
      return next.status
    })
    .toBe(200)
})
