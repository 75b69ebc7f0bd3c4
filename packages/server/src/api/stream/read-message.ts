import { type Decision, type InputBody, RuntimeError } from '../../application/index.ts'

/** What is longer is refused in the stream: a 413 would cost the IDE its socket (DESIGN 8). */
const textLimit = 8 * 1024 * 1024
const shownLength = 200
/** No provider's ids are nearly as long; a longer one is nobody's. */
const callIdLength = 1024

type Message = Readonly<Record<string, unknown>>

/** Reads `message` as leniently as shipped clients need (PROTOCOL 3.1): null counts as absent, a missing type is a user_message, unknown keys
 *  are ignored. `agents` are the names known in this mode. Throws RuntimeError with the contract's text. */
export function readMessage(message: Message, agents: readonly string[]): InputBody {
  const type = message['type'] ?? 'user_message'
  switch (type) {
    case 'user_message':
      return readUserMessage(message, agents)
    case 'tool_result':
      return readToolResult(message)
    case 'switch_agent':
      return readSwitch(message, agents)
    case 'hitl_decision':
      return readDecision(message, {
        decision: message['decision'],
        modified: message['modified_arguments'],
        modifiedName: 'modified_arguments',
      })
    // An older form of the same, with upper-case decisions (CLIENTS 2).
    case 'hitl_response':
      return readDecision(message, {
        decision: lowerCase(message['action'] ?? message['decision']),
        modified: message['edited_arguments'],
        modifiedName: 'edited_arguments',
      })
    default:
      throw invalid(`Unsupported message type: ${shown(type)}`)
  }
}

function readUserMessage(message: Message, agents: readonly string[]): InputBody {
  const { content, agent_type: agent } = message
  if (typeof content !== 'string' || content.trim() === '') throw invalid('content must not be empty')
  checkLength(content, 'content')
  if (agent === undefined || agent === null || agent === '') return { kind: 'message', content }
  return { kind: 'message', content, agent: readAgent(agent, agents) }
}

function readToolResult(message: Message): InputBody {
  const { call_id: callId, result } = message
  if (typeof callId !== 'string' || callId === '') throw invalid('tool_result must contain call_id')
  if (callId.length > callIdLength) throw new RuntimeError('unknown_call', `Unknown call_id: ${shown(callId)}`)
  const error = readError(message['error'])
  checkLength(error ?? '', 'error')
  const artifact = readArtifact(message['artifact'])
  const more = { ...(error === undefined ? {} : { error }), ...(artifact === undefined ? {} : { artifact }) }
  if (result === undefined || result === null) return { kind: 'tool_result', callId, ...more }
  checkLength(typeof result === 'string' ? result : JSON.stringify(result), 'result')
  return { kind: 'tool_result', callId, result, ...more }
}

function readArtifact(artifact: unknown): string | undefined {
  if (artifact === undefined || artifact === null || artifact === '') return undefined
  if (typeof artifact !== 'string') throw invalid('artifact must be a string')
  checkLength(artifact, 'artifact')
  return artifact
}

/** An error that is no text still says that the tool failed. */
function readError(error: unknown): string | undefined {
  if (error === undefined || error === null) return undefined
  return typeof error === 'string' ? error : JSON.stringify(error)
}

function readSwitch(message: Message, agents: readonly string[]): InputBody {
  const { content } = message
  const agent = readAgent(message['agent_type'], agents)
  if (content === undefined || content === null) return { kind: 'switch', agent, content: '' }
  if (typeof content !== 'string') throw invalid('content must be a string')
  checkLength(content, 'content')
  return { kind: 'switch', agent, content }
}

interface DecisionFields {
  readonly decision: unknown
  readonly modified: unknown
  readonly modifiedName: string
}

const decisions: readonly Decision[] = ['approve', 'edit', 'reject']

function readDecision(message: Message, { decision: given, modified, modifiedName }: DecisionFields): InputBody {
  const { call_id: callId, feedback, call_hash: callHash } = message
  if (typeof callId !== 'string' || callId === '') throw invalid('hitl_decision must contain call_id')
  const decision = decisions.find((known) => known === given)
  if (!decision) {
    throw new RuntimeError('invalid_decision', `Invalid HITL decision: ${shown(given)}`, {
      details: { hint: 'Use approve, edit or reject.' },
    })
  }
  if (callId.length > callIdLength) {
    throw new RuntimeError('approval_not_pending', `No pending HITL state found for call_id=${shown(callId)}`)
  }
  if (feedback !== undefined && feedback !== null && typeof feedback !== 'string') {
    throw invalid('feedback must be a string')
  }
  checkLength(feedback ?? '', 'feedback')
  const modifiedArguments = decision === 'edit' ? readArguments(modified, modifiedName) : undefined
  return {
    kind: 'decision',
    callId,
    decision,
    ...(modifiedArguments ? { modifiedArguments } : {}),
    ...(feedback ? { feedback } : {}),
    ...(typeof callHash === 'string' && callHash !== '' ? { callHash } : {}),
  }
}

function readArguments(value: unknown, name: string): Readonly<Record<string, unknown>> | undefined {
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'object' || Array.isArray(value)) throw invalid(`${name} must be an object`)
  checkLength(JSON.stringify(value), name)
  return { ...value }
}

/** As the contract spells it; `code` is the IDE's own word for coder. Who is no agent is refused where the agents are known. */
function readAgent(value: unknown, agents: readonly string[]): string {
  if (typeof value !== 'string' || value === '') {
    throw new RuntimeError('agent_unknown', `Invalid agent type: ${shown(value)}`, {
      details: { hint: `Use one of: ${agents.join(', ')}.` },
    })
  }
  return value === 'code' && !agents.includes(value) ? 'coder' : value.slice(0, shownLength)
}

function lowerCase(value: unknown): unknown {
  return typeof value === 'string' ? value.toLowerCase() : value
}

function checkLength(text: string, name: string): void {
  // A character has at most three bytes in UTF-8 for each unit of its length.
  if (text.length * 3 <= textLimit || Buffer.byteLength(text) <= textLimit) return
  throw new RuntimeError('message_too_long', `${name} is longer than ${textLimit / 1024 / 1024} MiB`, {
    details: { hint: 'Send less at once.' },
  })
}

/** A value inside a text for a person; nothing is `None`, as the service it replaces says. */
function shown(value: unknown): string {
  if (value === undefined || value === null) return 'None'
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return text.length > shownLength ? `${text.slice(0, shownLength)}…` : text
}

function invalid(text: string): RuntimeError {
  return new RuntimeError('invalid_input', text)
}
