import type { FastifySchemaCompiler } from 'fastify'
import type { z } from 'zod'
import { type Fault, notAnObject, ValidationError } from '../errors.ts'

type Issue = z.core.$ZodIssue

const parts: Readonly<Record<string, string>> = {
  body: 'body',
  querystring: 'query',
  params: 'path',
  headers: 'header',
}
/** What was sent is repeated in a fault only up to this size. */
const shownInput = 1000

/** Checks a part of a request against its schema. Throws nothing: the fault is answered by the error handler as a 422. */
export const validatorCompiler: FastifySchemaCompiler<z.ZodType> = ({ schema, httpPart }) => {
  const part = parts[httpPart ?? 'body'] ?? 'body'
  return (data: unknown) => {
    const result = schema.safeParse(data)
    if (result.success) return { value: result.data }
    return { error: new ValidationError(result.error.issues.map((issue) => faultOf(issue, data, part))) }
  }
}

function faultOf(issue: Issue, data: unknown, part: string): Fault {
  const value = valueAt(data, issue.path)
  const isMissing = value === undefined || (issue.path.length === 0 && value === null)
  const { type, msg } = isMissing ? { type: 'missing', msg: 'Field required' } : wordsOf(issue, issue.path.length === 0)
  const loc = [part, ...issue.path.map((key) => (typeof key === 'symbol' ? String(key) : key))]
  const input = isMissing ? valueAt(data, issue.path.slice(0, -1)) : value
  return { type, loc, msg, ...(isShort(input) ? { input } : {}) }
}

function valueAt(data: unknown, path: readonly PropertyKey[]): unknown {
  let value = data
  for (const key of path) {
    if (typeof value !== 'object' || value === null) return undefined
    value = (value as Record<PropertyKey, unknown>)[key]
  }
  return value
}

interface Words {
  readonly type: string
  readonly msg: string
}

function wordsOf(issue: Issue, isRoot: boolean): Words {
  switch (issue.code) {
    case 'invalid_type':
      return isRoot && issue.expected === 'object'
        ? notAnObject
        : (typeWords[issue.expected] ?? valueError(issue.message))
    case 'too_small':
      return issue.origin === 'string'
        ? { type: 'string_too_short', msg: `String should have at least ${count(issue.minimum, 'character')}` }
        : { type: 'greater_than_equal', msg: `Input should be greater than or equal to ${issue.minimum}` }
    case 'too_big':
      return issue.origin === 'string'
        ? { type: 'string_too_long', msg: `String should have at most ${count(issue.maximum, 'character')}` }
        : { type: 'less_than_equal', msg: `Input should be less than or equal to ${issue.maximum}` }
    case 'invalid_value':
      return {
        type: 'literal_error',
        msg: `Input should be ${issue.values.map((value) => `'${String(value)}'`).join(' or ')}`,
      }
    case 'invalid_union':
      return unionWords(issue)
    case 'custom': {
      const type: unknown = issue.params?.['type']
      return { type: typeof type === 'string' ? type : 'value_error', msg: issue.message }
    }
    default:
      return valueError(issue.message)
  }
}

/** A union of one type and a few values of it is read as that type: its last branch says what is wrong. */
function unionWords(issue: Extract<Issue, { code: 'invalid_union' }>): Words {
  const last = issue.errors.at(-1)?.[0]
  return last ? wordsOf(last, false) : valueError(issue.message)
}

const typeWords: Readonly<Record<string, Words>> = {
  string: { type: 'string_type', msg: 'Input should be a valid string' },
  object: { type: 'dict_type', msg: 'Input should be a valid dictionary' },
  record: { type: 'dict_type', msg: 'Input should be a valid dictionary' },
  array: { type: 'list_type', msg: 'Input should be a valid list' },
  boolean: { type: 'bool_type', msg: 'Input should be a valid boolean' },
  number: { type: 'float_type', msg: 'Input should be a valid number' },
  int: { type: 'int_type', msg: 'Input should be a valid integer' },
}

function valueError(message: string): Words {
  return { type: 'value_error', msg: `Value error, ${message}` }
}

function count(amount: number | bigint, noun: string): string {
  return `${amount} ${noun}${Number(amount) === 1 ? '' : 's'}`
}

function isShort(value: unknown): boolean {
  if (value === undefined) return false
  if (typeof value === 'string') return value.length <= shownInput
  return JSON.stringify(value).length <= shownInput
}

/** The fault of a body that is not JSON; `offset` counts characters. */
export function notJson(offset: number, reason: string): ValidationError {
  return new ValidationError([
    { type: 'json_invalid', loc: ['body', offset], msg: `JSON decode error: ${reason}`, input: {} },
  ])
}
