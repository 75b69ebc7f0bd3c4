import type { Opaque } from '../../../domain/message.ts'

/** Who a request goes to: what decides whether an opaque value may be sent there. */
export interface Addressee {
  readonly provider: string
  readonly family: string
}

/** The family of a model id: the first word of its name, without the vendor's path. `openai/gpt-4o` and `gpt-4` are both `gpt`. */
export function familyOf(model: string): string {
  const name = model.slice(model.lastIndexOf('/') + 1).toLowerCase()
  return /^[a-z]+/.exec(name)?.[0] ?? name
}

/** The value, when it came from the same provider and family; otherwise nothing. */
export function opaqueFor(addressee: Addressee, opaque: Opaque | undefined): unknown {
  if (opaque?.provider !== addressee.provider || opaque.family !== addressee.family) return undefined
  return JSON.parse(opaque.json)
}

export function toOpaque(addressee: Addressee, value: unknown): Opaque {
  return { provider: addressee.provider, family: addressee.family, json: JSON.stringify(value) }
}
