/** What a provider sends is read with every field unknown and every field optional. */
export type Fields<Name extends string> = { readonly [name in Name]?: unknown }

const none = {}

/** The fields of an object; of anything else, none. */
export function fieldsOf<Name extends string>(value: unknown): Fields<Name> {
  return isObject(value) ? (value as Fields<Name>) : none
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The string, or the empty one. */
export function textIn(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

/** The first of these that is a number of tokens, else 0. */
export function countIn(...values: readonly unknown[]): number {
  return values.find((value): value is number => typeof value === 'number' && Number.isFinite(value) && value >= 0) ?? 0
}
