import { getNodeValue, type Node, type ParseError, parseTree, printParseErrorCode } from 'jsonc-parser'
import { nearest } from './nearest.ts'
import type { Problem } from './problems.ts'
import { printable, quoted } from './shown.ts'
import type { Found } from './variables.ts'

/** Editors look it up; it sets nothing. */
const IGNORED = '$schema'
/** A broken file gives an error for each of its tokens; the first few say it. */
const SYNTAX_ERRORS_SHOWN = 3

const SAID: Readonly<Record<string, string>> = {
  CommaExpected: 'a comma is missing before this.',
  ColonExpected: 'a colon is missing before this.',
  ValueExpected: 'a value is missing here.',
  PropertyNameExpected: 'a name in quotes is missing here.',
  CloseBraceExpected: 'a closing } is missing.',
  CloseBracketExpected: 'a closing ] is missing.',
  UnexpectedEndOfString: 'the string does not end.',
  UnexpectedEndOfComment: 'the comment does not end.',
}

/** What a codelab.jsonc sets, by dotted path, and everything that is wrong with it. */
export interface JsoncReading {
  readonly found: ReadonlyMap<string, Found>
  readonly problems: readonly Problem[]
}

/** Reads JSON with comments and trailing commas. `label` names it in places; `known` are the paths that exist, `objects` those of them at
 *  which an object stands, kept as JSON text. */
export function readJsonc(
  text: string,
  label: string,
  known: ReadonlySet<string>,
  objects: ReadonlySet<string> = new Set(),
): JsoncReading {
  const reader = new JsoncReader(text, label, known, objects)
  reader.read()
  return reader
}

class JsoncReader implements JsoncReading {
  readonly found = new Map<string, Found>()
  readonly problems: Problem[] = []
  readonly #text: string
  readonly #label: string
  readonly #known: ReadonlySet<string>
  readonly #objects: ReadonlySet<string>

  constructor(text: string, label: string, known: ReadonlySet<string>, objects: ReadonlySet<string>) {
    this.#text = text
    this.#label = label
    this.#known = known
    this.#objects = objects
  }

  read(): void {
    const errors: ParseError[] = []
    const root = parseTree(this.#text, errors, { allowTrailingComma: true })
    for (const error of errors.slice(0, SYNTAX_ERRORS_SHOWN)) {
      const text = SAID[printParseErrorCode(error.error)] ?? 'this is not JSON.'
      this.problems.push({ name: this.#label, place: this.#place(error.offset), text })
    }
    if (errors.length > 0 || root === undefined) return
    if (root.type === 'object') this.#readObject(root, '')
    else
      this.problems.push({
        name: this.#label,
        place: this.#place(root.offset),
        text: 'the file must hold one object, { … }.',
      })
  }

  #readObject(object: Node, prefix: string): void {
    const seen = new Set<string>()
    for (const property of object.children ?? []) {
      const [key, value] = property.children ?? []
      if (!key || !value) continue
      const name = String(key.value)
      if (seen.has(name)) this.#complain(key, prefix + name, `${quoted(name)} is set twice.`, quoted(name))
      seen.add(name)
      if (prefix + name !== IGNORED) this.#readProperty(key, value, name, prefix)
    }
  }

  #readProperty(key: Node, value: Node, name: string, prefix: string): void {
    const path = prefix + name
    if (this.#known.has(path)) this.#readValue(value, path)
    else if (![...this.#known].some((known) => known.startsWith(`${path}.`))) {
      const near = nearest(name, this.#siblings(prefix))
      const text = `${quoted(name)} is no setting.${near === undefined ? '' : ` Did you mean ${near}?`}`
      this.#complain(key, path, text, quoted(name))
    } else if (value.type === 'object') this.#readObject(value, `${path}.`)
    else this.#complain(value, path, 'an object, { … }, belongs here.')
  }

  #readValue(value: Node, path: string): void {
    const items = value.type === 'array' ? (value.children ?? []) : [value]
    if (value.type === 'null') return
    if (this.#objects.has(path)) {
      if (value.type !== 'object') this.#complain(value, path, 'an object, { … }, belongs here.')
      else
        this.found.set(path, {
          text: JSON.stringify(getNodeValue(value)),
          name: path,
          place: this.#place(value.offset),
        })
      return
    }
    if (items.some((item) => !['string', 'number', 'boolean'].includes(item.type))) {
      this.#complain(value, path, 'a string, a number or true or false belongs here.')
      return
    }
    const text = items.map((item) => String(item.value)).join(',')
    this.found.set(path, { text, name: path, place: this.#place(value.offset) })
  }

  #siblings(prefix: string): Set<string> {
    const below = [...this.#known].filter((path) => path.startsWith(prefix))
    return new Set(below.map((path) => path.slice(prefix.length).split('.', 1)[0] ?? ''))
  }

  #complain(at: Node, name: string, text: string, wrong?: string): void {
    this.problems.push({
      name: printable(name).slice(0, 100),
      place: this.#place(at.offset),
      text,
      ...(wrong === undefined ? {} : { wrong }),
    })
  }

  #place(offset: number): string {
    const before = this.#text.slice(0, offset).split(/\r\n|\n|\r/)
    return `${this.#label}:${before.length}:${(before.at(-1)?.length ?? 0) + 1}`
  }
}
