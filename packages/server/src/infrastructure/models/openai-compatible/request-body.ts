import type { ModelRequest, ToolDefinition } from '../../../application/ports/language-model.ts'
import type { Addressee } from '../upstream/opaque.ts'
import { type CacheMarks, toWireMessages, type WireMessage } from './messages.ts'

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

/** The same as text. */
export function toRequestText(...[model, request, ...rest]: Parameters<typeof toRequestBody>): string {
  const { tools } = request
  const { messages, ...head } = toRequestBody(model, { ...request, tools: [] }, ...rest)
  const known = tools.length > 0 ? `,"tools":${toolsText(tools)}` : ''
  return `${JSON.stringify(head).slice(0, -1)}${known},"messages":${JSON.stringify(messages)}}`
}

/** Most of what a request says, and the same in every one of an agent. */
const texts = new WeakMap<ModelRequest['tools'], string>()

function toolsText(tools: ModelRequest['tools']): string {
  const text = texts.get(tools) ?? JSON.stringify(tools.map(toWireTool))
  texts.set(tools, text)
  return text
}

function toWireTool(tool: ToolDefinition): WireTool {
  const { name, description, parameters } = tool
  return { type: 'function', function: { name, description, parameters: { ...parameters } } }
}
