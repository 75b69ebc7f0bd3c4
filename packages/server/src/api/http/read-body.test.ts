import type { AddressInfo } from 'node:net'
import Fastify from 'fastify'
import { expect, test } from 'vitest'
import { createBodyReader } from './read-body.ts'
import { createErrorHandler } from './refuse.ts'

const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }

test('bodies of all requests together have a bound, and give back what they took', async () => {
  const bodies = createBodyReader(1500)
  const app = Fastify()
  const gate = Promise.withResolvers<void>()
  app.decorateRequest('bodyBytes', 0)
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', bodies.read)
  app.setErrorHandler(createErrorHandler(log))
  app.addHook('onRequest', (request, reply, next) => {
    reply.raw.once('close', () => bodies.release(request))
    next()
  })
  app.post('/slow', async () => {
    await gate.promise
    return 'slow'
  })
  app.post('/fast', async () => 'fast')
  await app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = app.server.address() as AddressInfo
  const send = (path: string) =>
    fetch(`http://127.0.0.1:${port}${path}`, {
      method: 'POST',
      body: JSON.stringify('x'.repeat(998)),
      headers: { 'content-type': 'application/json' },
    })

  const slow = send('/slow')
  let refused = await send('/fast')
  while (refused.status === 200) refused = await send('/fast')
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '5'])
  expect(await refused.json()).toMatchObject({ code: 'overloaded' })
  gate.resolve()
  expect(await (await slow).text()).toBe('slow')
  for (let i = 0; i < 5; i++) expect((await send('/fast')).status).toBe(200)
  await app.close()
})
