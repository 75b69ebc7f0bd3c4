import { Client } from 'pg'
import { describe, expect, it } from 'vitest'
import { lane } from '../../../../test/lanes.ts'
import { type Binaries, embedded, installed, needsInstalled } from './binaries.ts'
import { PostgresDatabase } from './database.ts'
import { PostgresServer } from './server.ts'

async function numberOf(url: string): Promise<number> {
  const client = new Client({ connectionString: url })
  client.on('error', () => {})
  await client.connect()
  const { rows } = await client.query("select current_setting('server_version_num') as number")
  await client.end()
  return Number(rows[0].number)
}

function describeServer(binaries: () => Binaries, versions: (number: number) => void): void {
  it('runs as nobody of importance, keeps what was committed when it is killed, and starts again', async () => {
    await using server = await PostgresServer.start({ binaries: binaries(), durable: true })
    versions(await numberOf(server.url()))
    await using database = await PostgresDatabase.create(server.url())
    await database.execute('create table kept as select 1 as one')
    await server.stop('kill')
    await expect(database.execute('select 1')).rejects.toThrow()
    await server.start()
    expect(await database.execute('select one from kept')).toEqual([{ one: 1 }])
  })
}

describe('the PostgreSQL of the tests', () => {
  describeServer(embedded, (number) => expect(Math.trunc(number / 10_000)).toBe(18))

  it('is shared by a run, with a database for whoever asks', async () => {
    await using one = await PostgresDatabase.create()
    await using other = await PostgresDatabase.create()
    await one.execute('create table mine ()')
    await expect(other.execute('select * from mine')).rejects.toThrow(/does not exist/)
    expect(new URL(one.url).host).toBe(new URL(other.url).host)
  })
})

lane('postgres-installed', needsInstalled, () => {
  describeServer(
    () => installed() ?? embedded(),
    (number) => expect(number).toBeGreaterThan(120_000),
  )
})
