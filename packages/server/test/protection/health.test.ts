import { expect, test } from 'vitest'
import { exchange } from '../exchange.ts'
import { internalKey, ServerProcess } from '../server-process.ts'

test('what health tells everybody, and what only with the key', async () => {
  await using server = await ServerProcess.start()
  const get = async (path: string, headers: Record<string, string> = {}) => {
    const answer = await exchange(server.url, { method: 'GET', path, headers })
    return { status: answer?.status, body: JSON.parse(answer?.body ?? '') }
  }
  const health = await get('/health')
  expect(health).toMatchObject({ status: 200, body: { status: 'healthy', service: 'agent-runtime', model: 'demo' } })
  expect(health.body.uptime_seconds).toBeGreaterThanOrEqual(0)
  expect(await get('/health/live')).toEqual({ status: 200, body: { status: 'healthy' } })
  expect(await get('/health/ready')).toEqual({ status: 200, body: { status: 'healthy' } })
  const { status, body } = await get('/health/ready', { 'x-internal-auth': internalKey })
  expect(status).toBe(200)
  expect(body.details).toMatchObject({
    accepting: true,
    draining: false,
    database: 'ok',
    schema: expect.any(Number),
    disk: 'ok',
    disk_free_bytes: expect.any(Number),
    event_loop_delay_ms: expect.any(Number),
    runs_active: 0,
    oldest_run_seconds: 0,
    inputs_waiting: 0,
    overloaded: false,
    open_streams: 0,
    version: health.body.version,
    uptime_seconds: expect.any(Number),
  })
  expect(JSON.stringify(body)).not.toContain(server.folder)
})
