import { isIP } from 'node:net'
import { resolve } from 'node:path'
import type { CleanupRule } from '../domain/cleanup.ts'
import { parseDuration } from '../domain/duration.ts'
import { asymmetric, type JwtAlgorithm } from './jwt.ts'
import { nearest } from './nearest.ts'
import type { Parsed } from './problems.ts'
import { quoted } from './shown.ts'

/** Reads the text of one setting; `cwd` is the folder that relative paths start from. */
export type Parser<T> = (text: string, cwd: string) => Parsed<T>

/** The longest time a timer of Node can wait. */
const LONGEST_MS = 2_147_483_647

const HOST_NAME = /^(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*$/i

export const text: Parser<string> = (value) => ({ value })

export const path: Parser<string> = (value, cwd) => ({ value: resolve(cwd, value) })

export const port: Parser<number> = (value) => {
  const number = wholeNumber(value)
  if (number !== undefined && number <= 65_535) return { value: number }
  return { fault: `${quoted(value)} is not a port. Use 1 to 65535.`, wrong: quoted(value) }
}

export const host: Parser<string> = (value) => {
  const address = value.replace(/^\[(.*)\]$/, '$1')
  if (isIP(address) !== 0) return { value: address }
  if (HOST_NAME.test(address) && !/^[\d.]+$/.test(address)) return { value: address }
  return { fault: `${quoted(value)} is not an address. Use one such as 127.0.0.1 or 0.0.0.0.`, wrong: quoted(value) }
}

/** Names without a port, with commas; `none`. */
export const hostNames: Parser<readonly string[]> = (value) => {
  if (isNone(value)) return { value: [] }
  const names = value.split(',').map((name) => name.trim().toLowerCase())
  const wrong = names.find((name) => !HOST_NAME.test(name) && isIP(name.replace(/^\[(.*)\]$/, '$1')) === 0)
  if (wrong === undefined) return { value: names }
  return {
    fault: `${quoted(wrong)} is no name of a host. Use such as codelab.example, without a port.`,
    wrong: quoted(wrong),
  }
}

/** Origins as browsers write them, with commas; `none`. */
export const origins: Parser<readonly string[]> = (value) => {
  if (isNone(value)) return { value: [] }
  const given = value.split(',').map((origin) => origin.trim())
  const wrong = given.find((origin) => !isOrigin(origin))
  if (wrong === undefined) return { value: given }
  return {
    fault: `${quoted(wrong)} is no origin. Use such as https://ide.example, without a path; "*" is not taken.`,
    wrong: quoted(wrong),
  }
}

/** Names, with commas. */
export const jwtAlgorithms: Parser<readonly JwtAlgorithm[]> = (value) => {
  const known: readonly JwtAlgorithm[] = [...asymmetric, 'HS256']
  const given = value.split(',').map((name) => name.trim())
  const read = given.map((name) => known.find((one) => one.toLowerCase() === name.toLowerCase()))
  const found = read.filter((one) => one !== undefined)
  if (found.length === given.length) return { value: [...new Set(found)] }
  const wrong = quoted(given[read.indexOf(undefined)] ?? '')
  return { fault: `${wrong} is not accepted. Use ${listed(known)}.`, wrong }
}

function isNone(value: string): boolean {
  return /^(none|off)$/i.test(value)
}

/** Of pages from elsewhere than the web too (`vscode-file://app`), which have a scheme that URLs give no origin. */
function isOrigin(text: string): boolean {
  return /^[a-z][a-z\d+.-]*:\/\/[^/?#,*\s]+$/i.test(text) && URL.canParse(text)
}

/** A switch as the contract reads it (PROTOCOL 1.1): true, 1 and yes switch it on, anything else is off. */
export const lenientSwitch: Parser<boolean> = (value) => ({ value: /^(true|1|yes)$/i.test(value) })

export const strictSwitch: Parser<boolean> = (value) => {
  if (/^(true|1|yes|on)$/i.test(value)) return { value: true }
  if (/^(false|0|no|off)$/i.test(value)) return { value: false }
  return { fault: `${quoted(value)} is neither true nor false.`, wrong: quoted(value) }
}

export function oneOf<const T extends string>(...choices: readonly T[]): Parser<T> {
  return (value) => {
    const chosen = choices.find((choice) => choice === value.toLowerCase())
    if (chosen !== undefined) return { value: chosen }
    const near = nearest(value, choices)
    const rest = near === undefined ? `Use ${listed(choices)}.` : `Did you mean ${near}?`
    return { fault: `${quoted(value)} is not known here. ${rest}`, wrong: quoted(value) }
  }
}

/** A whole number with both bounds included; `what` names its unit, such as "milliseconds". */
export function count(what: string, least: number, most: number): Parser<number> {
  return (value) => {
    const number = wholeNumber(value)
    if (number !== undefined && number >= least && number <= most) return { value: number }
    return { fault: `${quoted(value)} is not a number of ${what}. Use ${least} to ${most}.`, wrong: quoted(value) }
  }
}

/** So many requests in so long. */
export interface Rate {
  readonly max: number
  readonly windowMs: number
}

const WINDOWS = { s: 1_000, min: 60_000, h: 3_600_000 } as const

/** `off`, or so many in a second, a minute or an hour: `60/min`. */
export const rate: Parser<Rate | 'off'> = (value) => {
  if (/^(off|0|false|none)$/i.test(value)) return { value: 'off' }
  const [, digits = '', unit = ''] = /^(\d{1,7})\s*\/\s*(s|min|h)$/i.exec(value) ?? []
  const windowMs = Object.entries(WINDOWS).find(([name]) => name === unit.toLowerCase())?.[1]
  if (windowMs !== undefined && Number(digits) > 0) return { value: { max: Number(digits), windowMs } }
  return { fault: `${quoted(value)} is no rate. Use off, or one such as 60/min, 5/s or 1000/h.`, wrong: quoted(value) }
}

/** A time such as `90s`, `15m`, `24h` or `30d`, in milliseconds. */
export const duration: Parser<number> = (value) => {
  const ms = parseDuration(value)
  if (ms !== undefined && ms >= 1_000) return { value: ms }
  return { fault: `${quoted(value)} is not a time. Use one such as 24h or 30d.`, wrong: quoted(value) }
}

/** What cleanup removes: `off`, `30d`, or `empty:24h` for sessions without a message only. */
export const cleanupRule: Parser<CleanupRule | null> = (value, cwd) => {
  if (/^(off|false|none|0)$/i.test(value)) return { value: null }
  const emptyOnly = /^empty:/i.test(value)
  const parsed = duration(value.replace(/^empty:/i, ''), cwd)
  if ('value' in parsed) return { value: { idleMs: parsed.value, emptyOnly } }
  return { fault: `${quoted(value)} is no rule. Use off, 30d, or empty:24h.`, wrong: quoted(value) }
}

export function milliseconds(least: number): Parser<number> {
  return count('milliseconds', least, LONGEST_MS)
}

const LEVELS = {
  debug: 'debug',
  info: 'info',
  warning: 'warn',
  error: 'error',
  critical: 'fatal',
  trace: 'trace',
  warn: 'warn',
  fatal: 'fatal',
  silent: 'silent',
} as const

export type LogLevel = (typeof LEVELS)[keyof typeof LEVELS]

/** The five names of the contract and those of the logger, in any case. */
export const logLevel: Parser<LogLevel> = (value) => {
  const level = Object.entries(LEVELS).find(([name]) => name === value.toLowerCase())
  if (level) return { value: level[1] }
  return {
    fault: `${quoted(value)} is no log level. Use DEBUG, INFO, WARNING, ERROR or CRITICAL.`,
    wrong: quoted(value),
  }
}

/** An http(s) URL without the slash at its end. */
export const httpUrl: Parser<string> = (value) => {
  const url = URL.canParse(value) ? new URL(value) : undefined
  if (!url || !/^https?:$/.test(url.protocol) || url.hostname === '') {
    const guess = /^[\w.-]+(:\d+)?(\/\S*)?$/.test(value)
      ? ` Did you mean http://${value}?`
      : ' It starts with http:// or https://.'
    return { fault: `${quoted(value)} is not a URL.${guess}`, wrong: quoted(value) }
  }
  if (url.search !== '' || url.hash !== '') {
    return { fault: `${quoted(value)} is a base URL and takes nothing after "?" or "#".`, wrong: quoted(value) }
  }
  return { value: value.replace(/\/+$/, '') }
}

/** The LLM Proxy's URL: the path `/v1` is added where it is asked, so one at the end is taken off. */
export const proxyUrl: Parser<string> = (value, cwd) => {
  const parsed = httpUrl(value, cwd)
  return 'value' in parsed ? { value: parsed.value.replace(/\/v1$/, '') } : parsed
}

/** Anthropic's URL is written with and without `/v1`; the value always has it. */
export const anthropicUrl: Parser<string> = (value, cwd) => {
  const parsed = httpUrl(value, cwd)
  return 'value' in parsed ? { value: parsed.value.replace(/(\/v1)?$/, '/v1') } : parsed
}

/** A key of a provider: what an HTTP header can carry. The fault never repeats it. */
export const secret: Parser<string> = (value) => {
  if (isHeaderText(value)) return { value }
  return {
    fault:
      'the key has a character that an HTTP header cannot carry (a line break or a letter outside ASCII, perhaps).',
  }
}

/** Printable ASCII; spaces inside only, as in `Bearer …`. */
export function isHeaderText(value: string): boolean {
  return /^[\x21-\x7e]+(?: +[\x21-\x7e]+)*$/.test(value)
}

function wholeNumber(value: string): number | undefined {
  return /^\d{1,15}$/.test(value) ? Number(value) : undefined
}

function listed(choices: readonly string[]): string {
  return choices.length < 2 ? choices.join() : `${choices.slice(0, -1).join(', ')} or ${choices.at(-1)}`
}
