import * as protocol from '@codelab/protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { examples } from '../../src/api/openapi/examples.ts'
import { Stage } from './stage.ts'

// biome-ignore lint/suspicious/noExplicitAny: the document is walked as it is
type Json = any

let stage: Stage
let document: Json
beforeAll(async () => {
  stage = await Stage.open()
  document = (await stage.app.inject({ url: '/openapi.json' })).json()
})
afterAll(() => stage[Symbol.asyncDispose]())

const openOperations = [
  'getToken',
  'getSigningKeys',
  'getSignIn',
  'signIn',
  'signOut',
  'getHealth',
  'getLiveness',
  'getReadiness',
  'getReadinessShort',
]

function operations(): [string, Json][] {
  return Object.entries<Json>(document.paths).flatMap(([path, methods]) =>
    Object.entries<Json>(methods).map(([method, operation]): [string, Json] => [
      `${method.toUpperCase()} ${path}`,
      operation,
    ]),
  )
}

test('the head is the contract’s', () => {
  expect(document.openapi).toBe('3.1.0')
  expect(document.info).toEqual({
    title: 'Agent Runtime Service',
    description: 'AI Agent Runtime with LLM integration and tool execution support',
    version: '1.2.3',
  })
  expect(document.components.securitySchemes).toEqual({
    XInternalAuth: { type: 'apiKey', in: 'header', name: 'x-internal-auth' },
  })
  expect(document.security).toEqual([{ XInternalAuth: [] }])
})

test('every operation of the contract is there', () => {
  expect(
    operations()
      .map(([name]) => name)
      .sort(),
  ).toEqual([
    'DELETE /rules/{rule_id}',
    'DELETE /sessions/{session_id}',
    'GET /.well-known/jwks.json',
    'GET /agents',
    'GET /agents/{session_id}/current',
    'GET /approvals',
    'GET /auth/me',
    'GET /events/audit-log',
    'GET /events/dead-letters',
    'GET /events/metrics',
    'GET /events/metrics/session/{session_id}',
    'GET /events/metrics/sessions',
    'GET /events/stats',
    'GET /health',
    'GET /health/live',
    'GET /health/ready',
    'GET /metrics',
    'GET /models',
    'GET /overview',
    'GET /ready',
    'GET /rules',
    'GET /sessions',
    'GET /sessions/{session_id}',
    'GET /sessions/{session_id}/context',
    'GET /sessions/{session_id}/events',
    'GET /sessions/{session_id}/history',
    'GET /sessions/{session_id}/pending-approvals',
    'GET /sessions/{session_id}/pending-approvals/{call_id}/rules',
    'GET /sessions/{session_id}/timeline',
    'GET /sessions/{session_id}/tool-calls',
    'GET /sessions/{session_id}/usage',
    'GET /usage',
    'GET /usage/recent',
    'PATCH /sessions/{session_id}',
    'POST /agent/message/stream',
    'POST /agents/{session_id}/switch',
    'POST /auth/sign-in',
    'POST /auth/sign-out',
    'POST /events/dead-letters/replay',
    'POST /oauth/token',
    'POST /rules',
    'POST /rules/explain',
    'POST /rules/try',
    'POST /sessions',
    'POST /sessions/{session_id}/cancel',
    'POST /sessions/{session_id}/resume',
    'POST /sessions/{session_id}/tool-calls/{call_id}/preview',
  ])
})

test('every operation says what it does, with an example for each body', () => {
  const ids = new Set<string>()
  for (const [name, operation] of operations()) {
    for (const key of ['summary', 'description', 'operationId']) expect(operation[key], `${name} ${key}`).toBeTruthy()
    expect(operation.tags, name).toHaveLength(1)
    ids.add(operation.operationId)
    const bodies = Object.entries<Json>(operation.responses)
    expect(
      bodies.filter(([status]) => status.startsWith('2')),
      name,
    ).toHaveLength(1)
    if (operation.requestBody) bodies.push(['request', operation.requestBody])
    for (const [status, body] of bodies) {
      if (status !== 'request') expect(body.description, `${name} ${status}`).not.toBe('Default Response')
      for (const media of Object.values<Json>(body.content)) {
        expect(media.example ?? media.examples, `${name} ${status}: an example`).toBeDefined()
      }
    }
  }
  expect(ids.size).toBe(operations().length)
})

test('every operation with a key names its failures', () => {
  for (const [name, operation] of operations()) {
    if (openOperations.includes(operation.operationId)) {
      expect(operation.security, name).toEqual([])
      continue
    }
    expect(operation.responses, name).toHaveProperty('401')
    expect(operation.responses, name).toHaveProperty('422')
    if (name.includes('{session_id}')) expect(operation.responses, name).toHaveProperty('404')
    if (operation.requestBody) expect(operation.responses, name).toHaveProperty('413')
    if (operation.operationId !== 'streamMessage') expect(operation.responses, name).toHaveProperty('503')
  }
})

test('the stream documents its frames and its features', () => {
  const operation = document.paths['/agent/message/stream'].post
  const answer = operation.responses['200']
  expect(Object.keys(answer.content)).toEqual(['text/event-stream'])
  for (const word of ['event: message', 'event: error', 'event: done', ': ping'])
    expect(answer.description).toContain(word)
  expect(operation.parameters.map(({ in: place, name }: Json) => `${place} ${name}`)).toEqual([
    'query features',
    'header idempotency-key',
    'header x-codelab-features',
  ])
  for (const name of ['StreamChunk', 'StreamRefusal', 'StreamDone', 'InboundMessage', 'ClientProfile']) {
    expect(document.components.schemas).toHaveProperty(name)
  }
})

test('a body that may be left out is not required', () => {
  expect(document.paths['/sessions'].post.requestBody.required).toBe(false)
  expect(document.paths['/sessions/{session_id}'].patch.requestBody.required).toBe(true)
})

test('no schema has a twin, every reference leads somewhere', () => {
  const names = Object.keys(document.components.schemas)
  expect(names.filter((name) => name.endsWith('Input'))).toEqual([])
  const text = JSON.stringify(document)
  const refs = [...text.matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name)
  expect(refs.filter((name) => !names.includes(name ?? ''))).toEqual([])
  expect(text).not.toContain('9007199254740991')
})

describe('an example is what its schema says', () => {
  const schemas = Object.entries<unknown>({ ...protocol })
  test.each(Object.keys(examples))('%s', (name) => {
    const schema = schemas.find(([exported]) => exported === name)?.[1]
    expect(schema).toBeInstanceOf(z.ZodType)
    expect((schema as z.ZodType).parse(examples[name])).toEqual(examples[name])
  })
})

test('it is made once', async () => {
  const [first, second] = await Promise.all([
    stage.app.inject({ url: '/openapi.json' }),
    stage.app.inject({ url: '/openapi.json' }),
  ])
  expect(first?.body).toBe(second?.body)
  expect(first?.headers['content-type']).toBe('application/json')
})
