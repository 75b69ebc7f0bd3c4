import type { ModelEvent } from '../../../application/ports/language-model.ts'
import { cleanText, TextCleaner } from '../upstream/clean-text.ts'
import { badResponse } from '../upstream/failure.ts'
import { fieldsOf, isObject, textIn } from '../upstream/fields.ts'
import { type Addressee, toOpaque } from '../upstream/opaque.ts'

type EntryField = 'index' | 'id' | 'name' | 'arguments' | 'function' | 'extra_content'

interface OpenCall {
  readonly index: number
  readonly legacy: boolean
  id: string
  name: string
  argumentsJson: string
  /** Arguments that came before the name; shown once it is known. */
  unshown: string
  extra: unknown
  readonly cleaner: TextCleaner
}

const mostCalls = 128

/** Puts the tool calls of one answer together, from deltas or whole (PROTOCOL 5.2). Servers differ: see `#callFor`. */
export class ToolCallAssembler {
  readonly #calls: OpenCall[] = []
  readonly #byIndex = new Map<unknown, OpenCall>()
  readonly #from: Addressee
  #legacy: OpenCall | undefined

  constructor(from: Addressee) {
    this.#from = from
  }

  get count(): number {
    return this.#calls.length
  }

  /** One entry of a delta's `tool_calls`. Returns the progress to show, if there is any. */
  add(value: unknown): ModelEvent | undefined {
    const entry = fieldsOf<EntryField>(value)
    const called = fieldsOf<'name' | 'arguments'>(entry.function)
    const name = cleanText(textIn(called.name) || textIn(entry.name))
    const given = argumentsIn(called.arguments ?? entry.arguments)
    const call = this.#callFor(entry.index, textIn(entry.id), name, given)
    if (entry.extra_content !== undefined && entry.extra_content !== null) call.extra = entry.extra_content
    return extend(call, name, given)
  }

  /** One entry of a whole message: always a call of its own. */
  addWhole(value: unknown): ModelEvent | undefined {
    const entry = fieldsOf<EntryField>(value)
    return this.add({ ...entry, index: `whole ${this.#calls.length}` })
  }

  /** The legacy `function_call`, whole or a delta of it. */
  addLegacy(value: unknown): ModelEvent | undefined {
    const called = fieldsOf<'name' | 'arguments'>(value)
    this.#legacy ??= this.#open(true)
    return extend(this.#legacy, cleanText(textIn(called.name)), argumentsIn(called.arguments))
  }

  /** Every call that has a name, in order, the legacy one last. One without a name is left out unless there is nothing else to the answer,
   *  a legacy one also when its arguments are no JSON. */
  finish(answer: { readonly hasText: boolean } = { hasText: true }): ModelEvent[] {
    const nameless = !answer.hasText && this.#calls.every((call) => call.name === '')
    const ordered = [...this.#calls].sort((one, other) => Number(one.legacy) - Number(other.legacy))
    return ordered.flatMap((call) => {
      const text = call.argumentsJson + call.cleaner.end()
      const argumentsJson = text.trim() === '' ? '{}' : text
      if ((call.name === '' && !nameless) || (call.legacy && !isJson(argumentsJson))) return []
      const opaque = call.extra === undefined ? {} : { opaque: toOpaque(this.#from, call.extra) }
      return [{ type: 'tool-call' as const, callId: call.id, tool: call.name, argumentsJson, ...opaque }]
    })
  }

  /** Whose delta this is. The index decides, except where servers misuse it: several calls on one index (told apart by their ids and
   *  names), no index at all (then the id, else the call before). A new id alone makes no new call: some servers invent one per delta. */
  #callFor(index: unknown, id: string, name: string, given: string): OpenCall {
    const current = typeof index === 'number' || typeof index === 'string' ? this.#byIndex.get(index) : this.#before(id)
    const call = current === undefined || startsAnother(current, id, name, given) ? this.#open(false) : current
    if (call.id === '') call.id = cleanText(id)
    this.#byIndex.set(index, call)
    return call
  }

  #before(id: string): OpenCall | undefined {
    const known = id === '' ? undefined : this.#calls.find((call) => call.id === id)
    return known ?? this.#calls.findLast((call) => !call.legacy)
  }

  #open(legacy: boolean): OpenCall {
    if (this.#calls.length === mostCalls) throw badResponse('upstream sent too many tool calls')
    const index = this.#calls.length
    const call: OpenCall = {
      index,
      legacy,
      id: '',
      name: '',
      argumentsJson: '',
      unshown: '',
      extra: undefined,
      cleaner: new TextCleaner(),
    }
    this.#calls.push(call)
    return call
  }
}

function startsAnother(call: OpenCall, id: string, name: string, given: string): boolean {
  const otherId = id !== '' && call.id !== '' && id !== call.id
  const otherName = name !== '' && call.name !== '' && name !== call.name
  if (otherId && name !== '') return true
  if (id !== '' && id === call.id) return false
  if (otherName) return true
  const again = otherId || (name !== '' && call.name !== '')
  return again && given.startsWith('{') && isJson(call.argumentsJson)
}

function extend(call: OpenCall, name: string, given: string): ModelEvent | undefined {
  const named = call.name === '' && name !== ''
  if (named) call.name = name
  const piece = call.cleaner.clean(given)
  call.argumentsJson += piece
  if (call.name === '') {
    call.unshown += piece
    return undefined
  }
  const argumentsDelta = call.unshown + piece
  call.unshown = ''
  if (named) return { type: 'tool-call-delta', index: call.index, tool: call.name, argumentsDelta }
  return argumentsDelta === '' ? undefined : { type: 'tool-call-delta', index: call.index, argumentsDelta }
}

/** Arguments as text; some servers send the object itself. */
function argumentsIn(value: unknown): string {
  if (typeof value === 'string') return value
  return isObject(value) || Array.isArray(value) ? JSON.stringify(value) : ''
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
