import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { loadRecordings } from './recording.ts'
import { needsOwnServer, openStage, replay, replayAlone } from './scenario.ts'

const recordings = loadRecordings()
const slow = 'stream-ping'
const alone = recordings.filter((recording) => needsOwnServer(recording))
const shared = recordings.filter((recording) => !alone.includes(recording) && recording.name !== slow)

describe('a scenario on the shared server', () => {
  let stage: Awaited<ReturnType<typeof openStage>>
  beforeAll(async () => {
    stage = await openStage()
  })
  afterAll(() => stage?.[Symbol.asyncDispose]())

  test.each(shared)('$name', async (recording) => {
    expect(await replay(recording, stage)).toEqual([])
  })
})

describe.concurrent('a scenario on a server of its own', () => {
  test.each([...recordings.filter(({ name }) => name === slow), ...alone])('$name', async (recording) => {
    expect(await replayAlone(recording)).toEqual([])
  })
})
