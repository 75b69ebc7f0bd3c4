import type { StreamChunk } from '@codelab/protocol'
import {
  argumentsOf,
  type RunFrame,
  type SessionEvent,
  type ToolCall,
  textOf,
  toolCallsOf,
} from '../../application/index.ts'
import { streamFailure } from '../errors.ts'
import { decidingRule } from '../shapes/rules.ts'

type EventOf<T extends SessionEvent['type']> = Extract<SessionEvent, { type: T }>

/** What a run shows, as chunks of PROTOCOL 3.4. One for each stream: it keeps what has been shown of the open message, and the sums. */
export class RunChunks {
  readonly #features: ReadonlySet<string>
  readonly #requestId: string
  readonly #usage = { input_tokens: 0, cached_tokens: 0, output_tokens: 0, reasoning_tokens: 0, steps: 0 }
  #model = ''
  /** The message whose text goes out in pieces, and how much of it has gone. */
  #pieced = { messageId: '', length: 0 }
  #decided: EventOf<'approval.decided'> | undefined
  /** Something was handed out or said, so that the client knows how it went on. */
  #answered = false

  constructor(features: readonly string[], requestId: string) {
    this.#features = new Set(features)
    this.#requestId = requestId
  }

  of(frame: RunFrame): StreamChunk[] {
    switch (frame.kind) {
      case 'queued':
        return this.#features.has('queue') ? [{ type: 'queued', ...open, position: frame.position }] : []
      case 'reasoning':
        return this.#features.has('reasoning') ? [{ type: 'reasoning', token: frame.text, ...open }] : []
      case 'text':
        if (!this.#features.has('deltas')) return []
        this.#addPiece(frame.messageId, frame.text)
        return [{ type: 'assistant_message', token: frame.text, ...open }]
      case 'event':
        return this.#ofEvent(frame.event)
    }
  }

  #ofEvent(event: SessionEvent): StreamChunk[] {
    switch (event.type) {
      case 'agent.switched':
        return [agentSwitched(event)]
      case 'agents.declared':
        return event.facts.faults.map(agentFault)
      case 'message.created':
        return this.#message(event)
      case 'tool_call.dispatched':
        this.#answered = true
        return [toolCall(event)]
      case 'approval.decided':
        if (!event.facts.implicit && event.facts.by !== 'system') this.#decided = event
        return []
      case 'step.started':
        this.#model = event.facts.model
        return []
      case 'step.ended':
        return this.#spent(event)
      case 'run.ended':
        return this.#end(event)
      default:
        return []
    }
  }

  /** Text beside tool calls is kept in the history and shown only to who reads along; an answer that was cut is not shown as one. */
  #message({ facts, message }: EventOf<'message.created'>): StreamChunk[] {
    if (facts.role !== 'assistant' || message?.status !== 'complete') return []
    const text = textOf(message.parts)
    if (toolCallsOf(message.parts).length === 0) {
      this.#answered = true
      return this.#said(text, facts.messageId, true)
    }
    return text !== '' && this.#features.has('deltas') ? this.#said(text, facts.messageId, false) : []
  }

  #said(text: string, messageId: string, isFinal: boolean): StreamChunk[] {
    if (!this.#features.has('deltas')) return [said(text, text, isFinal)]
    // A reader that fell behind, and a text that was never streamed: who joins the tokens has the whole text all the same.
    const gone = this.#pieced.messageId === messageId ? this.#pieced.length : 0
    const rest = text.slice(gone)
    const pieces: StreamChunk[] = rest === '' ? [] : [{ type: 'assistant_message', token: rest, ...open }]
    return [...pieces, said(text, '', isFinal)]
  }

  #addPiece(messageId: string, text: string): void {
    const before = this.#pieced.messageId === messageId ? this.#pieced.length : 0
    this.#pieced = { messageId, length: before + text.length }
  }

  /** Before what the step brought, so that the chunk with `is_final` is the last one. */
  #spent({ facts }: EventOf<'step.ended'>): StreamChunk[] {
    const usage = this.#usage
    usage.input_tokens += facts.inputTokens
    usage.cached_tokens += facts.cachedTokens
    usage.output_tokens += facts.outputTokens
    usage.reasoning_tokens += facts.reasoningTokens
    usage.steps++
    if (!this.#features.has('usage')) return []
    return [{ type: 'usage', ...open, model: this.#model, ...usage, ...contextShare(facts) }]
  }

  #end({ facts }: EventOf<'run.ended'>): StreamChunk[] {
    if (facts.error) return [streamFailure(facts.error, this.#requestId)]
    if (facts.outcome === 'rejected') return [rejected(facts.tool ?? 'call')]
    if (!this.#decided || this.#answered) return []
    // A decision by another client than the one that runs the tools (DESIGN 8).
    const { callId, tool, decision } = this.#decided.facts
    return [{ type: 'approval_decided', ...final, call_id: callId, tool_name: tool, decision }]
  }
}

function contextShare({ inputTokens, contextTokens }: EventOf<'step.ended'>['facts']) {
  if (contextTokens === undefined) return {}
  return { context_tokens: contextTokens, context_share: Number((inputTokens / contextTokens).toFixed(4)) }
}

const open = { is_final: false, requires_approval: false } as const
const final = { is_final: true, requires_approval: false } as const

function said(content: string, token: string, isFinal: boolean): StreamChunk {
  return { type: 'assistant_message', content, token, is_final: isFinal, requires_approval: false }
}

/** The one key more that the first clients know this chunk by (PROTOCOL 3.4). */
function rejected(tool: string): StreamChunk {
  const text = `Tool ${tool} was rejected by user.`
  return { type: 'assistant_message', content: text, token: text, ...final, text }
}

function agentSwitched({ facts }: EventOf<'agent.switched'>): StreamChunk {
  const { from, to, by, confidence, only } = facts
  return {
    type: 'agent_switched',
    content: `Switched to ${to} agent`,
    is_final: only,
    requires_approval: false,
    metadata: {
      from_agent: from,
      to_agent: to,
      reason: by === 'person' ? 'User requested' : facts.reason,
      ...(confidence === null ? {} : { confidence }),
    },
  }
}

function toolCall({ facts, call }: EventOf<'tool_call.dispatched'>): StreamChunk {
  if (!call) throw new Error(`The event of call ${facts.callId} came without the call`)
  return {
    type: 'tool_call',
    is_final: true,
    call_id: facts.callId,
    tool_name: facts.tool,
    arguments: argumentsOf(call),
    requires_approval: facts.requiresApproval,
    ...judged(call, facts.requiresApproval),
  }
}

/** Which rule decided, for clients whose calls rules decide about. */
function judged({ ruling, shownHash }: ToolCall, asks: boolean) {
  if (!ruling) return {}
  return {
    ...(asks ? { reason: ruling.reason } : {}),
    rule: decidingRule(ruling),
    ...(asks && shownHash ? { call_hash: shownHash } : {}),
  }
}

function agentFault({ file, line, text }: EventOf<'agents.declared'>['facts']['faults'][number]): StreamChunk {
  return { type: 'notice', content: `${file}:${line}  ${text}`, ...open }
}
