import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

export interface TalkativeModel extends AsyncDisposable {
  readonly env: Readonly<Record<string, string>>
  /** What every answer says. */
  readonly text: string
}

/** A model with much to say: `pieces` pieces of `pieceSize` characters, `pauseMs` between them. */
export async function startTalkativeModel(options: {
  readonly pieces: number
  readonly pieceSize: number
  readonly pauseMs: number
}): Promise<TalkativeModel> {
  const pieces = Array.from({ length: options.pieces }, (_, n) => `${n} `.padEnd(options.pieceSize, '.'))
  const server = createServer(async (request, response) => {
    request.resume()
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    const say = (delta: object, finish: string | null) => {
      const choices = [{ index: 0, delta, finish_reason: finish }]
      const chunk = { id: 'c', object: 'chat.completion.chunk', created: 1, model: 'talkative', choices }
      response.write(`data: ${JSON.stringify(chunk)}\n\n`)
    }
    for (const content of pieces) {
      if (response.destroyed) return
      say({ content }, null)
      await sleep(options.pauseMs)
    }
    say({}, 'stop')
    response.end('data: [DONE]\n\n')
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    env: { OPENAI_BASE_URL: `${url}/v1`, OPENAI_API_KEY: 'sk-talkative', CODELAB_MULTI_AGENT_MODE: 'false' },
    text: pieces.join(''),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
