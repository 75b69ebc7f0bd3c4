import { isUtf8 } from 'node:buffer'
import { ValidationError } from '../errors.ts'
import { notJson } from './validation.ts'

const depthLimit = 64
/** In one object. A listing of a large folder has more keys in all, so the sum has a bound of its own. */
const keysOfObjectLimit = 10_000
const keysLimit = 150_000

const quote = 0x22
const backslash = 0x5c
const colon = 0x3a

/** Reads a body as JSON. Throws ValidationError: not UTF-8, not JSON, too deep, too many keys, a `__proto__` key. The limits are checked on
 *  the bytes, before anything is built from them. */
export function parseJson(bytes: Buffer): unknown {
  if (!isUtf8(bytes)) throw notJson(0, 'not UTF-8')
  checkShape(bytes)
  const text = bytes.toString('utf8')
  try {
    return JSON.parse(text)
  } catch (error) {
    throw notJson(offsetOf(error, text), 'not valid JSON')
  }
}

function offsetOf(error: unknown, text: string): number {
  const position = error instanceof SyntaxError ? /position (\d+)/.exec(error.message)?.[1] : undefined
  return position === undefined ? text.length : Number(position)
}

function checkShape(bytes: Buffer): void {
  const keys = new Uint32Array(depthLimit + 1)
  let depth = 0
  let keysInAll = 0
  let stringStart = 0
  let stringEnd = 0
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i]
    if (byte === quote) {
      stringStart = i
      i = stringEndAfter(bytes, i)
      stringEnd = i
    } else if (byte === 0x7b || byte === 0x5b) {
      depth++
      if (depth > depthLimit) throw tooMuch(`nested deeper than ${depthLimit} levels`)
      keys[depth] = 0
    } else if (byte === 0x7d || byte === 0x5d) {
      if (depth > 0) depth--
    } else if (byte === colon) {
      keysInAll++
      const ofObject = (keys[depth] ?? 0) + 1
      keys[depth] = ofObject
      if (ofObject > keysOfObjectLimit || keysInAll > keysLimit) throw tooMuch('too many keys')
      if (isProto(bytes, stringStart, stringEnd)) throw tooMuch('the key __proto__ is not allowed')
    }
  }
}

/** The index of the quote that closes the string opened at `start`, or the last index. */
function stringEndAfter(bytes: Buffer, start: number): number {
  for (let i = start + 1; i < bytes.length; i++) {
    const byte = bytes[i]
    if (byte === backslash) i++
    else if (byte === quote) return i
  }
  return bytes.length
}

/** The shortest way to write the key has 9 bytes, the longest, all escaped, 54. */
function isProto(bytes: Buffer, start: number, end: number): boolean {
  const length = end - start - 1
  if (length < 9 || length > 54) return false
  const raw = bytes.toString('latin1', start + 1, end)
  if (raw === '__proto__') return true
  if (!raw.includes('\\')) return false
  return (
    raw.replace(/\\u([\da-f]{4})/gi, (_whole, code: string) => String.fromCharCode(Number.parseInt(code, 16))) ===
    '__proto__'
  )
}

function tooMuch(message: string): ValidationError {
  return new ValidationError([{ type: 'value_error', loc: ['body'], msg: `Value error, ${message}` }])
}
