import type { AssistantPart, Message, Opaque } from '../../domain/message.ts'

/** A tool as the model is told of it. */
export interface ToolDefinition {
  readonly name: string
  readonly description: string
  /** JSON schema of an object: `{type: 'object', properties, required}`. */
  readonly parameters: Readonly<Record<string, unknown>>
}

export interface ModelRequest {
  /** `classify` is the routing call: never streamed, no tools. */
  readonly purpose: 'answer' | 'classify'
  /** The system prompt, sent first. */
  readonly system: string
  /** Every tool call in it has exactly one result, right behind its message, in call order. */
  readonly messages: readonly Message[]
  readonly tools: readonly ToolDefinition[]
  readonly temperature?: number
  /** Requests with the same one begin with the same: a provider may keep them together. */
  readonly cacheKey?: string
}

export interface Usage {
  /** All input tokens, cached ones included. */
  readonly inputTokens: number
  readonly cachedTokens: number
  /** All output tokens, reasoning included. */
  readonly outputTokens: number
  readonly reasoningTokens: number
}

export type FinishReason = 'stop' | 'tool-calls' | 'length' | 'content-filter' | 'other'

/** What a model says, in order. Text and reasoning arrive as deltas of one open part; an `-end` closes it and may carry its opaque
 *  value. A part that nobody closes is closed by the next part or by `finish`. */
export type ModelEvent =
  | { readonly type: 'text-delta'; readonly text: string }
  | { readonly type: 'text-end'; readonly opaque?: Opaque }
  | { readonly type: 'reasoning-delta'; readonly text: string }
  /** Without an open reasoning part it stands for one without text (redacted thinking). */
  | { readonly type: 'reasoning-end'; readonly opaque?: Opaque }
  /** Progress only; the whole call follows as `tool-call`. */
  | {
      readonly type: 'tool-call-delta'
      readonly index: number
      readonly tool?: string
      readonly argumentsDelta: string
    }
  /** A whole call. `tool` may be empty and `argumentsJson` may be no JSON: judging it is the loop's job. `callId` is empty when the
   *  provider gave none. */
  | {
      readonly type: 'tool-call'
      readonly callId: string
      readonly tool: string
      readonly argumentsJson: string
      readonly opaque?: Opaque
    }
  | { readonly type: 'usage'; readonly usage: Usage }
  /** The last event of a complete answer; `model` is the one that answered, where the provider says so. `attempts` counts those that
   *  failed before, this one included; absent, it was the first. */
  | { readonly type: 'finish'; readonly reason: FinishReason; readonly model?: string; readonly attempts?: number }

/** A model that can be asked. Adapters turn every failure into a RuntimeError with one of the `upstream_*` codes, `context_too_long` or
 *  `answer_too_long`, or `cancelled` when the signal fired; its message starts with `LLM request failed: ` and holds nothing of the upstream's body, URL or path. */
export interface LanguageModel {
  /** Who serves it: `llm-proxy`, `openai-compatible`, `anthropic`, `demo`. */
  readonly provider: string
  /** The id asked for. */
  readonly model: string
  /** Tokens that it can read, its answer included; absent when nobody said. */
  readonly contextTokens?: number | undefined
  /** Ends after `finish`; a stream that ends without one throws `upstream_incomplete`. Throws what is named above. */
  stream(request: ModelRequest, signal: AbortSignal): AsyncIterable<ModelEvent>
}

/** A complete answer, collected. */
export interface ModelAnswer {
  readonly parts: readonly AssistantPart[]
  readonly usage: Usage
  readonly reason: FinishReason
  readonly model: string | undefined
  readonly attempts: number
  /** Its calls came as text and were taken as calls. */
  readonly callsInText: boolean
}
