import type { RequestFigures, Requests } from '../load/requests.ts'
import { type Subject, withCpu } from '../subject.ts'
import { against, type Bench, type Scenario } from './scenario.ts'

type Order = Pick<Requests, 'method' | 'path' | 'atOnce' | 'seconds'>

export async function requestsOn(
  { load }: Bench,
  { url, headers, name }: Subject,
  order: Order,
): Promise<RequestFigures> {
  const done = await load.ask('requests', { url, headers, body: '{}', ...order })
  if (done.failed > 0 || done.requests === 0) throw new Error(`${done.failed} requests on the ${name} failed`)
  return done
}

/** A session of its own; its id. */
export async function createSession({ url, headers }: Subject): Promise<string> {
  const [name = '', value = ''] = headers.split('\r\n')[0]?.split(': ') ?? []
  const answer = await fetch(`${url}/sessions`, {
    method: 'POST',
    body: '{}',
    headers: { 'content-type': 'application/json', ...(name !== '' && { [name]: value }) },
  })
  const { id } = (await answer.json()) as { id: string }
  return id
}

export async function requestsPerCpuSecond(bench: Bench, subject: Subject, order: Order): Promise<number> {
  const [{ requests }, cpu] = await withCpu(subject, () => requestsOn(bench, subject, order))
  return (requests * 1000) / Math.max(cpu, 1)
}

export const plainRequests: Scenario = {
  id: 8,
  async run(bench) {
    const goal = (times: number) => ({ kind: 'at-least-relay', times }) as const
    const unit = 'requests/CPU-s'
    const measured = [
      { figure: 'get', what: 'read a session', unit, goal: goal(0.7) },
      { figure: 'create', what: 'create a session', unit, goal: goal(0.6) },
    ] as const
    return await against(bench, 8, measured, async (subject, seconds) => {
      const path = `/sessions/${await createSession(subject)}`
      const common = { atOnce: 8, seconds: seconds / 2 }
      return {
        get: await requestsPerCpuSecond(bench, subject, { ...common, method: 'GET', path }),
        create: await requestsPerCpuSecond(bench, subject, { ...common, method: 'POST', path: '/sessions' }),
      }
    })
  },
}
