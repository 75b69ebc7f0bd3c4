import { expect, test } from 'vitest'
import { type Handshake, type SocketAccess, socketOwner, socketToken } from './socket-access.ts'

const id = '0b6e8f1e-3c1d-4b7e-9a55-0d6a4c2f9b11'
const local: Handshake = { headers: { host: '127.0.0.1:8001' }, sessionId: id, owner: undefined, isLoopback: true }
const carol = { ownerId: 'carol' }

/** What the last two say: whose session has this id, whose the socket reaches. */
type Row = [string, SocketAccess, Partial<Handshake>, string | undefined, string | undefined]

test.each<Row>([
  ['this machine', 'local', {}, undefined, 'service'],
  ['this machine on a session of somebody', 'local', {}, 'alice', 'alice'],
  ['this machine on an id that can be guessed', 'local', { sessionId: 'cli-session' }, 'alice', 'service'],
  ['this machine by its IPv6 address', 'local', { headers: { host: '[::1]:8001' } }, undefined, 'service'],
  ['another machine', 'local', { isLoopback: false }, 'alice', undefined],
  ['a forged name', 'local', { headers: { host: 'localhost.evil.example' } }, undefined, undefined],
  ['no name', 'local', { headers: {} }, undefined, undefined],
  [
    'a web page',
    'local',
    { headers: { host: 'localhost:8001', origin: 'http://localhost:3000' } },
    undefined,
    undefined,
  ],
  [
    'a page of this server without a key',
    'local',
    { headers: { host: 'a:1', origin: 'http://a:1' } },
    undefined,
    undefined,
  ],
  [
    'a page of this server with a key',
    'required',
    { headers: { host: 'a:1', origin: 'http://a:1' }, owner: carol },
    undefined,
    'carol',
  ],
  ['a key', 'required', { owner: carol, isLoopback: false }, 'alice', 'carol'],
  ['nothing', 'required', {}, 'alice', undefined],
  ['a session that is there', 'session-capability', { isLoopback: false }, 'alice', 'alice'],
  ['a session that is not', 'session-capability', {}, undefined, undefined],
  ['an id that can be guessed', 'session-capability', { sessionId: 'cli-session' }, 'alice', undefined],
  ['a key on the session of another', 'session-capability', { owner: carol }, 'alice', 'carol'],
])('%s in mode %s', async (_, access, handshake, has, expected) => {
  expect((await socketOwner(access, { ...local, ...handshake }, async () => has))?.ownerId).toBe(expected)
})

test('without credentials nobody sees all', async () => {
  expect(await socketOwner('local', local, async () => undefined)).toEqual({ ownerId: 'service' })
})

test.each([
  [{}, '/ws/a?token=t', 't'],
  [{}, '/ws/a?x=1&access_token=t', 't'],
  [{ 'sec-websocket-protocol': 'bearer, t' }, '/ws/a', 't'],
  [{ 'sec-websocket-protocol': 'chat' }, '/ws/a', undefined],
  [{}, '/ws/token=t', undefined],
])('the token of %j %s', (headers, url, token) => {
  expect(socketToken(headers, url)).toBe(token)
})
