import type { ModelRequest, ToolDefinition } from '../../../application/ports/language-model.ts'
import type { Addressee } from '../upstream/opaque.ts'
import { toWireMessages, type WireMessage } from './messages.ts'

export interface WireTool {
  type: 'function'
  function: { name: string; description: string; parameters: Record<string, unknown> }
}

export interface RequestBody {
  model: string
  stream: boolean
  stream_options?: { include_usage: true }
  temperature?: number
  tools?: WireTool[]
  messages: WireMessage[]
}

/** The body of `POST /chat/completions`. The messages come last, so that the body of a turn's next step begins with the bytes of this
 *  one: caches on the way look at prefixes. */
export function toRequestBody(model: string, request: ModelRequest, streamed: boolean, to: Addressee): RequestBody {
  return {
    model,
    stream: streamed,
    ...(streamed ? { stream_options: { include_usage: true } } : {}),
    ...(request.temperature === undefined ? {} : { temperature: request.temperature }),
    ...(request.tools.length > 0 ? { tools: request.tools.map(toWireTool) } : {}),
    messages: toWireMessages(request.system, request.messages, to),
  }
}

function toWireTool(tool: ToolDefinition): WireTool {
  const { name, description, parameters } = tool
  return { type: 'function', function: { name, description, parameters: { ...parameters } } }
}
