import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { key, Stage } from './stage.ts'

let stage: Stage
beforeAll(async () => {
  stage = await Stage.open()
})
afterAll(() => stage[Symbol.asyncDispose]())

const keys = ['type', 'content', 'call_id', 'result', 'error', 'agent_type', 'decision', 'modified_arguments', 'action']
const words = [
  'user_message',
  'tool_result',
  'switch_agent',
  'hitl_decision',
  'hitl_response',
  'approve',
  'coder',
  '\u0000',
]
const value = fc.oneof(
  fc.constantFrom(...words),
  fc.json().map((text) => JSON.parse(text)),
)
const odd = fc.oneof(
  fc.dictionary(fc.constantFrom(...keys), value),
  fc.json().map((text) => JSON.parse(text)),
)

test('whatever stands in a message or a client: a stream that ends with done, or a 422', async () => {
  await fc.assert(
    fc.asyncProperty(odd, odd, fc.string({ unit: 'binary' }), async (message, client, id) => {
      const body = { session_id: id, message, client }
      const { status, text } = await stage.call('POST', '/agent/message/stream', body)
      if (status === 200) expect(text.endsWith('event: done\r\ndata: {"status":"completed"}\r\n\r\n')).toBe(true)
      else expect(status).toBe(422)
    }),
    { numRuns: 200 },
  )
})

test('whatever is asked of REST: never a fault of the server', async () => {
  const method = fc.constantFrom('GET', 'POST', 'PATCH', 'DELETE', 'PUT', 'HEAD', 'OPTIONS')
  const part = fc.oneof(
    fc.constantFrom(
      'sessions',
      'agents',
      'events',
      'metrics',
      'audit-log',
      'switch',
      'current',
      'history',
      'health',
      '..',
    ),
    fc.string({ unit: 'binary' }).map((text) => encodeURIComponent(text.toWellFormed())),
    fc.constantFrom('%', '%zz', '%00', '%ff', '//'),
  )
  const query = fc.dictionary(fc.constantFrom('limit', 'offset', 'state', 'session_id', 'event_type'), fc.string())
  const raw = fc.oneof(fc.json(), fc.string({ unit: 'binary' }))
  await fc.assert(
    fc.asyncProperty(method, fc.array(part, { maxLength: 4 }), query, raw, async (verb, parts, asked, payload) => {
      const response = await stage.app.inject({
        method: verb as 'GET',
        url: `/${parts.join('/')}?${new URLSearchParams(asked)}`,
        headers: { 'x-internal-auth': key, 'content-type': 'application/json' },
        ...(verb === 'GET' || verb === 'HEAD' ? {} : { payload }),
      })
      expect(response.statusCode).toBeLessThan(500)
    }),
    { numRuns: 500 },
  )
})
