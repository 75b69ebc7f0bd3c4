import { existsSync } from 'node:fs'
import { expect, test } from 'vitest'
import { commandPath, lane } from '../../../../test/lanes.ts'
import { startStrictUpstream } from '../crash/strict-upstream.ts'
import { call, finalTextOf, sendInput } from '../crash/wire.ts'
import { PostgresDatabase } from '../postgres/database.ts'
import { EventReader } from '../readers/event-reader.ts'
import { ServerProcess } from '../server-process.ts'
import { PgBouncer } from './pgbouncer.ts'

// Debian puts it where only root's PATH looks.
const debian = '/usr/sbin/pgbouncer'
const program = commandPath('pgbouncer') ?? (existsSync(debian) ? debian : undefined)

lane(
  'pgbouncer',
  () => (program ? true : 'pgbouncer not on PATH'),
  () => {
    test('two replicas behind a pooler in transaction mode: turns, and a reader of the other one while it is written', async () => {
      const upstream = await startStrictUpstream()
      await using database = await PostgresDatabase.create()
      await using pooler = await PgBouncer.start(program ?? '', database.url)
      await using server = await ServerProcess.start({
        replicas: 2,
        env: {
          ...upstream.env,
          CODELAB_DATABASE_URL: pooler.url,
          CODELAB_DATABASE_LISTEN_URL: database.url,
          CODELAB_DATABASE_PREPARE: 'false',
        },
      })
      const [a = '', b = ''] = server.replicas.map(({ url }) => url)
      for (let n = 0; n < 3; n++) {
        const said = await sendInput([a, b][n % 2] ?? '', 's', { type: 'user_message', content: `m${n} #plain` })
        expect(finalTextOf(said)).toMatch(new RegExp(`^Reply to m${n}`))
      }
      using reader = await EventReader.open(b, 's')
      const slow = sendInput(a, 's', { type: 'user_message', content: 'slow #slow:300' })
      const frames = await reader.until(({ event }) => event === 'turn.ended')
      expect(frames.filter(({ event }) => event === 'message.delta').length).toBeGreaterThan(1)
      expect(finalTextOf(await slow)).toMatch(/^Reply to slow/)
      const { status } = await call(b, 'GET', '/sessions/s/history')
      expect(status).toBe(200)
      await upstream.close()
    })
  },
)
