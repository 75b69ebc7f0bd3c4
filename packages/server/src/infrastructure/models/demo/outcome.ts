import { fieldsOfText } from './plain-results.ts'

/** What came of a tool call, read from the text that the model is given. */
export interface ToolOutcome {
  readonly tool: string
  readonly state: 'done' | 'failed' | 'rejected'
  /** Why it failed or was rejected, for a person; empty when it is done. */
  readonly reason: string
  /** The result's own fields; none when it is plain text. */
  readonly data: Readonly<Record<string, unknown>>
  /** The result as it was given. */
  readonly text: string
  /** Something is missing in it: nothing may be written from it. */
  readonly cut: boolean
  /** The arguments that a person put in place of those of the model. */
  readonly ran?: Readonly<Record<string, unknown>>
}

/** Results are cut at 64 KiB when they are stored. */
const wholeUpTo = 60 * 1024
const rejection = /reject|denied by|отклон/i
const longestReason = 500
const editedNote = /^The user changed the arguments before this ran\. What ran: ([^\n]*)\n\n/

/** Reads `{"success":true,…}`, `{"status":"rejected",…}`, `{"error":…}`, `Error: …` and plain text, a note of an edited call before it. */
export function readOutcome(tool: string, given: string): ToolOutcome {
  const note = editedNote.exec(given)
  const text = note ? given.slice(note[0].length) : given
  const json = objectIn(text)
  const fields = json ? undefined : fieldsOfText(tool, text)
  const salvaged = json ?? fields ?? salvage(text)
  const data = salvaged ?? {}
  const ran = note ? objectIn(note[1] ?? '') : data['status'] === 'approved_with_edits' ? data['arguments'] : undefined
  const cut = (salvaged && !json && !fields) || Buffer.byteLength(text) >= wholeUpTo || data['truncated'] === true
  const outcome = (state: ToolOutcome['state'], reason = '') => ({
    ...{ tool, state, data, text, cut },
    reason: reason.length > longestReason ? `${reason.slice(0, longestReason)}…` : reason,
    ...(isObject(ran) ? { ran } : {}),
  })
  if (data['status'] === 'rejected') return outcome('rejected', stringIn(data, 'feedback', 'reason', 'error'))
  const error = failureIn(data) ?? /^\s*Error:\s*([\s\S]*)$/i.exec(json || fields ? '' : text)?.[1]?.trim()
  if (error !== undefined) return outcome(rejection.test(error) ? 'rejected' : 'failed', error)
  const isAnswer = tool === 'read_file' || tool === 'search_in_code' || tool === 'execute_command'
  if (!json && !isAnswer && text.length < 400 && rejection.test(text)) return outcome('rejected', text.trim())
  return outcome('done')
}

/** The first of these fields that is a text. */
export function stringIn(data: Readonly<Record<string, unknown>>, ...names: string[]): string {
  for (const name of names) {
    const value = data[name]
    if (typeof value === 'string') return value
  }
  return ''
}

export function numberIn(data: Readonly<Record<string, unknown>>, ...names: string[]): number | undefined {
  return names.map((name) => data[name]).find((value) => typeof value === 'number')
}

/** The text of a file that was read. */
export function contentOf({ data, text }: ToolOutcome): string {
  return typeof data['content'] === 'string' ? data['content'] : text
}

export interface ListedFile {
  readonly name: string
  readonly isFolder: boolean
}

/** The names in a listing, as fields or as lines of text (a folder ends with `/`). */
export function filesOf({ state, data, text }: ToolOutcome): ListedFile[] {
  if (state !== 'done') return []
  const items = data['items'] ?? data['files'] ?? data['entries']
  if (!Array.isArray(items)) {
    if (Object.keys(data).length > 0) return []
    return text.split('\n').flatMap((line) => named(line.replace(/^\s*[-*]\s+/, '').trim(), false))
  }
  return items.flatMap((item: unknown) => {
    if (typeof item === 'string') return named(item, false)
    if (!isObject(item)) return []
    const isFolder = /^dir/i.test(stringIn(item, 'type', 'kind')) || item['is_directory'] === true
    return named(stringIn(item, 'path') || stringIn(item, 'name'), isFolder)
  })
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function named(name: string, isFolder: boolean): ListedFile[] {
  const bare = name.replaceAll('\\', '/').replace(/^\.\//, '')
  if (bare === '' || bare === '.') return []
  return bare.endsWith('/') ? [{ name: bare.slice(0, -1), isFolder: true }] : [{ name: bare, isFolder }]
}

function failureIn(data: Readonly<Record<string, unknown>>): string | undefined {
  const error = stringIn(data, 'error')
  if (error !== '') return [error, stringIn(data, 'reason')].filter((part) => part !== '').join(': ')
  // A command that ends with another code than 0 has been run all the same.
  return data['success'] === false && !('exit_code' in data) ? stringIn(data, 'message', 'reason') : undefined
}

function objectIn(text: string): Readonly<Record<string, unknown>> | undefined {
  if (!/^\s*\{/.test(text)) return undefined
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

// A result that was cut is no JSON any more; its texts and its exit code are still there.
function salvage(text: string): Readonly<Record<string, unknown>> | undefined {
  if (!/^\s*\{\s*"(?:success|content|path|items|query|matches|command|exit_code)"/.test(text)) return undefined
  const code = /"exit_code":\s*(-?\d+)/.exec(text)?.[1]
  const texts = [...text.matchAll(/"(content|stdout|stderr)":\s*"((?:[^"\\]|\\.)*)/gs)].map(
    ([, name = '', escaped = '']) => [name, unescaped(escaped)],
  )
  return { ...Object.fromEntries(texts), ...(code === undefined ? {} : { exit_code: Number(code) }) }
}

function unescaped(text: string): string {
  const closed = text.replace(/\\$/, '').replaceAll('\n', '\\n')
  return closed.replace(/\\(?:u([0-9a-f]{4})|(.))/gi, (_, code: string | undefined, sign: string | undefined) => {
    if (code !== undefined) return String.fromCharCode(Number.parseInt(code, 16))
    return { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f' }[sign ?? ''] ?? sign ?? ''
  })
}
