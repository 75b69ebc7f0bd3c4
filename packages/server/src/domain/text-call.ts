/** A call that a model wrote as text, because its server did not read it out of the answer. */
export interface TextCall {
  readonly tool: string
  /** JSON text of an object. */
  readonly argumentsJson: string
}

export type TextCallReading =
  /** An answer like any other. */
  | { readonly kind: 'none' }
  /** It is nothing but calls of offered tools, with words before them perhaps. */
  | { readonly kind: 'calls'; readonly calls: readonly TextCall[]; readonly text: string }
  /** It was meant as a call, and cannot be taken as one. */
  | { readonly kind: 'broken'; readonly why: 'unknown-tool' | 'unreadable'; readonly tool: string }

/** Offered tools by name, with the JSON schema of their arguments. */
export type OfferedTools = ReadonlyMap<string, Readonly<Record<string, unknown>>>

const none: TextCallReading = { kind: 'none' }

/** Reads the forms that models were trained to write: a JSON object alone (Llama, Mistral), `<tool_call>` (Hermes, Qwen), `<function=name>`
 *  (Llama, Qwen coder), `[TOOL_CALLS]` (Mistral). JSON that an answer shows to a person, in a code fence between words, is no call. */
export function readTextCalls(answer: string, offered: OfferedTools): TextCallReading {
  if (offered.size === 0) return none
  const text = withoutThoughts(answer)
  if (text === '') return none
  return readJsonAlone(text, offered) ?? readMarked(text, offered)
}

/** Whether a text that has only begun may still turn out to be a call: whoever shows it waits. */
export function mayBecomeCall(begun: string): boolean {
  const text = begun.trimStart()
  if (text === '') return true
  if (markers.some((marker) => marker.startsWith(text) || text.startsWith(marker))) return true
  if ('```json\n'.startsWith(text)) return true
  const json = text.replace(/^```(?:json)?\s*/, '')
  if (!/^[{[]/.test(json)) return json === ''
  const key = /^\[?\s*\{?\s*(?:"([a-z_]*)("?))?/.exec(json)
  const rest = key ? json.slice(key[0].length) : ''
  const [, name, closed] = key ?? []
  if (name === undefined) return rest.trim() === ''
  return callKeys.some((known) => (closed === '' ? rest === '' && known.startsWith(name) : known === name))
}

const callKeys = ['name', 'type', 'function', 'arguments', 'parameters', 'id']
const markers = ['<tool_call>', '<function=', '[TOOL_CALLS]', '<|python_tag|>', '<｜tool▁calls▁begin｜>']

function withoutThoughts(text: string): string {
  return text
    .replace(/^\s*<think>[\s\S]*?<\/think>/, '')
    .replace(/(?:<\|(?:eot_id|eom_id|im_end|end)\|>|<\/s>)\s*$/, '')
    .trim()
}

function readJsonAlone(text: string, offered: OfferedTools): TextCallReading | undefined {
  const fenced = /^```(?:json|tool_call)?[ \t]*\n([\s\S]*?)\n?```$/.exec(text)?.[1]
  const json = (fenced?.includes('```') ? undefined : fenced)?.trim() ?? text
  if (!/^[{[]/.test(json) || json.startsWith('[TOOL_CALLS]')) return undefined
  const value = parse(json)
  if (value === undefined) {
    const named = /^\[?\s*\{\s*"name"\s*:\s*"([\w-]{1,64})"\s*,\s*"(?:arguments|parameters)"\s*:/.exec(json)?.[1]
    return named !== undefined && offered.has(named) ? { kind: 'broken', why: 'unreadable', tool: named } : undefined
  }
  const calls = callsIn(value)
  if (!calls) return undefined
  const stray = calls.find(({ tool }) => !offered.has(tool))
  if (!stray) return { kind: 'calls', calls, text: '' }
  // In a fence, or with other keys, it is something that somebody asked to see.
  return fenced === undefined && hasOnlyCallKeys(value)
    ? { kind: 'broken', why: 'unknown-tool', tool: stray.tool }
    : none
}

/** One call, or a list of nothing but calls. */
function callsIn(value: unknown): TextCall[] | undefined {
  const items: readonly unknown[] = Array.isArray(value) ? value : [value]
  const calls = items.map(callIn)
  return calls.length > 0 && calls.every((call) => call !== undefined) ? calls : undefined
}

function callIn(value: unknown): TextCall | undefined {
  if (!isRecord(value) || !Object.keys(value).every((key) => callKeys.includes(key))) return undefined
  const { name, arguments: args, parameters, function: inner } = value
  if (isRecord(inner)) return callIn(inner)
  const given = args ?? parameters
  if (typeof name !== 'string' || given === undefined) return undefined
  if (isRecord(given)) return { tool: name, argumentsJson: JSON.stringify(given) }
  return typeof given === 'string' && isRecord(parse(given)) ? { tool: name, argumentsJson: given } : undefined
}

function hasOnlyCallKeys(value: unknown): boolean {
  return isRecord(value) && Object.keys(value).sort().join() === 'arguments,name'
}

function readMarked(text: string, offered: OfferedTools): TextCallReading {
  const start = firstMarker(text)
  if (start === undefined) return none
  const reader = new MarkedCalls(text.slice(start), offered)
  const read = reader.read()
  if (read.kind === 'broken') return read
  // Words after a call that words came before: somebody explains something.
  if (start > 0 && read.rest !== '') return none
  return { kind: 'calls', calls: read.calls, text: text.slice(0, start).trim() }
}

/** At the beginning of a line, and not in code. */
function firstMarker(text: string): number | undefined {
  const withoutCode = text.replace(/```[\s\S]*?(?:```|$)|`[^`\n]*`/g, (code) => ' '.repeat(code.length))
  const found = /^[ \t]*(?=<tool_call>|<function=|\[TOOL_CALLS\]|<\|python_tag\|>|<｜tool▁calls▁begin｜>)/m.exec(
    withoutCode,
  )
  return found ? found.index + found[0].length : undefined
}

type Marked =
  | { readonly kind: 'read'; readonly calls: readonly TextCall[]; readonly rest: string }
  | Extract<TextCallReading, { kind: 'broken' }>

/** Blocks one behind another, from the beginning of a text. */
class MarkedCalls {
  #rest: string
  readonly #offered: OfferedTools
  readonly #calls: TextCall[] = []

  constructor(text: string, offered: OfferedTools) {
    this.#rest = text
    this.#offered = offered
  }

  read(): Marked {
    for (;;) {
      this.#rest = this.#rest.trimStart()
      const calls = this.#next()
      if (calls === 'none') {
        if (this.#calls.length > 0) return { kind: 'read', calls: this.#calls, rest: this.#rest }
        return { kind: 'broken', why: 'unreadable', tool: toolIn(this.#rest) }
      }
      const stray = calls.find(({ tool }) => !this.#offered.has(tool))
      if (stray) return { kind: 'broken', why: 'unknown-tool', tool: stray.tool.slice(0, 64) }
      this.#calls.push(...calls)
    }
  }

  #next(): readonly TextCall[] | 'none' {
    const xml = this.#take(/^(?:<tool_call>\s*)?<function=([\w-]{1,64})>([\s\S]*?)<\/function>(?:\s*<\/tool_call>)?/)
    if (xml) return this.#ofFunction(xml[1] ?? '', xml[2] ?? '')
    const forms = [
      /^<tool_call>([\s\S]*?)(?:<\/tool_call>|$)/,
      /^\[TOOL_CALLS\]\s*(\[[\s\S]*\])/,
      /^<\|python_tag\|>([\s\S]*)$/,
    ]
    for (const form of forms) {
      const calls = callsIn(parse(this.#peek(form)?.[1]?.trim() ?? ''))
      if (!calls) continue
      this.#take(form)
      return calls
    }
    const named = /^\[TOOL_CALLS\]\s*([\w-]{1,64})(?:\[CALL_ID\][\w-]*)?\[ARGS\]\s*([\s\S]*?)(?=\[TOOL_CALLS\]|$)/
    const argumentsJson = this.#peek(named)?.[2]?.trim() ?? ''
    const tool = this.#peek(named)?.[1]
    if (tool === undefined || !isRecord(parse(argumentsJson))) return 'none'
    this.#take(named)
    return [{ tool, argumentsJson }]
  }

  /** The arguments as an object of JSON, or each in a tag of its own. */
  #ofFunction(tool: string, body: string): readonly TextCall[] | 'none' {
    if (isRecord(parse(body))) return [{ tool, argumentsJson: body.trim() }]
    const args: Record<string, unknown> = {}
    const types = typesOf(this.#offered.get(tool))
    const rest = body.replace(
      /<parameter=([\w-]{1,64})>\n?([\s\S]*?)\n?<\/parameter>/g,
      (_, name: string, raw: string) => {
        args[name] = typedValue(raw, types[name])
        return ''
      },
    )
    return rest.trim() === '' ? [{ tool, argumentsJson: JSON.stringify(args) }] : 'none'
  }

  #peek(form: RegExp): RegExpExecArray | null {
    return form.exec(this.#rest)
  }

  #take(form: RegExp): RegExpExecArray | null {
    const found = form.exec(this.#rest)
    if (found) this.#rest = this.#rest.slice(found[0].length)
    return found
  }
}

function typesOf(schema: Readonly<Record<string, unknown>> | undefined): Readonly<Record<string, unknown>> {
  const properties = schema?.['properties']
  if (!isRecord(properties)) return {}
  return Object.fromEntries(
    Object.entries(properties).map(([name, property]) => [name, isRecord(property) ? property['type'] : undefined]),
  )
}

/** Tags hold text; what is no text by the schema is JSON in them. */
function typedValue(raw: string, type: unknown): unknown {
  if (type === undefined || type === 'string') return raw
  return parse(raw.trim()) ?? raw
}

function toolIn(text: string): string {
  return (
    /<function=([\w-]{1,64})|"name"\s*:\s*"([\w-]{1,64})"/
      .exec(text)
      ?.slice(1)
      .find((name) => name !== undefined) ?? ''
  )
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return undefined
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
