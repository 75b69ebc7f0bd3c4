import { createServer } from 'node:net'
import { localUrl } from '../banner.ts'
import { findPortOwner } from '../port-taken.ts'
import { span } from '../text.ts'
import { type Finding, ok, problem } from './finding.ts'
import { ask } from './http.ts'

const NAME = 'Port'

/** Whether the port is free, or a CodeLab answers on it. */
export async function checkPort(host: string, port: number): Promise<Finding> {
  if (port === 0) return ok(NAME, 'any free one')
  const refused = await tryToListen(host, port)
  if (refused === undefined) return ok(NAME, `${port} is free`)
  if (refused === 'EACCES') return problem(NAME, `${port} needs more rights`, 'Set PORT to 1024 or more.')
  if (refused === 'EADDRNOTAVAIL' || refused === 'ENOTFOUND') {
    return problem(
      NAME,
      `${host} is no address of this machine`,
      'Set HOST to 127.0.0.1, or to 0.0.0.0 for all addresses.',
    )
  }
  if (refused !== 'EADDRINUSE') return problem(NAME, `${port} cannot be opened: ${refused}`)
  return checkWhoAnswers(host, port)
}

async function checkWhoAnswers(host: string, port: number): Promise<Finding> {
  const answer = await ask(`${localUrl(host, port)}/health`, {})
  const body = answer.kind === 'answer' && isRecord(answer.body) ? answer.body : {}
  if (body['service'] === 'agent-runtime') {
    const up = body['uptime_seconds']
    const since = typeof up === 'number' ? `, up ${span(up)}` : ''
    const unwell = body['status'] === 'healthy' ? '' : `, ${String(body['status']).slice(0, 20)}`
    return ok(NAME, `${port} answers: CodeLab ${String(body['version']).slice(0, 40)}${since}${unwell}`)
  }
  const owner = await findPortOwner(port)
  const who = owner ? ` (pid ${owner.pid}, ${owner.program})` : ''
  return problem(NAME, `${port} is taken by another program${who}`, 'Set PORT, or stop it.')
}

/** The code of the error that listening gives; undefined when it works. */
async function tryToListen(host: string, port: number): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>()
  const server = createServer()
  server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'unknown'))
  server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(undefined)))
  return promise
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
