import type { InboundMessage, StreamChunk, StreamFrame } from '@codelab/protocol'
import type { Call, Failure, Usage } from './events.ts'
import { failureOfFrame } from './failures.ts'
import type { ConversationParts, Reply, SessionState } from './parts.ts'

/** Sends inputs of one turn and reads what comes back: text is shown, calls are collected. */
export class Exchange {
  readonly #parts: ConversationParts
  readonly #session: SessionState
  #partial = ''
  #answer: string | undefined
  #usage: Usage | undefined
  #sentAt = 0

  constructor(parts: ConversationParts, session: SessionState) {
    this.#parts = parts
    this.#session = session
  }

  /** The last text of the agent. */
  get answer(): string | undefined {
    return this.#answer
  }

  /** What the turn has used so far. */
  get usage(): Usage | undefined {
    return this.#usage
  }

  /** Throws ApiError for a status, and something else when the stream ends before its last frame. */
  async send(message: InboundMessage, signal: AbortSignal): Promise<Reply> {
    const { link, now } = this.#parts
    const isMessage = message.type === 'user_message'
    const client = isMessage ? await link.describing(this.#session.isNew) : link.client
    this.#sentAt = now()
    return this.read(client.stream(this.#session.id, message, { signal }), isMessage)
  }

  /** Reads an answer; `saysSomething`: it is the answer to what a person said. */
  async read(frames: AsyncIterable<StreamFrame>, saysSomething: boolean): Promise<Reply> {
    const calls: Call[] = []
    let failure: Failure | undefined
    let isDone = false
    for await (const frame of frames) {
      if (frame.event === 'done') isDone = true
      else if (frame.event === 'error') failure = failureOfFrame(frame.data)
      else {
        if (saysSomething) {
          this.#session.isNew = false
          this.#parts.link.told()
        }
        failure = this.#take(frame.data, calls) ?? failure
      }
    }
    if (!isDone) throw new Error('The stream ended early')
    this.#closeMessage()
    if (saysSomething && failure === undefined) this.#session.userMessages++
    return { calls, isWhole: false, ...(failure ? { failure } : {}) }
  }

  /** Shows an answer that came another way. */
  showAnswer(text: string): void {
    this.forgetPartial()
    this.#closeMessage(text)
  }

  /** Drops text whose end never came. */
  forgetPartial(): void {
    this.#partial = ''
  }

  /** Shows a chunk; gives the failure that it tells, if it is one. */
  #take(chunk: StreamChunk, calls: Call[]): Failure | undefined {
    if (chunk.type === 'assistant_message') {
      this.#text(chunk)
      return undefined
    }
    if (chunk.type === 'queued') return undefined
    if (chunk.type === 'notice') {
      this.#parts.show({ type: 'notice', text: chunk.content })
      return undefined
    }
    if (chunk.type === 'usage') {
      const { model, input_tokens: input, cached_tokens: cached, output_tokens: output } = chunk
      const share = chunk.context_share === undefined ? {} : { share: chunk.context_share }
      this.#usage = { model, input, cached, output, ...share }
      return undefined
    }
    this.#closeMessage()
    if (chunk.type === 'error') return failureOfFrame(chunk)
    if (chunk.type === 'tool_call') calls.push(readCall(chunk))
    else if (chunk.type === 'agent_switched') this.#switched(chunk)
    return undefined
  }

  #text(chunk: Extract<StreamChunk, { type: 'assistant_message' }>): void {
    if (chunk.content !== undefined) {
      this.#closeMessage(chunk.content)
      return
    }
    this.#partial += chunk.token
    this.#parts.show({ type: 'text.delta', agent: this.#session.agent, text: chunk.token })
  }

  #switched(chunk: Extract<StreamChunk, { type: 'agent_switched' }>): void {
    const { from_agent: from, to_agent: to, reason, confidence } = chunk.metadata
    this.#session.agent = to
    const ms = this.#parts.now() - this.#sentAt
    this.#parts.show({ type: 'agent.switched', from, to, reason, ms, ...(confidence ? { confidence } : {}) })
  }

  /** Ends the text that is open, or shows a whole one. */
  #closeMessage(full?: string): void {
    const text = full ?? this.#partial
    this.#partial = ''
    if (text.trim() === '') return
    this.#answer = text
    this.#parts.show({ type: 'message', agent: this.#session.agent, text })
  }
}

function readCall(chunk: Extract<StreamChunk, { type: 'tool_call' }>): Call {
  const { call_id: callId, tool_name: tool, arguments: values, requires_approval: requiresApproval } = chunk
  return {
    callId,
    tool,
    arguments: values,
    requiresApproval,
    ...(chunk.reason ? { reason: chunk.reason } : {}),
    ...(chunk.rule && chunk.rule.source !== 'default' ? { rule: chunk.rule.text } : {}),
    ...(chunk.rule?.source === 'protection' ? { isProtected: true } : {}),
    ...(chunk.call_hash ? { callHash: chunk.call_hash } : {}),
  }
}
