import { ApiError, type InboundMessage } from '@codelab/protocol'
import { createPageClient } from '../net/api.ts'

/** What this page is for the server: it decides and speaks, and runs no tools. */
export const pageId = `console-${crypto.randomUUID().slice(0, 8)}`

const client = createPageClient({ id: pageId, name: 'console', features: ['queue', 'cancel'], tools: [] })

export type OnBusy = 'queue' | 'steer' | 'interrupt'

/** Sends a message and settles when work on it began; the answer comes by the log. What waits in line is held by its stream: who leaves it
 *  takes the message back. Throws ApiError for what was refused, TypeError where the server was lost before. */
export async function send(sessionId: string, message: InboundMessage, onBusy: OnBusy = 'queue'): Promise<void> {
  const leave = new AbortController()
  try {
    for await (const frame of client.stream(sessionId, message, { onBusy, signal: leave.signal })) {
      if (frame.event === 'error') throw refusal(frame.data)
      if (frame.event === 'message' && frame.data.type === 'queued') continue
      // What fails later stands in the log, as everybody sees it.
      if (frame.event === 'message' && frame.data.type === 'error') throw refusal(frame.data)
      return
    }
    throw new TypeError('The stream ended before work began')
  } finally {
    leave.abort()
  }
}

function refusal(data: {
  readonly code: ApiError['code']
  readonly content: string
  readonly request_id: string
}): ApiError {
  return new ApiError(409, data.code, data.content, data.request_id)
}
