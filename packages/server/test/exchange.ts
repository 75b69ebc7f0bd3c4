import { request } from 'node:http'

export interface Outgoing {
  readonly method: string
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  /** Sent as it is; without it the request has neither a body nor a content type. */
  readonly body?: string
}

export interface Incoming {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: string
}

/** One request over a connection of its own, nothing added and no redirect followed. Undefined when `leaveAfterMs` cut it short. */
export function exchange(base: string, out: Outgoing, leaveAfterMs?: number): Promise<Incoming | undefined> {
  return new Promise((resolve, reject) => {
    const left = leaveAfterMs === undefined ? undefined : AbortSignal.timeout(leaveAfterMs)
    const fail = (error: Error) => (left?.aborted ? resolve(undefined) : reject(error))
    const { hostname, port } = new URL(base)
    const options = { hostname, port, path: out.path, method: out.method, agent: false, ...(left && { signal: left }) }
    const sent = request({ ...options, headers: { ...out.headers } }, (response) => {
      let body = ''
      response.setEncoding('utf8')
      response.on('data', (text: string) => {
        body += text
      })
      response.on('error', fail)
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }))
    })
    sent.on('error', fail)
    sent.end(out.body)
  })
}
