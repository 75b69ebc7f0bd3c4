import { expect, test } from 'vitest'
import { type Handshake, maySocket, type SocketAccess, socketToken } from './socket-access.ts'

const id = '0b6e8f1e-3c1d-4b7e-9a55-0d6a4c2f9b11'
const local: Handshake = { headers: { host: '127.0.0.1:8001' }, sessionId: id, hasKey: false, isLoopback: true }

test.each<[string, SocketAccess, Partial<Handshake>, boolean, boolean]>([
  ['this machine', 'local', {}, false, true],
  ['this machine by its IPv6 address', 'local', { headers: { host: '[::1]:8001' } }, false, true],
  ['another machine', 'local', { isLoopback: false }, false, false],
  ['a forged name', 'local', { headers: { host: 'localhost.evil.example' } }, false, false],
  ['no name', 'local', { headers: {} }, false, false],
  ['a web page', 'local', { headers: { host: 'localhost:8001', origin: 'http://localhost:3000' } }, false, false],
  ['a page of this server without the key', 'local', { headers: { host: 'a:1', origin: 'http://a:1' } }, false, false],
  [
    'a page of this server with the key',
    'required',
    { headers: { host: 'a:1', origin: 'http://a:1' }, hasKey: true },
    false,
    true,
  ],
  [
    'another page with the key',
    'required',
    { headers: { host: 'a:1', origin: 'http://b:1' }, hasKey: true },
    false,
    false,
  ],
  ['a page without a place', 'local', { headers: { host: 'a:1', origin: 'null' }, hasKey: true }, false, false],
  ['the key', 'required', { hasKey: true, isLoopback: false }, false, true],
  ['nothing', 'required', {}, true, false],
  ['a session that is there', 'session-capability', { isLoopback: false }, true, true],
  ['a session that is not', 'session-capability', {}, false, false],
  ['an id that can be guessed', 'session-capability', { sessionId: 'cli-session' }, true, false],
])('%s in mode %s', async (_, access, handshake, exists, expected) => {
  expect(await maySocket(access, { ...local, ...handshake }, async () => exists)).toBe(expected)
})

test.each([
  [{}, '/ws/a?token=t', 't'],
  [{}, '/ws/a?x=1&access_token=t', 't'],
  [{ authorization: 'Bearer t' }, '/ws/a', 't'],
  [{ 'sec-websocket-protocol': 'bearer, t' }, '/ws/a', 't'],
  [{ 'sec-websocket-protocol': 'chat' }, '/ws/a', undefined],
  [{}, '/ws/token=t', undefined],
])('the key of %j %s', (headers, url, token) => {
  expect(socketToken(headers, url)).toBe(token)
})
