import { z } from 'zod'
import type { Tool } from '../../domain/tool.ts'

/** A tool from one schema: what the model is told, and what its arguments are checked against. Unknown arguments are let through, as the
 *  contract leaves `additionalProperties` unset (PROTOCOL 5.1). */
export function toolRow<Schema extends z.ZodObject>(
  row: Omit<Tool, 'parameters' | 'check' | 'paths'> & {
    readonly schema: Schema
    readonly paths?: readonly (keyof z.input<Schema> & string)[]
  },
): Tool {
  const { schema, paths = [], ...rest } = row
  const { type, properties, required } = z.toJSONSchema(schema, { io: 'input', target: 'draft-2020-12' })
  const parameters = withoutIntegerBounds({ type, properties, required: required ?? [] }) as Record<string, unknown>
  return {
    ...rest,
    paths,
    parameters,
    check: (args) => {
      const read = schema.safeParse(args)
      return read.success
        ? []
        : read.error.issues.map((issue) => `${issue.path.join('.') || 'arguments'}: ${issue.message}`)
    },
  }
}

// The library writes the safe-integer range into every integer; models need not read it.
function withoutIntegerBounds(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(withoutIntegerBounds)
  if (typeof schema !== 'object' || schema === null) return schema
  return Object.fromEntries(
    Object.entries(schema)
      .filter(([, value]) => value !== Number.MAX_SAFE_INTEGER && value !== Number.MIN_SAFE_INTEGER)
      .map(([key, value]) => [key, withoutIntegerBounds(value)]),
  )
}
