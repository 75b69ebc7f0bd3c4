export interface UpstreamMessage {
  readonly role: string
  readonly content?: unknown
  readonly tool_call_id?: string
  readonly tool_calls?: readonly {
    readonly id?: string
    readonly function?: { readonly name?: string; readonly arguments?: string }
  }[]
}

/** Why a strict provider would refuse this conversation; undefined when none would. */
export function refusalOf(messages: readonly UpstreamMessage[]): string | undefined {
  if (messages.length === 0) return 'no messages'
  const seen = new Set<string>()
  let open: string[] = []
  for (const [index, message] of messages.entries()) {
    const at = `messages[${index}] (${message.role})`
    if (message.role === 'tool') {
      const expected = open.shift()
      if (expected === undefined) return `${at}: a result without a call right before it: ${message.tool_call_id}`
      if (message.tool_call_id !== expected) return `${at}: the result of ${message.tool_call_id}, not of ${expected}`
      if (!isText(message.content)) return `${at}: empty content`
      continue
    }
    if (open.length > 0) return `${at}: no result for ${open.join(', ')}`
    if (message.role === 'assistant') {
      const calls = message.tool_calls ?? []
      const fault = calls.map((call) => callFault(call, seen)).find((text) => text !== undefined)
      if (fault) return `${at}: ${fault}`
      if (calls.length === 0 && !isText(message.content)) return `${at}: neither text nor calls`
      open = calls.map((call) => call.id ?? '')
    } else if (message.role === 'system' ? index > 0 : message.role !== 'user') return `${at}: not here`
    else if (!isText(message.content)) return `${at}: empty content`
  }
  if (open.length > 0) return `no result for ${open.join(', ')}`
  const last = messages.at(-1)
  return last?.role === 'user' || last?.role === 'tool' ? undefined : `the last message is of ${last?.role}`
}

function callFault(call: NonNullable<UpstreamMessage['tool_calls']>[number], seen: Set<string>): string | undefined {
  if (!isText(call.id)) return 'a call without id'
  if (seen.has(call.id)) return `the id ${call.id} twice`
  seen.add(call.id)
  if (!isText(call.function?.name)) return `${call.id}: a call without a name`
  try {
    const value: unknown = JSON.parse(call.function?.arguments ?? '')
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return undefined
  } catch {
    // It is said below.
  }
  return `${call.id}: arguments that are no object`
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== ''
}
