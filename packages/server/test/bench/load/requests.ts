import { Connection, requestBytes } from './connection.ts'
import { Distribution, type Percentiles } from './distribution.ts'

export interface Requests {
  readonly url: string
  readonly headers: string
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly body?: string
  readonly atOnce: number
  readonly seconds: number
}

export interface RequestFigures {
  readonly requests: number
  readonly failed: number
  readonly seconds: number
  readonly wallMs: Percentiles
}

export async function runRequests({ method, path, body, ...order }: Requests): Promise<RequestFigures> {
  const url = new URL(order.url)
  const bytes = requestBytes(url, method, path, order.headers, body)
  const wall = new Distribution()
  const started = performance.now()
  const until = started + order.seconds * 1000
  let requests = 0
  let failed = 0
  async function repeat(): Promise<void> {
    const connection = new Connection(url)
    while (performance.now() < until) {
      const begun = performance.now()
      const { status } = await connection.send(bytes)
      wall.add(performance.now() - begun)
      if (status < 300) requests += 1
      else failed += 1
    }
    connection.close()
  }
  await Promise.all(Array.from({ length: order.atOnce }, repeat))
  return { requests, failed, seconds: (performance.now() - started) / 1000, wallMs: wall.percentiles() }
}
