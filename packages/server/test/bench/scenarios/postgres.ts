import { measureThroughput } from '../../replicas/throughput.ts'
import type { Figures, Row, Unit } from '../figures.ts'
import { compare, type Measured } from '../rounds.ts'
import { type Subject, startRelay, startServer } from '../subject.ts'
import { createSession, requestsPerCpuSecond } from './requests.ts'
import { type Bench, type Scenario, warmSeconds } from './scenario.ts'
import { firstToken, longAnswers, shortTurn } from './turns.ts'

const reported = { kind: 'reported' } as const

/** CPU is the server's; that of PostgreSQL is named apart. The relay still has its SQLite. */
export const onPostgres: Scenario = {
  id: 11,
  async run(bench) {
    return [...(await besideTheRelay(bench)), ...(await costs(bench))]
  },
}

async function besideTheRelay(bench: Bench): Promise<Row[]> {
  await using relay = await startRelay(bench.upstream)
  await using server = await startServer(bench.upstream, { postgres: true })
  await bench.upstream.ask('play', shortTurn.script)
  for (const subject of [relay, server]) await shortTurn.measure(bench, subject, warmSeconds(bench))
  const rounds = async (measured: readonly Measured[], measure: (subject: Subject) => Promise<Figures>) => {
    const shown = measured.map((one) => ({ ...one, what: `PostgreSQL: ${one.what}`, goal: reported }))
    for (const subject of [relay, server]) await measure(subject)
    return await compare(11, bench.rounds, shown, (name) => measure(name === 'relay' ? relay : server))
  }
  const rows: Row[] = []
  for (const { script, measured, measure } of [firstToken, shortTurn, longAnswers]) {
    await bench.upstream.ask('play', script)
    rows.push(...(await rounds(measured, (subject) => measure(bench, subject, bench.seconds))))
  }
  const reads = [{ figure: 'get', what: 'read a session', unit: 'requests/CPU-s', goal: reported }] as const
  const read = async (subject: Subject) => {
    const path = `/sessions/${await createSession(subject)}`
    return {
      get: await requestsPerCpuSecond(bench, subject, { method: 'GET', path, atOnce: 8, seconds: bench.seconds }),
    }
  }
  return [...rows, ...(await rounds(reads, read))]
}

async function costs(bench: Bench): Promise<Row[]> {
  const busy = await measureThroughput(1, bench.smoke ? 4 : 64, bench.seconds)
  const row = (what: string, unit: Unit, ours: number): Row => {
    return { scenario: 11, what: `PostgreSQL: ${what}`, unit, ours, goal: reported }
  }
  return [
    row('64 sessions', 'turns/s', busy.turnsPerSecond),
    row('CPU of the server per turn of these', 'ms', busy.serverCpuMs),
    row('CPU of the database per turn', 'ms', busy.databaseCpuMs),
    row('statements per turn', '', busy.statements),
    row('round trips per turn', '', busy.roundTrips),
    row('commits per turn, reads included', '', busy.commits),
    row('commits per turn that write', '', busy.writes),
  ]
}
