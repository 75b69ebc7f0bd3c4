import type { LanguageModel, ModelEvent, ModelRequest } from '../../application/ports/language-model.ts'
import { openModel } from '../../compose/upstreams.ts'
import type { Config, ModelEntry } from '../../config.ts'
import { RuntimeError } from '../../domain/errors.ts'
import { costOf } from '../../domain/model.ts'
import { readTextCalls } from '../../domain/text-call.ts'
import { modelText, providerName } from '../banner.ts'
import { type Finding, ok, problem, skipped } from './finding.ts'

/** Words of the long prompt: each is one token or more in every vocabulary there is. */
const longPromptWords = 12_000
/** From here on something is missing: words are counted, not tokens, and a token is never more than a word. */
const leastCounted = 0.8
const patienceMs = 120_000
const codeWord = 'harbour-4711'

/** What trying a model will send, said before it is sent: it may cost money. */
export function announceTry(entry: ModelEntry): string {
  if (entry.choice.kind === 'demo') return ''
  const inputTokens = longPromptWords + 1_000
  const cost = costOf(entry.price, { inputTokens, cachedTokens: 0, outputTokens: 200 })
  const about = cost === null ? 'at the price of its provider' : `about $${cost.toFixed(3)}`
  const name = modelText({ kind: entry.choice.kind, id: entry.choice.model, via: providerName(entry.choice) })
  return `Two requests go to ${name}: one tool call, one prompt of ${longPromptWords.toLocaleString('en')} words, ${about}.\n`
}

/** Asks the model twice: for a tool call, and with a long prompt, whose tokens are compared with what was sent. */
export async function tryModel(entry: ModelEntry, limits: Config['limits']): Promise<Finding[]> {
  if (entry.choice.kind === 'demo') return [skipped('Tool call', 'demo: a few rules, no language model to try')]
  const model = await openModel(entry, limits)
  const called = await ask(model, toolRequest)
  const toolCall = judgeToolCall(called)
  // A key that is refused is refused the second time too.
  if (called.error?.code === 'upstream_auth') return [toolCall]
  return [toolCall, judgeLongPrompt(await ask(model, longRequest()))]
}

interface Said {
  readonly text: string
  readonly calls: readonly Extract<ModelEvent, { type: 'tool-call' }>[]
  /** Pieces in which the calls came. */
  readonly pieces: number
  readonly inputTokens: number
  readonly firstMs: number
  readonly totalMs: number
  readonly error?: RuntimeError
}

async function ask(model: LanguageModel, request: ModelRequest): Promise<Said> {
  const startedAt = performance.now()
  const said = { text: '', calls: [] as Extract<ModelEvent, { type: 'tool-call' }>[], pieces: 0, inputTokens: 0 }
  let firstMs = 0
  const times = () => ({ firstMs, totalMs: performance.now() - startedAt })
  try {
    for await (const event of model.stream(request, AbortSignal.timeout(patienceMs))) {
      if (firstMs === 0) firstMs = performance.now() - startedAt
      if (event.type === 'text-delta') said.text += event.text
      if (event.type === 'tool-call-delta') said.pieces += 1
      if (event.type === 'tool-call') said.calls.push(event)
      if (event.type === 'usage') said.inputTokens = event.usage.inputTokens
    }
    return { ...said, ...times() }
  } catch (thrown) {
    return { ...said, ...times(), error: RuntimeError.from(thrown) }
  }
}

const tool = {
  name: 'note_color',
  description: 'Notes a color.',
  parameters: { type: 'object', properties: { color: { type: 'string' } }, required: ['color'] },
}

const toolRequest: ModelRequest = {
  purpose: 'answer',
  system: 'You try out a connection. Do what you are asked, with the tool, and say nothing else.',
  messages: [{ role: 'user', parts: [{ type: 'text', text: 'Call the tool note_color with the color "blue".' }] }],
  tools: [tool],
}

function judgeToolCall(said: Said): Finding {
  const name = 'Tool call'
  if (said.error) return failed(name, said.error)
  const [call] = said.calls
  if (call) {
    const args = call.argumentsJson.replace(/\s/g, '')
    if (call.tool !== tool.name || args !== '{"color":"blue"}') {
      const text = `called ${shown(call.tool)} with ${shown(call.argumentsJson)}, not as it was asked`
      return problem(name, text, 'It can call tools but does not follow; a larger model mostly does.')
    }
    const way = said.pieces > 1 ? 'streamed' : 'whole, not streamed'
    return ok(
      name,
      `right, ${way}`,
      `first token after ${seconds(said.firstMs)}, all of it after ${seconds(said.totalMs)}`,
    )
  }
  if (readTextCalls(said.text, new Map([[tool.name, tool.parameters]])).kind !== 'none') {
    return problem(
      name,
      'written as text: its server does not read tool calls',
      'CodeLab takes such a call where it is nothing else, but a broken one ends the turn.',
      "fix: vLLM: --enable-auto-tool-choice and the model's --tool-call-parser; llama.cpp: --jinja; else a model that supports tools",
    )
  }
  return problem(
    name,
    said.text === '' ? 'none, and no answer' : `none; it said: ${shown(said.text)}`,
    'fix: choose a model that supports tools, and a server that passes them on',
  )
}

/** A code word in the middle of words that mean nothing; it is asked for at the end. */
function longRequest(): ModelRequest {
  const words = ['table', 'river', 'stone', 'green', 'paper', 'light', 'seven', 'water', 'night', 'house']
  const pieces = Array.from({ length: longPromptWords }, (_, place) => words[(place * 7 + (place >> 4)) % 10])
  pieces.splice(longPromptWords / 4, 0, `\nThe code word is ${codeWord}.\n`)
  const text = `${pieces.join(' ')}\n\nWhich code word stands above? Answer with it alone, or with "none".`
  return { purpose: 'answer', system: '', messages: [{ role: 'user', parts: [{ type: 'text', text }] }], tools: [] }
}

function judgeLongPrompt(said: Said): Finding {
  const name = 'Long prompt'
  const sent = `${longPromptWords.toLocaleString('en')} words sent`
  if (said.error?.code === 'context_too_long') {
    return problem(
      name,
      `${sent}: refused, its context is smaller`,
      'It says so, and CodeLab shortens what it sends; but work on files needs more room.',
      ...contextFixes,
    )
  }
  if (said.error) return failed(name, said.error)
  const counted = said.inputTokens
  const found = said.text.includes(codeWord)
  const tokens = `${counted.toLocaleString('en')} tokens counted`
  if (counted > 0 && counted < longPromptWords * leastCounted) {
    return problem(
      name,
      `${sent}, ${tokens}: the rest was cut silently`,
      'The agent would forget files, instructions and what you said, and nobody would be told.',
      ...contextFixes,
    )
  }
  const time = `first token after ${seconds(said.firstMs)}`
  if (counted === 0) {
    const seen = found ? 'the code word in it was found' : 'the code word in it was not found'
    return skipped(name, `${sent}, tokens are not counted; ${seen}`, time)
  }
  return ok(name, `${sent}, ${tokens}`, `${time}${found ? '' : '; the code word in it was not found'}`)
}

const contextFixes = [
  'fix: Ollama: OLLAMA_CONTEXT_LENGTH=32768 where `ollama serve` runs, or num_ctx 32768 in a Modelfile; with little graphics memory it keeps 4,096',
  'fix: vLLM: --max-model-len; llama.cpp: --ctx-size; LM Studio: the context length of the loaded model',
]

function failed(name: string, error: RuntimeError): Finding {
  const { hint, status } = error.details
  const refused =
    status === 400 || status === 422 ? ['It refuses the request; some servers do so for any with tools.'] : []
  return problem(name, error.message, ...(hint === undefined ? refused : [`fix: ${hint}`]))
}

function shown(text: string): string {
  const line = text.replace(/[\s\p{Cc}]+/gu, ' ').trim()
  return line.length > 80 ? `${line.slice(0, 80)}…` : line
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`
}
