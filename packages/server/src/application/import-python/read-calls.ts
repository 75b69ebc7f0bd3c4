import { cleanText } from '../../domain/text.ts'
import type { Call } from './conversation.ts'
import type { Mends } from './mends.ts'
import { jsonOf, recordOf, textIn } from './read-fields.ts'

const longestName = 64

/** The calls of a stored message, in the form of OpenAI or flat. */
export function readCalls(field: unknown, mends: Mends): Call[] {
  const list = jsonOf(field)
  if (!Array.isArray(list)) return []
  return list.flatMap((item: unknown) => {
    const row = recordOf(item)
    if (!row) return []
    const inner = recordOf(row['function']) ?? row
    const callId = textIn(row, 'id', 'call_id') ?? ''
    const tool = toolName(textIn(inner, 'name', 'tool_name'), mends)
    return [{ callId, tool, argumentsJson: argumentsOf(inner['arguments'], mends) }]
  })
}

/** A name that every provider takes. */
export function toolName(name: string | undefined, mends: Mends): string {
  if (name === undefined || name === '') return 'unknown_tool'
  const clean = name.replace(/[^a-zA-Z0-9_-]/g, '_').slice(0, longestName)
  if (clean !== name) mends.add('tool_renamed')
  return clean
}

/** The bytes of the model where they are an object. */
export function argumentsOf(field: unknown, mends: Mends): string {
  if (field === undefined || field === null || (typeof field === 'string' && field.trim() === '')) return '{}'
  const record = recordOf(field)
  if (record) return typeof field === 'string' && field.trimStart().startsWith('{') ? field : JSON.stringify(record)
  mends.add('arguments_unreadable')
  return JSON.stringify({ unreadable: cleanText(typeof field === 'string' ? field : JSON.stringify(field)) })
}

/** What the text of a result says of a call that is lost: a decision names the tool and its arguments (PROTOCOL 6.3). */
export function callSaidBy(content: string): { readonly tool: string | undefined; readonly arguments: unknown } {
  const decision = content.startsWith('{') ? recordOf(content) : undefined
  return { tool: textIn(decision, 'tool_name'), arguments: recordOf(decision?.['arguments']) }
}
