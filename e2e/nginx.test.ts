import { once } from 'node:events'
import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import WebSocket from 'ws'
import { internalKey, ServerProcess } from '../packages/server/test/server-process.ts'
import { lane, needs } from '../test/lanes.ts'
import { Nginx } from './nginx.ts'

class Upstream implements AsyncDisposable {
  readonly #server: Server
  requests = 0

  private constructor(listener: RequestListener) {
    this.#server = createServer((request, response) => {
      this.requests += 1
      listener(request, response)
    })
  }

  static async start(listener: RequestListener): Promise<Upstream> {
    const upstream = new Upstream(listener)
    await new Promise<void>((resolve) => upstream.#server.listen(0, '127.0.0.1', resolve))
    return upstream
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }
}

const portOf = (server: ServerProcess) => Number(new URL(server.url).port)
const post = (url: string, body = '{}') => fetch(url, { method: 'POST', body })

const mebibyte = 1024 * 1024

/** Writes until the other side takes no more; what it has taken. At most `limit` bytes. */
async function writeUntilFull(answer: ServerResponse, limit: number): Promise<number> {
  const piece = Buffer.alloc(mebibyte)
  for (let taken = 0; ; taken += piece.length) {
    if (taken === limit) return taken
    if (answer.write(piece)) continue
    const full = await Promise.race([once(answer, 'drain').then(() => false), sleep(1_000).then(() => true)])
    if (full) return taken
  }
}

lane(
  'nginx',
  () => needs('nginx'),
  () => {
    it('hands on each piece of a stream before the next one exists', async () => {
      let answer: ServerResponse | undefined
      await using upstream = await Upstream.start((_request, response) => {
        answer = response
        response.writeHead(200, { 'content-type': 'text/event-stream' })
        response.write('data: 0\n\n')
      })
      await using nginx = await Nginx.start([upstream.port])
      const { body } = await post(nginx.url)
      let told = 0
      for await (const piece of body as ReadableStream<Uint8Array>) {
        expect(Buffer.from(piece).toString()).toBe(`data: ${told}\n\n`)
        told += 1
        if (told === 20) break
        answer?.write(`data: ${told}\n\n`)
      }
      expect(told).toBe(20)
    })

    it('keeps nothing for a reader that does not read, so that the server knows of it', async () => {
      let answer: ServerResponse | undefined
      await using upstream = await Upstream.start((_request, response) => {
        answer = response
        response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders()
      })
      await using nginx = await Nginx.start([upstream.port])
      const unread = new AbortController()
      await fetch(nginx.url, { method: 'POST', body: '{}', signal: unread.signal })
      const taken = await writeUntilFull(answer as ServerResponse, 32 * mebibyte)
      // What the system itself keeps for the two connections on the way.
      expect(taken).toBeGreaterThan(0)
      expect(taken).toBeLessThan(32 * mebibyte)
      unread.abort()
    })

    it('sends a POST once when the server that has it goes away', async () => {
      const cut: RequestListener = (request) => request.resume().once('end', () => request.socket.destroy())
      await using one = await Upstream.start(cut)
      await using two = await Upstream.start(cut)
      await using nginx = await Nginx.start([one.port, two.port])
      expect((await post(nginx.url)).status).toBe(502)
      expect(one.requests + two.requests).toBe(1)
    })

    it('goes on to the next server when one cannot be reached, and takes turns', async () => {
      const ok: RequestListener = (request, response) => request.resume().once('end', () => response.end('ok'))
      const gone = await Upstream.start(ok)
      const closed = gone.port
      await gone[Symbol.asyncDispose]()
      await using two = await Upstream.start(ok)
      await using three = await Upstream.start(ok)
      await using nginx = await Nginx.start([closed, two.port, three.port])
      const answers: number[] = []
      for (let n = 0; n < 12; n++) answers.push((await post(nginx.url)).status)
      expect(answers).toEqual(Array(12).fill(200))
      expect([two.requests, three.requests].toSorted()).toEqual([6, 6])
    })

    it('takes a message of 16 MiB and refuses what no server would take', async () => {
      await using upstream = await Upstream.start((request, response) => {
        let bytes = 0
        request.on('data', (data: Buffer) => {
          bytes += data.length
        })
        request.once('end', () => response.end(String(bytes)))
      })
      await using nginx = await Nginx.start([upstream.port])
      const largest = 17 * mebibyte
      expect(await (await post(nginx.url, 'x'.repeat(largest))).text()).toBe(String(largest))
      expect((await post(nginx.url, 'x'.repeat(largest + 1))).status).toBe(413)
    })

    it('stands before a server: a streamed turn, and a socket', async () => {
      await using server = await ServerProcess.start()
      await using nginx = await Nginx.start([portOf(server)])
      const answer = await fetch(`${nginx.url}/agent/message/stream`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-internal-auth': internalKey },
        body: JSON.stringify({ session_id: 'first', message: { type: 'user_message', content: 'hello' } }),
      })
      expect(answer.status).toBe(200)
      expect(await answer.text()).toContain('event: done')

      const socket = new WebSocket(`${nginx.url.replace('http', 'ws')}/ws/first`, {
        headers: { 'x-internal-auth': internalKey },
      })
      const frames: string[] = []
      await new Promise<void>((resolve, reject) => {
        socket.on('error', reject)
        socket.on('open', () => socket.send(JSON.stringify({ type: 'user_message', content: 'again' })))
        socket.on('message', (data) => {
          frames.push(String(data))
          if (frames.at(-1)?.includes('"is_final":true')) resolve()
        })
      })
      socket.close()
      expect(frames.join('')).toContain('assistant_message')
    })
  },
)
