import { ToolError } from './tool-error.ts'

/** What a model gave, unchecked. */
export type ToolArguments = Readonly<Record<string, unknown>>

/** A required text. */
export function requiredText(values: ToolArguments, name: string): string {
  const value = optionalText(values, name)
  if (value === undefined) throw wrong(`"${name}" is missing: give a string.`)
  return value
}

/** A text, or undefined when the argument is absent; null counts as absent everywhere (contract, section 3.1). */
export function optionalText(values: ToolArguments, name: string): string | undefined {
  const value = values[name] ?? undefined
  if (value === undefined || typeof value === 'string') return value
  throw wrong(`"${name}" must be a string, not ${typeName(value)}.`)
}

export function flag(values: ToolArguments, name: string, fallback: boolean): boolean {
  const value = values[name] ?? fallback
  if (typeof value === 'boolean') return value
  throw wrong(`"${name}" must be true or false, not ${typeName(value)}.`)
}

/** A whole number from 1, or undefined when absent. */
export function optionalCount(values: ToolArguments, name: string): number | undefined {
  const value = values[name] ?? undefined
  if (value === undefined) return undefined
  if (typeof value !== 'number') throw wrong(`"${name}" must be a whole number, not ${typeName(value)}.`)
  if (!Number.isSafeInteger(value) || value < 1)
    throw wrong(`"${name}" must be a whole number of at least 1, not ${value}.`)
  return value
}

export function wrong(message: string): ToolError {
  return new ToolError(message, 'wrong arguments')
}

function typeName(value: unknown): string {
  if (Array.isArray(value)) return 'an array'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}
