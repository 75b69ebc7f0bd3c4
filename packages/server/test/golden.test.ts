import { expect, test } from 'vitest'
import { play, readTranscript, transcriptFiles, writeTranscript } from './transcript.ts'

test.concurrent.each(transcriptFiles())('%s', async (file) => {
  const lines = readTranscript(file)
  const played = await play(lines)
  if (process.env['UPDATE_GOLDEN'] === '1') writeTranscript(file, played)
  expect(played).toEqual(lines.map((line) => JSON.stringify(line)))
})
