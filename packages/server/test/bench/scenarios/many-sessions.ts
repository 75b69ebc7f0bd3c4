import type { Row } from '../figures.ts'
import { compare, type Measured, repeat } from '../rounds.ts'
import { seedMessages, seedRelay, seedSessions } from '../seed.ts'
import { type MeasuredServer, startRelay, startServer } from '../subject.ts'
import { createSession, requestsOn } from './requests.ts'
import { type Bench, type Scenario, turnsOn } from './scenario.ts'

const messages = ({ smoke }: Bench) => (smoke ? 100 : 10_000)
const few = ({ smoke }: Bench) => (smoke ? 100 : 10_000)
const many = ({ smoke }: Bench) => (smoke ? 1_000 : 1_000_000)

/** The server on a database that it made itself, with so many sessions in it and one long one. */
async function startSeeded(bench: Bench, sessions: number): Promise<MeasuredServer> {
  const server = await startServer(bench.upstream)
  await bench.upstream.ask('play', { tokens: 8, perSecond: 0 })
  await turnsOn(bench, server, { atOnce: 1, turns: 1, seconds: 60, name: 'long' })
  await server.process.stop()
  seedSessions(server.file, sessions)
  seedMessages(server.file, 'long-0-0', messages(bench))
  await server.process.start()
  return server
}

export const lists: Scenario = {
  id: 7,
  async run(bench) {
    const goal = { kind: 'at-most-relay', times: 3 } as const
    const at = async (sessions: number, measured: readonly Measured[]): Promise<Row[]> => {
      await using relay = await startRelay(bench.upstream)
      seedRelay(relay.file, sessions, messages(bench))
      await using server = await startSeeded(bench, sessions)
      const subjects = { relay, server }
      const pages = { relay: 'seed-1', server: 'long-0-0' }
      const measure = async (name: 'relay' | 'server') => {
        const ask = async (path: string) => {
          const order = { method: 'GET', path, atOnce: 1, seconds: bench.seconds / 2 } as const
          return (await requestsOn(bench, subjects[name], order)).wallMs.p50
        }
        const offset = messages(bench) / 2
        return {
          list: await ask('/sessions?limit=50'),
          page: await ask(`/sessions/${pages[name]}/history?limit=50&offset=${offset}`),
        }
      }
      for (const name of ['relay', 'server'] as const) await measure(name)
      return await compare(7, bench.rounds, measured, measure)
    }
    const list = (sessions: number): Measured => {
      return { figure: 'list', what: `list 50 of ${sessions.toLocaleString('en')} sessions, p50`, unit: 'ms', goal }
    }
    const page: Measured = { figure: 'page', what: 'a page of 50 of 10,000 messages, p50', unit: 'ms', goal }
    const small = await at(few(bench), [list(few(bench)), page])
    const large = await at(many(bench), [list(many(bench))])
    const [of = Number.NaN, ours = Number.NaN] = [small[0]?.ours, large[0]?.ours]
    const growth: Row = {
      scenario: 7,
      what: 'list of a million against ten thousand',
      unit: 'ms',
      ours,
      relay: of,
      against: 'ten thousand',
      goal: { kind: 'at-most-relay', times: 1.5 },
    }
    return [...small, ...large, growth]
  },
}

export const starts: Scenario = {
  id: 9,
  async run(bench) {
    const goal = { kind: 'at-most', value: 400 } as const
    await using empty = await startServer(bench.upstream)
    await createSession(empty)
    const ofEmpty = await repeat(bench.rounds, () => timeStart(empty))
    await using full = await startSeeded(bench, many(bench))
    const ofFull = await repeat(bench.rounds, () => timeStart(full))
    return [
      { scenario: 9, what: 'start to ready, empty', unit: 'ms', ours: ofEmpty['ms'] ?? Number.NaN, goal },
      { scenario: 9, what: 'start to ready, a million sessions', unit: 'ms', ours: ofFull['ms'] ?? Number.NaN, goal },
    ]
  },
}

/** From the launcher's start to the first answer that says ready. */
async function timeStart({ process }: MeasuredServer) {
  await process.stop()
  const begun = performance.now()
  await process.start()
  const ready = await fetch(`${process.url}/health/ready`)
  await ready.arrayBuffer()
  if (!ready.ok) throw new Error(`it is not ready: ${ready.status}`)
  return { ms: performance.now() - begun }
}
