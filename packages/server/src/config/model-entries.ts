import { z } from 'zod'
import type { ModelFacts } from '../domain/model.ts'
import { anthropicUrl, httpUrl, type Parser } from './parsers.ts'
import { isFault } from './problems.ts'
import { printable, quoted } from './shown.ts'

const url = (parse: Parser<string>) =>
  z.string().transform((value, context) => {
    const parsed = parse(value.trim(), '')
    if (!isFault(parsed)) return parsed.value
    context.addIssue({ code: 'custom', message: parsed.fault })
    return z.NEVER
  })
const alias = z
  .string()
  .regex(
    /^[A-Za-z0-9][\w.:/@-]{0,99}$/,
    'an alias is letters, digits and . _ - : / @, at most 100, a letter or digit first',
  )
const tokens = z.number().int().min(1).max(1_000_000_000).nullable().default(null)
const perMillion = z.number().min(0).max(1_000_000)

const facts = {
  /** The provider's own name of the model. */
  id: z.string().trim().min(1).max(200),
  context: tokens,
  maxOutput: tokens,
  images: z.boolean().nullable().default(null),
  cache: z.enum(['auto', 'marks', 'off']).default('auto'),
  streaming: z.enum(['auto', 'always', 'never']).default('auto'),
  price: z
    .strictObject({ input: perMillion, output: perMillion, cached: perMillion.nullable().default(null) })
    .nullable()
    .default(null),
  fallback: z.array(alias).max(8).default([]),
}
const apiKeyEnv = z
  .string()
  .regex(/^[A-Za-z_]\w{0,99}$/, 'the name of an environment variable')
  .optional()

const entry = z.discriminatedUnion('provider', [
  z.strictObject({ provider: z.literal('openai'), ...facts, baseUrl: url(httpUrl).optional(), apiKeyEnv }),
  z.strictObject({ provider: z.literal('anthropic'), ...facts, baseUrl: url(anthropicUrl).optional(), apiKeyEnv }),
  z.strictObject({ provider: z.literal('proxy'), ...facts }),
])
const entries = z.record(alias, entry)

/** An entry of `models`, before it is known what its provider's settings are. */
export type GivenModel = z.infer<typeof entry> & Pick<ModelFacts, 'alias'>

const mostModels = 50
const mostFaults = 10

/** `models` of codelab.jsonc, as JSON text: alias → model. Every fault names its place. */
export const givenModels: Parser<readonly GivenModel[]> = (text) => {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return { fault: 'this is not JSON. It is an object: alias → { "provider", "id", … }.' }
  }
  const read = entries.safeParse(value)
  if (!read.success) {
    return { fault: `${read.error.issues.slice(0, mostFaults).map(faultOf).join('. ')}.` }
  }
  const models = Object.entries(read.data).map(([name, given]) => ({ ...given, alias: name }))
  if (models.length === 0) return { fault: 'no model is named. Leave it out, or name one.' }
  if (models.length > mostModels)
    return { fault: `there are ${models.length} models, at most ${mostModels} are taken.` }
  const known = new Set(models.map((model) => model.alias))
  for (const { alias: name, fallback } of models) {
    const stray = fallback.find((other) => other === name || !known.has(other))
    if (stray !== undefined) {
      const why = stray === name ? 'is the model itself' : `is no alias. Known: ${[...known].join(', ')}`
      return { fault: `${name}.fallback: ${quoted(stray)} ${why}.`, wrong: quoted(stray) }
    }
  }
  return { value: models }
}

function faultOf(issue: z.core.$ZodIssue): string {
  const place = issue.path.map(String).join('.')
  return `${place === '' ? '' : `${printable(place)}: `}${wordsOf(issue)}`
}

function wordsOf(issue: z.core.$ZodIssue): string {
  if (issue.code === 'unrecognized_keys') return `there is no ${issue.keys.map(quoted).join(', ')} here`
  if (issue.code === 'invalid_union') return 'provider is one of openai, anthropic, proxy'
  if (issue.code === 'invalid_key') return issue.issues[0]?.message ?? 'this is no alias'
  return issue.message.replace(/\.$/, '')
}
