import { errorCodes } from '@codelab/protocol'
import type { Superset } from './compare.ts'
import type { Json } from './recording.ts'

/** The keys that the contract's superset shapes add to what was recorded, each with the line that lists it. */

type JsonObject = { [key: string]: Json }

export const comparedHeaders: readonly string[] = [
  'content-type',
  'cache-control',
  'x-accel-buffering',
  'allow',
  'location',
]

type Check = (value: Json, whole: Readonly<Record<string, Json>>) => boolean

interface SupersetRow {
  /** Matched against `METHOD /route path.in.the.outcome`, ids in the route as `{id}` and indices as `*`. */
  readonly at: RegExp
  readonly must: Readonly<Record<string, Check>>
  readonly may?: Readonly<Record<string, Check>>
  readonly because: string
}

const isText: Check = (value) => typeof value === 'string' && value !== ''
const isTextOrNull: Check = (value) => value === null || typeof value === 'string'
const isCount: Check = (value) => Number.isInteger(value) && (value as number) >= 0
const isBoolean: Check = (value) => typeof value === 'boolean'
const isCode: Check = (value) => errorCodes.some((code) => code === value)
const sameAs =
  (key: string): Check =>
  (value, whole) =>
    value === whole[key]
const isMoment: Check = (value) => typeof value === 'string' && /^\d{4}-.*T.*\.\d+Z$/.test(value)

const supersets: readonly SupersetRow[] = [
  {
    at: /^POST \/sessions body$/,
    must: { id: sameAs('session_id'), message_count: (value) => value === 0, is_active: (value) => value === true },
    because: 'PROTOCOL 2.2',
  },
  {
    at: /^GET \/sessions body$/,
    must: { limit: isCount, offset: isCount },
    because: 'PROTOCOL 2.3',
  },
  {
    at: /^GET \/sessions body\.sessions\.\*$/,
    must: {
      id: isText,
      session_id: sameAs('id'),
      description: isTextOrNull,
      created_at: isMoment,
      is_active: isBoolean,
    },
    may: { state: isText, last_turn: isTextOrNull },
    because: 'PROTOCOL 2.3; `state` and `last_turn` are ours, for clients that list what waits and what failed',
  },
  {
    at: /^GET \/sessions\/\{id\} body$/,
    must: {
      id: isText,
      session_id: sameAs('id'),
      title: isTextOrNull,
      description: isTextOrNull,
      message_count: isCount,
      last_activity: isMoment,
      is_active: isBoolean,
      created_at: isMoment,
      current_agent: isTextOrNull,
    },
    may: { duration_seconds: (value) => typeof value === 'number', messages: () => true, state: isText },
    because: 'PROTOCOL 2.4; `state` is ours, for clients that list what waits',
  },
  {
    at: /^GET \/sessions\/\{id\}\/pending-approvals body\.pending_approvals\.\*$/,
    must: {
      request_id: sameAs('call_id'),
      request_type: (value) => value === 'tool',
      subject: sameAs('tool_name'),
      details: (value, whole) => JSON.stringify(value) === JSON.stringify({ arguments: whole['arguments'] }),
    },
    may: { preview: (value) => value === null },
    because: 'PROTOCOL 2.6; `preview` is ours, for clients that show what a call would do',
  },
  {
    at: /^GET \/agents\/\{id\}\/current body$/,
    must: {
      context: isContext,
      session_id: isText,
      current_agent: isText,
      agent_history: Array.isArray,
      switch_count: isCount,
    },
    because: 'PROTOCOL 2.8',
  },
  {
    at: /^GET .* body\.agent_history\.\*$/,
    must: { from: sameAs('from_agent'), to: sameAs('to_agent'), confidence: isTextOrNull },
    because: 'PROTOCOL 2.8',
  },
  {
    at: /^GET \/events\/audit-log body\.audit_log\.\*$/,
    must: {},
    may: { feedback: isTextOrNull, implicit: isBoolean, by: isTextOrNull },
    because: 'PROTOCOL 6.2 and 6.3: a tool_result that stands for a decision is audited as such',
  },
  {
    at: /^GET \/health body$/,
    must: {},
    may: { model: isText, uptime_seconds: isCount },
    because: 'PROTOCOL 2.1: more keys may be added',
  },
]

const errorBody: SupersetRow = {
  at: /^/,
  must: { code: isCode, request_id: isText },
  may: { hint: isText },
  because: 'PROTOCOL 1.3',
}

const validationBody: SupersetRow = {
  at: /^/,
  must: { error: isText, code: isCode, request_id: isText },
  may: { hint: isText },
  because: 'PROTOCOL 1.3',
}

const errorFrame: SupersetRow = {
  at: /^/,
  must: { content: sameAs('error'), code: isCode, retryable: isBoolean, request_id: isText },
  may: { retry_after: (value) => typeof value === 'number' },
  because: 'PROTOCOL 3.3, DESIGN §8',
}

const ofMetadata =
  (key: string): Check =>
  (value, whole) =>
    isObject(whole['metadata'] ?? null) && value === (whole['metadata'] as JsonObject)[key]

const switchedFrame: SupersetRow = {
  at: /^/,
  must: {
    from_agent: ofMetadata('from_agent'),
    to_agent: ofMetadata('to_agent'),
    reason: ofMetadata('reason'),
  },
  may: { confidence: ofMetadata('confidence') },
  because: 'CLIENTS 3.2: both places',
}

function isContext(value: Json, whole: Readonly<Record<string, Json>>): boolean {
  return (
    isObject(value) &&
    isText(value['id'] ?? null, value) &&
    value['session_id'] === whole['session_id'] &&
    value['current_agent'] === whole['current_agent'] &&
    value['switch_count'] === whole['switch_count'] &&
    'switch_history' in value &&
    'last_switch_at' in value &&
    isMoment(value['created_at'] ?? null, value)
  )
}

/** The keys that the superset shapes add to what was recorded, and whether they say what they must. */
export function supersetOf(method: string, path: string): Superset {
  const route = `${method} ${routeOf(path.replace(/^\/api\/v1(?=\/)/, ''))}`
  return (at, expected, actual) => {
    const place = `${route} ${at.replaceAll(/\.\d+/g, '.*')}`
    const rows = rowsFor(place, at, expected)
    if (rows.length === 0) return undefined
    const must = Object.assign({}, ...rows.map((row) => row.must)) as Record<string, Check>
    const may = Object.assign({}, ...rows.map((row) => row.may ?? {})) as Record<string, Check>
    const because = rows.map((row) => row.because).join('; ')
    const wrong = Object.entries({ ...may, ...must }).filter(([key, check]) => {
      if (key in expected) return false
      const value = actual[key]
      return value === undefined ? key in must : !check(value, actual)
    })
    const allowed = [...Object.keys(must), ...Object.keys(may)]
    return { allowed, faults: wrong.map(([key]) => `a right ${key} (${because})`) }
  }
}

function rowsFor(place: string, at: string, expected: Readonly<Record<string, Json>>): readonly SupersetRow[] {
  if (at === 'body' && typeof expected['detail'] === 'string') {
    return expected['detail'] === 'unauthorized' && !('error' in expected) ? [] : [errorBody]
  }
  if (at === 'body' && Array.isArray(expected['detail'])) return [validationBody]
  if (/^events\.\d+\.data$/.test(at) && expected['type'] === 'error') return [errorFrame]
  if (place.startsWith('WS ') && expected['type'] === 'agent_switched') return [switchedFrame]
  if (/^body\.detail\.\d+$/.test(at))
    return [{ at: /^/, must: {}, may: { input: () => true }, because: 'PROTOCOL 1.3' }]
  if (at === 'headers')
    return [
      {
        at: /^/,
        must: {},
        may: Object.fromEntries(comparedHeaders.map((name) => [name, () => true])),
        because: 'only what was recorded is compared',
      },
    ]
  return supersets.filter((row) => row.at.test(place))
}

function routeOf(path: string): string {
  const bare = path.split('?')[0] ?? ''
  return bare.replace(/^\/(sessions|agents)\/[^/]+/, '/$1/{id}')
}

function isObject(value: Json): value is JsonObject {
  return value !== null && typeof value === 'object' && !Array.isArray(value)
}
