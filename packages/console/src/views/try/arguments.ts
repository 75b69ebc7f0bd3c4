import { ToolError } from './tool-error.ts'

/** What a model gave, unchecked. */
export type ToolArguments = Readonly<Record<string, unknown>>

export function requiredText(values: ToolArguments, name: string): string {
  const value = optionalText(values, name)
  if (value === undefined) throw wrong(`"${name}" is missing: give a string.`)
  return value
}

/** A text, or undefined when the argument is absent; null counts as absent. */
export function optionalText(values: ToolArguments, name: string): string | undefined {
  const value = values[name] ?? undefined
  if (value === undefined || typeof value === 'string') return value
  throw wrong(`"${name}" must be a string.`)
}

export function flag(values: ToolArguments, name: string, fallback: boolean): boolean {
  const value = values[name] ?? fallback
  if (typeof value === 'boolean') return value
  throw wrong(`"${name}" must be true or false.`)
}

/** A whole number from 1, or undefined when absent. */
export function optionalCount(values: ToolArguments, name: string): number | undefined {
  const value = values[name] ?? undefined
  if (value === undefined) return undefined
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 1) {
    throw wrong(`"${name}" must be a whole number of at least 1.`)
  }
  return value
}

export function wrong(message: string): ToolError {
  return new ToolError(message, 'wrong arguments')
}

/** "1 line", "12 lines". */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`
}

/** Lines of a text; a line end at the very end starts no further line. */
export function linesOf(text: string): readonly string[] {
  const lines = text.split(/\r?\n/)
  return lines.at(-1) === '' ? lines.slice(0, -1) : lines
}
