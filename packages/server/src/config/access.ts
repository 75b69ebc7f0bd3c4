import { isLoopback } from './loopback.ts'
import type { Parser } from './parsers.ts'
import { isHeaderText } from './parsers.ts'
import type { Fault } from './problems.ts'
import type { Config } from './types.ts'

export const DEFAULT_KEY = 'change-me-internal-key'

const SHORTEST_KEY = 16
const HINT = 'Set 16 or more characters:  openssl rand -hex 24'

/** The internal keys, `current,next`: all are accepted from callers, the first is sent to the LLM Proxy. */
export const internalKeys: Parser<readonly string[]> = (value) => {
  const keys = value.split(',').map((key) => key.trim())
  if (keys.includes('')) return { fault: 'one of the keys in the list is empty.', hint: HINT }
  if (!keys.every(isHeaderText)) {
    return {
      fault:
        'a key has a character that an HTTP header cannot carry (a line break or a letter outside ASCII, perhaps).',
      hint: HINT,
    }
  }
  return { value: keys }
}

/** Where the server is used, as far as its keys are concerned. `production` is the setting that says so, such as `NODE_ENV=production`. */
export interface Exposure {
  readonly host: string
  readonly production?: string
  /** The key was set, but to nothing. */
  readonly empty: boolean
}

/**
 * What is wrong with these keys for that use (DESIGN §8, RELIABILITY T1). On loopback and outside production anything goes, the default
 * too; everywhere else the default, an empty and a short key are refused. A short key on loopback is answered with a note.
 */
export function checkKeys(keys: readonly string[], exposure: Exposure): Fault | { readonly note?: string } {
  const why = reasonToRefuse(exposure)
  const short = keys.find((key) => key !== DEFAULT_KEY && key.length < SHORTEST_KEY)
  if (why === undefined) {
    return short === undefined ? {} : { note: `a key of ${short.length} characters is accepted on loopback only` }
  }
  if (keys.includes(DEFAULT_KEY)) {
    const what = exposure.empty ? 'an empty key' : 'the default key'
    return { fault: `${why}, so ${what} is refused.`, hint: HINT, wrong: what }
  }
  if (short !== undefined) {
    return {
      fault: `${why}, so a key of ${short.length} characters is refused.`,
      hint: HINT,
      wrong: `${short.length} characters`,
    }
  }
  return {}
}

function reasonToRefuse(exposure: Exposure): string | undefined {
  if (!isLoopback(exposure.host)) return `HOST=${exposure.host} opens the port to others`
  return exposure.production === undefined ? undefined : `${exposure.production} means production`
}

/** Whether pages of this machine are let in without a key: there is none that somebody set, and only this machine gets here. */
export function isOpenSignIn({ host, keys, jwt }: Pick<Config, 'host' | 'keys' | 'jwt'>): boolean {
  return isLoopback(host) && jwt === undefined && keys.length === 1 && keys[0] === DEFAULT_KEY
}
