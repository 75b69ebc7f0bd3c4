import type {
  LanguageModelV4FunctionTool,
  LanguageModelV4Message,
  LanguageModelV4Prompt,
  SharedV4ProviderOptions,
} from '@ai-sdk/provider'
import type { ToolDefinition } from '../../../application/ports/language-model.ts'
import type { AssistantPart, Message, Opaque } from '../../../domain/message.ts'
import { cachePlaces } from '../upstream/cache-places.ts'
import { isObject } from '../upstream/fields.ts'
import { type Addressee, opaqueFor } from '../upstream/opaque.ts'

type AssistantContent = Extract<LanguageModelV4Message, { role: 'assistant' }>['content']

/** The session as the AI SDK's provider packages take it. Reasoning goes only where it came from, with its opaque value; a message that
 *  is empty without it is left out. */
export function toPrompt(
  system: string,
  messages: readonly Message[],
  to: Addressee,
  marks = false,
): LanguageModelV4Prompt {
  const mark = { providerOptions: { [to.provider]: { cacheControl: { type: 'ephemeral' } } } }
  const first: LanguageModelV4Prompt =
    system === '' ? [] : [{ role: 'system', content: system, ...(marks ? mark : {}) }]
  const places = marks ? cachePlaces(messages) : new Set<number>()
  return [
    ...first,
    ...messages.flatMap((message, place) => {
      const prompt = toPromptMessage(message, to)
      return places.has(place) ? prompt.map((entry) => ({ ...entry, ...mark })) : prompt
    }),
  ]
}

function toPromptMessage(message: Message, to: Addressee): LanguageModelV4Message[] {
  switch (message.role) {
    case 'user':
      return [{ role: 'user', content: message.parts.map(({ text }) => ({ type: 'text', text })) }]
    case 'assistant': {
      const content = message.parts.flatMap((part) => toAssistantContent(part, to))
      return content.length > 0 ? [{ role: 'assistant', content }] : []
    }
    case 'tool': {
      const [{ callId, tool, text }] = message.parts
      const output = { type: 'text', value: text } as const
      return [{ role: 'tool', content: [{ type: 'tool-result', toolCallId: callId, toolName: tool, output }] }]
    }
  }
}

function toAssistantContent(part: AssistantPart, to: Addressee): AssistantContent {
  const options = optionsOf(part.opaque, to)
  switch (part.type) {
    case 'text':
      return part.text === '' ? [] : [{ type: 'text', text: part.text, ...options }]
    case 'reasoning':
      return options.providerOptions ? [{ type: 'reasoning', text: part.text, ...options }] : []
    case 'tool-call': {
      const input = inputOf(part.argumentsJson)
      return [{ type: 'tool-call', toolCallId: part.callId, toolName: part.tool, input, ...options }]
    }
  }
}

function optionsOf(opaque: Opaque | undefined, to: Addressee): { providerOptions?: SharedV4ProviderOptions } {
  const value = opaqueFor(to, opaque)
  return isObject(value) ? { providerOptions: value as SharedV4ProviderOptions } : {}
}

/** Providers of this kind take an object only. What the model wrote wrong is told to it by the call's result. */
function inputOf(argumentsJson: string): Record<string, unknown> {
  try {
    const input: unknown = JSON.parse(argumentsJson)
    return isObject(input) ? input : {}
  } catch {
    return {}
  }
}

export function toTools(tools: readonly ToolDefinition[]): LanguageModelV4FunctionTool[] {
  return tools.map(({ name, description, parameters }) => ({
    type: 'function',
    name,
    description,
    inputSchema: { ...parameters },
  }))
}

/** Whether every tool call since the user's last message came with reasoning that may go back. A provider that thinks refuses a tool
 *  turn that did not begin with its own thinking, so such a turn is ended without. */
export function mayThink(messages: readonly Message[], to: Addressee): boolean {
  const since = messages.slice(messages.findLastIndex((message) => message.role === 'user') + 1)
  return since.every(
    (message) =>
      message.role !== 'assistant' ||
      !message.parts.some((part) => part.type === 'tool-call') ||
      message.parts.some((part) => part.type === 'reasoning' && opaqueFor(to, part.opaque) !== undefined),
  )
}
