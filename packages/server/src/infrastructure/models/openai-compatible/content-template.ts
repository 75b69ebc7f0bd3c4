import { fieldsOf, isObject } from '../upstream/fields.ts'

/** No text can be this, since it is cut out again at once. */
const sentinel = '\u0001'
/** So many chunks in a row that are like no other, and the stream is not worth learning. */
const mostLearned = 4

/**
 * The fast path of a stream: chunks that only add text differ from each other in nothing but that text. One such chunk is learned as what
 * stands before and behind its text; of the next one that has the same around it only the text is read. Anything else goes the long way
 * (`readChunk`), so that both see the same.
 */
export class ContentTemplate {
  #before = ''
  #behind = ''
  #unused = 0

  /** The text that a chunk adds; undefined: it has to be read whole. */
  textOf(data: string): string | undefined {
    const { length } = this.#before
    if (length === 0 || data.length < length + this.#behind.length) return undefined
    if (!data.startsWith(this.#before) || !data.endsWith(this.#behind)) return undefined
    const text = stringOf(data.slice(length, data.length - this.#behind.length))
    if (text !== undefined) this.#unused = 0
    return text
  }

  /** Learns from a chunk that was read whole, if it only adds text. */
  learn(data: string, chunk: unknown): void {
    if (this.#unused >= mostLearned || !addsOnlyText(chunk)) return
    this.#unused += 1
    this.#before = ''
    for (const { index, 0: key } of data.matchAll(/"content"\s*:\s*"/g)) {
      const from = index + key.length
      const to = endOfString(data, from)
      if (!holdsText(data.slice(0, from) + JSON.stringify(sentinel).slice(1, -1) + data.slice(to))) continue
      this.#before = data.slice(0, from)
      this.#behind = data.slice(to)
      return
    }
  }
}

/** What JSON writes between two quotes; undefined: it is not one string. */
function stringOf(inside: string): string | undefined {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they may not stand in a string of JSON.
  if (!/["\\\u0000-\u001f]/.test(inside)) return inside
  try {
    return JSON.parse(`"${inside}"`) as string
  } catch {
    return undefined
  }
}

function endOfString(data: string, from: number): number {
  let at = from
  while (at < data.length && data[at] !== '"') at += data[at] === '\\' ? 2 : 1
  return at
}

/** Whether this is the text that counts: the key may stand in other places too. */
function holdsText(data: string): boolean {
  try {
    return deltaOf(JSON.parse(data))['content'] === sentinel
  } catch {
    return false
  }
}

/** Then reading it whole does nothing but add its text. */
function addsOnlyText(chunk: unknown): boolean {
  const { error, object, usage, choices } = fieldsOf<'error' | 'object' | 'usage' | 'choices'>(chunk)
  if (error || usage || object === 'error' || !Array.isArray(choices)) return false
  if (fieldsOf<'finish_reason'>(choices[0]).finish_reason) return false
  const { content, role, ...others } = deltaOf(chunk)
  return typeof content === 'string' && Object.values(others).every((value) => value === null)
}

function deltaOf(chunk: unknown): Readonly<Record<string, unknown>> {
  const { choices } = fieldsOf<'choices'>(chunk)
  const { delta } = fieldsOf<'delta'>(Array.isArray(choices) ? choices[0] : undefined)
  return isObject(delta) ? delta : {}
}
