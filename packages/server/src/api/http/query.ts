import { z } from 'zod'
import { readDay, type UsageDimension, usageDimensions } from '../../application/index.ts'

/** Query parameters as PROTOCOL 2 reads them. A parameter that is given twice counts as its last. */

type Refuse = (type: string, message: string) => undefined

/** The description and the default stand in the document; the value is read leniently. */
function parameter<T>(read: (text: string, refuse: Refuse) => T | undefined, missing: T) {
  return z
    .union([z.string(), z.array(z.string())])
    .optional()
    .transform((given, context): T => {
      const text = Array.isArray(given) ? given.at(-1) : given
      if (text === undefined) return missing
      let refused = false
      const value = read(text, (type, message) => {
        refused = true
        context.addIssue({ code: 'custom', params: { type }, message, input: text })
        return undefined
      })
      return refused ? z.NEVER : (value ?? missing)
    })
}

interface IntegerRange<M> {
  /** What a parameter counts as that is not given. */
  readonly missing: M
  readonly minimum: number
  readonly maximum?: number
  readonly description: string
  /** A value outside is refused here; otherwise the route does it, in the contract's words. */
  readonly refuseOutside?: boolean
}

export function integerParameter<M extends number | undefined>(range: IntegerRange<M>) {
  const { missing, minimum, maximum, description, refuseOutside = false } = range
  return parameter<number | M>((text, refuse) => {
    const value = Number(text)
    if (!/^\s*[+-]?\d+\s*$/.test(text)) {
      return refuse('int_parsing', 'Input should be a valid integer, unable to parse string as an integer')
    }
    if (refuseOutside && value < minimum) {
      return refuse('greater_than_equal', `Input should be greater than or equal to ${minimum}`)
    }
    if (refuseOutside && maximum !== undefined && value > maximum) {
      return refuse('less_than_equal', `Input should be less than or equal to ${maximum}`)
    }
    return value
  }, missing).meta({
    override: {
      type: 'integer',
      minimum,
      ...(maximum === undefined ? {} : { maximum }),
      ...(missing === undefined ? {} : { default: missing }),
    },
    description,
  })
}

const yes = new Set(['true', '1', 'yes', 'on', 't', 'y'])
const no = new Set(['false', '0', 'no', 'off', 'f', 'n'])

export function booleanParameter(missing: boolean, description: string) {
  return parameter((text, refuse) => {
    const value = text.trim().toLowerCase()
    if (yes.has(value)) return true
    if (no.has(value)) return false
    return refuse('bool_parsing', 'Input should be a valid boolean, unable to interpret input')
  }, missing).meta({ override: { type: 'boolean', default: missing }, description })
}

/** A day of UTC, as its number. */
export function dayParameter(description: string) {
  return parameter<number | undefined>((text, refuse) => {
    return readDay(text) ?? refuse('date_parsing', 'Input should be a day such as 2026-01-18')
  }, undefined).meta({ override: { type: 'string', format: 'date' }, description })
}

/** Several with commas; each counts once. */
export function dimensionsParameter(description: string) {
  const names = usageDimensions.join('|')
  return parameter<readonly UsageDimension[]>(
    (text, refuse) => {
      const given = new Set(text.split(',').map((name) => name.trim()))
      const known = usageDimensions.filter((name) => given.delete(name))
      if (given.size > 0)
        return refuse('literal_error', `Input should be ${usageDimensions.join(', ')}, or several of them`)
      return known
    },
    ['day'],
  ).meta({
    override: { type: 'string', default: 'day', pattern: `^(${names})(,(${names}))*$` },
    description,
  })
}

/** An empty text counts as absent. */
export function textParameter(description: string) {
  return parameter<string | undefined>((text) => text || undefined, undefined).meta({
    override: { type: 'string' },
    description,
  })
}

export function choiceParameter<const T extends string>(choices: readonly T[], description: string) {
  return parameter<T | undefined>((text, refuse) => {
    const value = choices.find((choice) => choice === text)
    if (value) return value
    return refuse('literal_error', `Input should be ${choices.map((choice) => `'${choice}'`).join(' or ')}`)
  }, undefined).meta({ override: { type: 'string', enum: [...choices] }, description })
}
