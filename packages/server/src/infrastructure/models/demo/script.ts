import type { ToolOutcome } from './outcome.ts'
import type { Request } from './request.ts'
import type { RuleName } from './texts.ts'

/** A call that a rule wants. */
export interface PlannedCall {
  readonly tool: string
  readonly args: Readonly<Record<string, unknown>>
  /** Its failure is no reason to stop: the rule looks at it. */
  readonly mayFail?: boolean
}

/** One answer of the model with calls in it. */
export interface Step {
  /** Said before the calls. */
  readonly say?: string
  readonly calls: readonly PlannedCall[]
}

/** A rule at work: gives steps, is handed the outcomes of their calls, ends with the final answer. It is played again from its start for
 *  every model call, so it may depend on nothing but the request and the outcomes. */
export type Script = Generator<Step, string, readonly ToolOutcome[]>

/** One kind of request. */
export interface Rule {
  readonly name: RuleName
  /** The agent that has the tools for it. */
  readonly agent: 'coder' | 'architect' | 'ask'
  /** The script for this request, or nothing when it is of another kind. */
  match(request: Request): Script | undefined
}

/** One call, as a step of its own. */
export function* call(
  tool: string,
  args: Readonly<Record<string, unknown>>,
  options: { say?: string; mayFail?: boolean } = {},
): Generator<Step, ToolOutcome, readonly ToolOutcome[]> {
  const { say, mayFail = false } = options
  const outcomes = yield { calls: [{ tool, args, mayFail }], ...(say === undefined ? {} : { say }) }
  const [outcome] = outcomes
  if (outcome === undefined) throw new RangeError('A step was given no outcome')
  return outcome
}

/** Text between fences that the text itself cannot close, at most so many lines. */
export function fenced(text: string, language = '', lines = 60, columns = 400): string {
  const all = text.replace(/\n$/, '').split('\n')
  const shown = all.slice(0, lines).map((line) => (line.length > columns ? `${line.slice(0, columns)}…` : line))
  if (all.length > lines) shown.push('…')
  const body = shown.join('\n')
  const longest = Math.max(2, ...[...body.matchAll(/`{3,}/g)].map(([fence]) => fence.length))
  const fence = '`'.repeat(longest + 1)
  return `${fence}${language}\n${body}\n${fence}`
}

/** A name that is not taken: `notes.md`, else `notes-2.md` and so on. */
export function freeName(wanted: string, taken: ReadonlySet<string>): string {
  const [, stem = wanted, extension = ''] = /^(.*?)(\.[^./]+)?$/.exec(wanted) ?? []
  for (let number = 1; ; number += 1) {
    const name = number === 1 ? wanted : `${stem}-${number}${extension}`
    if (!taken.has(name.toLowerCase())) return name
  }
}

/** Lines as a person counts them: a line end at the end of the text starts no further line. */
export function lineCount(text: string): number {
  return text === '' ? 0 : text.replace(/\r?\n$/, '').split('\n').length
}
