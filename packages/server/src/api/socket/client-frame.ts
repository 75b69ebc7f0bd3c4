import { ValidationError } from '../errors.ts'
import { parseJson } from '../http/json-text.ts'

/** What a client sends on the socket (CLIENTS 3.1), or why it is no frame. */
export type ClientFrame =
  | { readonly kind: 'input'; readonly message: Readonly<Record<string, unknown>> }
  | { readonly kind: 'hello'; readonly client: unknown }
  | { readonly kind: 'cancel' }
  | { readonly kind: 'refused'; readonly text: string }

const decisions = ['approve', 'edit', 'reject']

/** Fields that a type must have, each a string; shipped clients send the others as null. */
const requiredText: Readonly<Record<string, readonly string[]>> = {
  user_message: ['content'],
  tool_result: ['call_id'],
  switch_agent: ['agent_type'],
  hitl_decision: ['call_id', 'decision'],
  hitl_response: ['call_id', 'action'],
}

/** Reads one text frame. The shape is refused in the Gateway's words; what is wrong with the content is said by the runtime. */
export function readClientFrame(bytes: Buffer): ClientFrame {
  let value: unknown
  try {
    value = parseJson(bytes)
  } catch (error) {
    return invalid(error instanceof ValidationError ? (error.faults[0]?.msg ?? '') : 'not JSON')
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return invalid('a frame is a JSON object')
  const frame = value as Readonly<Record<string, unknown>>
  const { type } = frame
  if (type === 'hello') return { kind: 'hello', client: frame['client'] }
  if (type === 'cancel') return { kind: 'cancel' }
  const required = typeof type === 'string' && Object.hasOwn(requiredText, type) ? requiredText[type] : undefined
  if (!required) return { kind: 'refused', text: `Unknown message type: ${shown(type)}` }
  const missing = required.find((name) => typeof frame[name] !== 'string')
  if (missing !== undefined) return invalid(`${String(type)} needs ${missing}, a string`)
  return readDecision(frame) ?? { kind: 'input', message: withAgent(frame) }
}

/** In any case, as the Gateway's clients write it. */
function withAgent(frame: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const agent = frame['agent_type']
  return typeof agent === 'string' ? { ...frame, agent_type: agent.toLowerCase() } : frame
}

/** The documents also show upper case. */
function readDecision(frame: Readonly<Record<string, unknown>>): ClientFrame | undefined {
  if (frame['type'] !== 'hitl_decision') return undefined
  const decision = String(frame['decision']).toLowerCase()
  if (!decisions.includes(decision)) return invalid("decision should be 'approve', 'edit' or 'reject'")
  return { kind: 'input', message: { ...frame, decision } }
}

function invalid(reason: string): ClientFrame {
  return { kind: 'refused', text: `Invalid JSON message: ${reason}` }
}

/** Nothing is `None`, as the Gateway says. */
function shown(type: unknown): string {
  if (type === undefined || type === null) return 'None'
  return (typeof type === 'string' ? type : JSON.stringify(type)).slice(0, 100)
}
