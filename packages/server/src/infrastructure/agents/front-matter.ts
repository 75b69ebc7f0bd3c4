import { LineCounter, parseDocument } from 'yaml'
import type { z } from 'zod'
import type { AgentFault } from '../../application/ports/agent-source.ts'

/** A markdown file with YAML between two lines of `---` at its head. */
export interface MarkdownFile<Head> {
  readonly head: Head
  /** What follows the head, without blank lines around it. */
  readonly body: string
  /** The line in the file on which the body begins. */
  readonly bodyLine: number
  /** The line in the file on which the value at this place of the head stands. */
  lineOf(path: readonly PropertyKey[]): number
}

export type Parsed<Head> =
  | { readonly ok: true; readonly file: MarkdownFile<Head> }
  | { readonly ok: false; readonly faults: readonly AgentFault[] }

const fence = /^---[ \t]*\n([\s\S]*?)^---[ \t]*(?:\n|$)/m

/** Reads and checks one file; every fault of its head is reported, with its line. */
export function parseMarkdown<Head>(name: string, text: string, schema: z.ZodType<Head>): Parsed<Head> {
  const source = text.replace(/^\ufeff/, '').replaceAll('\r\n', '\n')
  const found = fence.exec(source)
  if (found?.index !== 0) {
    return {
      ok: false,
      faults: [{ file: name, line: 1, text: "The file has to begin with settings between two lines of '---'" }],
    }
  }
  const lines = new LineCounter()
  const document = parseDocument(found[1] ?? '', { lineCounter: lines })
  const lineAt = (offset: number) => lines.linePos(offset).line + 1
  if (document.errors.length > 0) {
    const faults = document.errors.map(({ pos, message }) => ({
      file: name,
      line: lineAt(pos[0]),
      text: message.split('\n', 1)[0]?.replace(/ at line \d+, column \d+:?$/, '') ?? 'This is not YAML',
    }))
    return { ok: false, faults }
  }
  const lineOf = (path: readonly PropertyKey[]) => {
    for (let depth = path.length; depth > 0; depth -= 1) {
      const node = document.getIn(path.slice(0, depth), true)
      if (isNode(node)) return lineAt(node.range[0])
    }
    return 1
  }
  const head = schema.safeParse(document.toJS({ maxAliasCount: 50 }) ?? {})
  if (!head.success) {
    const faults = head.error.issues.map((issue) => ({
      file: name,
      line: lineOf(issue.code === 'unrecognized_keys' ? [...issue.path, ...issue.keys.slice(0, 1)] : issue.path),
      text: issue.path.length > 0 ? `${issue.path.join('.')}: ${issue.message}` : issue.message,
    }))
    return { ok: false, faults }
  }
  const rest = source.slice(found[0].length)
  const before = found[0] + rest.slice(0, rest.length - rest.trimStart().length)
  const bodyLine = before.split('\n').length
  return { ok: true, file: { head: head.data, body: rest.trim(), bodyLine, lineOf } }
}

function isNode(value: unknown): value is { range: [number, number, number] } {
  return typeof value === 'object' && value !== null && 'range' in value && Array.isArray(value.range)
}
