import { Buffer } from 'node:buffer'

/** One thing to send. `whole`: the bytes end where the request ends, so the connection may be used again. */
export interface Malformed {
  readonly kind: string
  readonly bytes: Buffer
  readonly whole: boolean
}

/** A source of numbers that a seed repeats. */
export interface Dice {
  /** From 0 to below `n`. */
  below(n: number): number
  of<T>(choices: readonly T[]): T
}

/** mulberry32. */
export function diceOf(seed: number): Dice {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
  const below = (n: number) => Math.floor(next() * n)
  return {
    below,
    of: (choices) => {
      const chosen = choices[below(choices.length)]
      if (chosen === undefined) throw new Error('nothing to choose from')
      return chosen
    },
  }
}

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'QUERY', 'TRACE', 'get', 'FOO', 'P OST']
const paths = [
  '/agent/message/stream',
  '/sessions',
  '/sessions/%ID%',
  '/sessions/%ID%/history',
  '/sessions/%ID%/cancel',
  '/sessions/%ID%/pending-approvals',
  '/sessions/%ID%/tool-calls',
  '/agents',
  '/agents/%ID%/current',
  '/agents/%ID%/switch',
  '/events/metrics',
  '/events/metrics/session/%ID%',
  '/events/audit-log',
  '/events/stats',
  '/health',
  '/health/ready',
  '/openapi.json',
  '/docs/static/..%2f..%2fetc%2fpasswd',
  '/nope',
]
const ids = [
  '..%2f..%2fetc%2fpasswd',
  '%00',
  '%0d%0a',
  '%zz',
  '%c0%ae',
  '%ff',
  '%e2%80%ae',
  '%uD800',
  '__proto__',
  'constructor',
  'a'.repeat(256),
  '%F0%9F'.repeat(300),
  '..',
  '.',
  "'%20or%201=1--",
  ' ',
  '*',
  'm1',
]
const queries = [
  '',
  '?',
  '?limit=-1',
  '?limit=1e999',
  '?limit=NaN&limit[]=1',
  '?offset=99999999999999999999',
  '?%',
  '?a=%zz',
]
const types = [
  'application/json',
  'application/json\tx',
  ' application/json',
  'text/plain',
  'application/json;charset=utf-7',
  '',
]

/** Values in place of what the contract wants. */
const odd: readonly string[] = [
  'null',
  'true',
  '-0',
  '1e400',
  '""',
  '"\\u0000"',
  '"\\ud800"',
  '[]',
  '{}',
  '[[]]',
  '{"__proto__":1}',
  '{"constructor":{"prototype":1}}',
  '9007199254740993',
  '"../../etc/passwd"',
  `"${'x'.repeat(300)}"`,
  '"user_message"',
  '"tool_result"',
  '"hitl_decision"',
  '"switch_agent"',
  '"resume"',
]
const fields = [
  'type',
  'content',
  'call_id',
  'result',
  'error',
  'decision',
  'agent_type',
  'modified_arguments',
  'message_id',
]

export function malformedRequest(dice: Dice): Malformed {
  const roll = dice.below(100)
  if (roll < 45) return wrongShape(dice)
  if (roll < 65) return wrongJson(dice)
  if (roll < 85) return wrongTarget(dice)
  if (roll < 95) return damaged(dice)
  return wrongFraming(dice)
}

const key = 'change-me-internal-key'

function request(dice: Dice, method: string, target: string, body: Buffer, headers: readonly string[] = []): Buffer {
  const keys =
    dice.below(20) === 0 ? [`x-internal-auth: ${dice.of(['', 'guess', `${key}x`])}`] : [`x-internal-auth: ${key}`]
  const length = body.length > 0 || method !== 'GET' ? [`content-length: ${body.length}`] : []
  const lines = [`${method} ${target} HTTP/1.1`, 'host: localhost', ...keys, ...length, ...headers]
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), body])
}

function target(dice: Dice): string {
  return dice.of(paths).replace('%ID%', dice.of(ids)) + dice.of(queries)
}

const json = ['content-type: application/json']

/** JSON, but not what the operation takes. */
function wrongShape(dice: Dice): Malformed {
  const message = Array.from({ length: dice.below(5) }, () => `"${dice.of(fields)}":${dice.of(odd)}`).join(',')
  // Many sessions: in one, what happens to be a good message would wait behind the others, in a history without end.
  const session = `m${dice.below(5_000)}`
  const streamed = [
    `{"session_id":${dice.of(odd)},"message":${dice.of(odd)}}`,
    `{"session_id":"${session}","message":{${message}}}`,
    `{"session_id":"${session}","message":${dice.of(odd)},"client":${dice.of(odd)}}`,
    `{"session_id":"${session}","message":{"content":"hi"},"client":{"features":${dice.of(odd)},"tools":${dice.of(odd)}}}`,
    dice.of(odd),
  ]
  if (dice.below(3) > 0) {
    const body = Buffer.from(dice.of(streamed))
    return { kind: 'shape', bytes: request(dice, 'POST', '/agent/message/stream', body, json), whole: true }
  }
  const name = dice.of(['session_id', 'target_agent', 'reason', 'title', 'description'])
  const body = Buffer.from(dice.below(4) === 0 ? dice.of(odd) : `{"${name}":${dice.of(odd)}}`)
  const where = dice.of(['/sessions', '/sessions/m1', '/agents/m1/switch', '/sessions/m1/cancel'])
  return { kind: 'shape', bytes: request(dice, dice.of(['POST', 'PATCH']), where, body, json), whole: true }
}

/** No JSON, or too much of it. */
function wrongJson(dice: Dice): Malformed {
  const bodies: readonly (() => Buffer)[] = [
    () => Buffer.from(Array.from({ length: dice.below(200) }, () => dice.below(256))),
    () => Buffer.from('{"session_id":"m1","message":{"content":"hi"}}'.slice(0, dice.below(46))),
    () => Buffer.from('['.repeat(dice.below(5_000))),
    () => Buffer.from(`${'{"a":'.repeat(dice.below(200))}1`),
    () => Buffer.from('\ufeff{}'),
    () => Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]),
    () => Buffer.from('{"session_id":"m1",}'),
    () => Buffer.from(`{${Array.from({ length: 10_001 }, (_, n) => `"${n}":1`).join(',')}}`),
    () => Buffer.from('{"__proto__":{"a":1}}'),
    () => Buffer.from("{'session_id':'m1'}"),
  ]
  const where = dice.of(['/agent/message/stream', '/sessions', '/agents/m1/switch'])
  const headers = [`content-type: ${dice.of(types)}`]
  return { kind: 'json', bytes: request(dice, 'POST', where, dice.of(bodies)(), headers), whole: true }
}

/** Methods, paths, ids and queries that are none. */
function wrongTarget(dice: Dice): Malformed {
  const method = dice.of(methods)
  // Their answers have no body whatever their length says, or the parser refuses them.
  const whole = !['HEAD', 'TRACE', 'get', 'FOO', 'P OST'].includes(method)
  return { kind: 'target', bytes: request(dice, method, target(dice), Buffer.alloc(0)), whole }
}

/** A good request with some bytes changed, added, taken away or cut off. */
function damaged(dice: Dice): Malformed {
  const body = Buffer.from(`{"session_id":"m${dice.below(5_000)}","message":{"content":"hi"}}`)
  const bytes = [...request(dice, 'POST', dice.of(['/agent/message/stream', '/sessions']), body, json)]
  for (let n = dice.below(6); n >= 0; n--) {
    const at = dice.below(bytes.length)
    const action = dice.below(4)
    if (action === 0) bytes[at] = dice.below(256)
    else if (action === 1) bytes.splice(at, 0, dice.below(256))
    else if (action === 2) bytes.splice(at, 1 + dice.below(8))
    else if (dice.below(3) === 0) bytes.length = at + 1
  }
  return { kind: 'damaged', bytes: Buffer.from(bytes), whole: false }
}

function wrongFraming(dice: Dice): Malformed {
  const framings: readonly (readonly string[])[] = [
    ['content-length: 2', 'content-length: 3'],
    ['content-length: 2', 'transfer-encoding: chunked'],
    ['transfer-encoding: chunked', 'transfer-encoding: identity'],
    ['transfer-encoding: xchunked'],
    ['content-length: 99999999999999999999'],
    ['content-length: 1e3'],
    ['content-length: +2'],
    [`x: ${'y'.repeat(dice.below(40_000))}`],
    Array.from({ length: 3_000 }, (_, n) => `x${n}: y`),
    ['expect: 200-ok'],
    ['upgrade: websocket', 'connection: upgrade'],
    ['connection: close, keep-alive'],
    ['x\0: y'],
    ['host: other'],
    [`x-internal-auth: ${key}`],
    ['transfer-encoding: chunked', 'trailer: x-internal-auth'],
  ]
  const lines = [
    `POST /sessions HTTP/${dice.of(['1.1', '1.0', '2.0', '0.9', '9.9'])}`,
    'host: x',
    `x-internal-auth: ${key}`,
  ]
  const rest = dice.of([
    '{}',
    'zz\r\n{}\r\n0\r\n\r\n',
    '2\r\n{}\r\n0\r\n\r\n',
    '2;a=b\n{}\n0\n\n',
    'ffffffffffffffff\r\n',
    '',
  ])
  const bytes = Buffer.from(`${[...lines, ...dice.of(framings)].join('\r\n')}\r\n\r\n${rest}`, 'latin1')
  return { kind: 'framing', bytes, whole: false }
}
