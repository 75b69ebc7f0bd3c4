import type { ModelRequest, ToolDefinition } from '../../../application/ports/language-model.ts'
import type { Message } from '../../../domain/message.ts'
import type { Addressee } from '../upstream/opaque.ts'
import { type CacheMarks, toWireMessage, toWireMessages, type WireMessage } from './messages.ts'

export interface WireTool {
  type: 'function'
  function: { name: string; description: string; parameters: Record<string, unknown> }
}

export interface RequestBody {
  model: string
  stream: boolean
  stream_options?: { include_usage: true }
  temperature?: number
  prompt_cache_key?: string
  tools?: WireTool[]
  messages: WireMessage[]
}

/** How a server is helped to keep what it has read. */
export interface Caching {
  /** For Claude behind a server of this protocol. */
  readonly marks?: CacheMarks
  /** It takes `prompt_cache_key`; others may refuse a field that they do not know. */
  readonly takesKey?: boolean
}

/** The body of `POST /chat/completions`. The messages come last, so that the body of a turn's next step begins with the bytes of this
 *  one: caches on the way look at prefixes. */
export function toRequestBody(
  model: string,
  request: ModelRequest,
  streamed: boolean,
  to: Addressee,
  caching: Caching = {},
): RequestBody {
  const { cacheKey } = request
  return {
    model,
    stream: streamed,
    ...(streamed ? { stream_options: { include_usage: true } } : {}),
    ...(request.temperature === undefined ? {} : { temperature: request.temperature }),
    ...(caching.takesKey && cacheKey !== undefined ? { prompt_cache_key: cacheKey } : {}),
    ...(request.tools.length > 0 ? { tools: request.tools.map(toWireTool) } : {}),
    messages: toWireMessages(request.system, request.messages, to, caching.marks),
  }
}

/** Writes the bodies of one model's requests. What a request has in common with the one before, which is nearly all, is written once: tools
 *  and messages are the same objects from step to step. */
export class RequestWriter {
  readonly #model: string
  readonly #to: Addressee
  readonly #tools = new WeakMap<ModelRequest['tools'], string>()
  readonly #messages = new WeakMap<Message, string>()

  constructor(model: string, to: Addressee) {
    this.#model = model
    this.#to = to
  }

  /** `toRequestBody` as text. */
  write(request: ModelRequest, streamed: boolean, caching: Caching = {}): string {
    if (caching.marks) return JSON.stringify(toRequestBody(this.#model, request, streamed, this.#to, caching))
    const bare = { ...request, tools: [], messages: [] }
    const { messages: first, ...head } = toRequestBody(this.#model, bare, streamed, this.#to, caching)
    const messages = [...first.map((message) => JSON.stringify(message)), ...request.messages.map(this.#messageText)]
    const tools = request.tools.length > 0 ? `,"tools":${this.#toolsText(request.tools)}` : ''
    return `${JSON.stringify(head).slice(0, -1)}${tools},"messages":[${messages.join(',')}]}`
  }

  #toolsText(tools: ModelRequest['tools']): string {
    const text = this.#tools.get(tools) ?? JSON.stringify(tools.map(toWireTool))
    this.#tools.set(tools, text)
    return text
  }

  readonly #messageText = (message: Message): string => {
    const text = this.#messages.get(message) ?? JSON.stringify(toWireMessage(message, this.#to))
    this.#messages.set(message, text)
    return text
  }
}

function toWireTool(tool: ToolDefinition): WireTool {
  const { name, description, parameters } = tool
  return { type: 'function', function: { name, description, parameters: { ...parameters } } }
}
