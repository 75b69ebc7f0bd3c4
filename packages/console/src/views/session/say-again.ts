import { lastTranscript } from '../../session/feed.ts'
import { send } from '../../session/send.ts'

/** Sends what the person said last once more. */
export async function sayAgain(sessionId: string): Promise<void> {
  const last = lastTranscript(sessionId)?.items.findLast((item) => item.kind === 'user')
  if (last?.kind === 'user') await send(sessionId, { type: 'user_message', content: last.text })
}
