import { ApiError, type InboundMessage } from '@codelab/protocol'
import { createPageClient } from '../net/api.ts'

/** What this page is for the server: it decides and speaks, and runs no tools. */
export const pageId = `console-${crypto.randomUUID()}`

const client = createPageClient({ id: pageId, name: 'console', features: ['queue', 'cancel'], tools: [] })

export type OnBusy = 'queue' | 'steer' | 'interrupt'

/** Sends a message and settles when the server took it; the answer comes by the log. Throws ApiError for what it refused. */
export async function send(sessionId: string, message: InboundMessage, onBusy: OnBusy = 'queue'): Promise<void> {
  const taken = new AbortController()
  try {
    for await (const frame of client.stream(sessionId, message, { onBusy, signal: taken.signal })) {
      if (frame.event === 'error') throw refusal(frame.data)
      // What fails later stands in the log, as everybody sees it.
      if (frame.event === 'done' || frame.data.type !== 'error') return
      throw refusal(frame.data)
    }
  } finally {
    taken.abort()
  }
}

function refusal(data: {
  readonly code: ApiError['code']
  readonly content: string
  readonly request_id: string
}): ApiError {
  return new ApiError(409, data.code, data.content, data.request_id)
}
