import { ClientProfile as ClientProfileSchema, ClientProject, ClientRules, clientFeatures } from '@codelab/protocol'
import type { z } from 'zod'
import { type ClientProfile, RuntimeError } from '../../application/index.ts'

export interface DeclaredClient {
  /** `client` of the body. */
  readonly client: unknown
  /** The header `x-codelab-features` and the query parameter `features`: names, separated by commas. */
  readonly featureLists: readonly (string | readonly string[] | undefined)[]
}

/** What a client says of itself; null for one that says nothing, which is the shipped IDE (DESIGN 7). Features that are not known are left
 *  out. Throws `invalid_input`. */
export function readClientProfile({ client, featureLists }: DeclaredClient): ClientProfile | null {
  const listed = featureLists.flatMap((list) => list ?? []).flatMap((list) => list.split(','))
  if (client === undefined || client === null) {
    const features = known(listed)
    return features.length === 0 ? null : { ...nobody, features }
  }
  const read = ClientProfileSchema.safeParse(client)
  if (!read.success) throw wrong(read.error.issues[0])
  const { id, name, version, features, tools, limits, context } = read.data
  checkContext('rules', ClientRules, context?.['rules'])
  checkContext('project', ClientProject, context?.['project'])
  return {
    id: id ?? null,
    name: name ?? null,
    version: version ?? null,
    features: known([...(features ?? []), ...listed]),
    tools: tools ?? null,
    limits: limits ?? {},
    context: context ?? null,
  }
}

/** A rule that is left out because it is wrong could be one that denies. */
function checkContext(name: string, schema: z.ZodType, value: unknown): void {
  if (value === undefined || value === null) return
  const read = schema.safeParse(value)
  const issue = read.error?.issues[0]
  if (issue) throw wrong({ path: ['context', name, ...issue.path], message: issue.message })
}

const nobody: ClientProfile = {
  id: null,
  name: null,
  version: null,
  features: [],
  tools: null,
  limits: {},
  context: null,
}

function known(names: readonly string[]): string[] {
  const asked = new Set(names.map((name) => name.trim().toLowerCase()))
  return clientFeatures.filter((feature) => asked.has(feature))
}

function wrong(issue: { readonly path: readonly PropertyKey[]; readonly message: string } | undefined): RuntimeError {
  const place = ['client', ...(issue?.path ?? [])].map(String).join('.')
  return new RuntimeError('invalid_input', `${place}: ${issue?.message ?? 'Invalid input'}`)
}
