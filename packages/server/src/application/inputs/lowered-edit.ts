import { type AppliedEdit, applyEdits, type Edit } from '@codelab/edits'
import { argumentsOf, type ToolCall } from '../../domain/tool-call.ts'
import type { CallStep } from '../../domain/turn.ts'
import { type DeniedCall, type JudgeContext, judgeForClient } from '../run/judge-call.ts'
import type { InputBody } from './input.ts'

type ResultBody = Extract<InputBody, { kind: 'tool_result' }>

/** A larger file would travel twice through the person's client for a change of a few lines. */
const largestFile = 512 * 1024

/** What follows when a step of a lowered edit has its result: the write, or the end of the edit with what the model reads. */
export type AfterStep =
  | { readonly kind: 'step'; readonly step: CallStep }
  | { readonly kind: 'end'; readonly failed: boolean; readonly text: string }

/** The first step of an edit: the file as it is. */
export function readStep(context: JudgeContext, path: string): CallStep | DeniedCall {
  return judgedStep(context, { name: 'read_file', class: 'read' }, { path })
}

/** The edit is carried out here on what was read; the client writes the whole file, once a person agreed. */
export function afterRead(context: JudgeContext, edit: ToolCall, body: ResultBody): AfterStep {
  const read = contentOf(body)
  if ('fault' in read) return failed(read.fault)
  const path = pathOf(edit)
  const outcome = applyEdits(read.content, editsOf(edit))
  if (!outcome.ok) return failed(`${path}: ${outcome.message}`)
  const step = judgedStep(context, { name: 'write_file', class: 'write' }, { path, content: outcome.text })
  return 'fault' in step ? failed(step.fault.text) : { kind: 'step', step }
}

/** `read` is the result of the first step as it was stored. */
export function afterWrite(edit: ToolCall, write: ToolCall, read: string | undefined, body: ResultBody): AfterStep {
  const refused = refusalOf(body)
  if (refused !== undefined) return failed(refused)
  if (write.editedJson !== null) return { kind: 'end', failed: false, text: changedByPerson(edit, write) }
  const stored = contentOf({ result: parsed(read) })
  const outcome = 'fault' in stored ? undefined : applyEdits(stored.content, editsOf(edit))
  return { kind: 'end', failed: false, text: madeText(pathOf(edit), outcome?.ok ? outcome.applied : []) }
}

function judgedStep(
  context: JudgeContext,
  tool: { readonly name: string; readonly class: 'read' | 'write' },
  args: { readonly path: string; readonly content?: string },
): CallStep | DeniedCall {
  const judged = judgeForClient(context, { tool, args, paths: [args.path] })
  return 'fault' in judged ? judged : { tool: tool.name, argumentsJson: JSON.stringify(args), ...judged }
}

/** The whole text of a file in the form in which the shipped IDE gives it. Anything else is not taken for one: an edit on a text that only
 *  looks like the file would write a wrong file. */
function contentOf(
  body: Pick<ResultBody, 'result' | 'error'>,
): { readonly content: string } | { readonly fault: string } {
  const refused = refusalOf(body)
  if (refused !== undefined) return { fault: refused }
  const { result } = body
  if (typeof result !== 'object' || result === null || !('content' in result) || typeof result.content !== 'string') {
    return { fault: 'This client gave no text of the file that could be edited. Write the whole file with write_file.' }
  }
  const { content } = result
  if (content.includes('\0') || !content.isWellFormed()) return { fault: 'The file is not text and cannot be edited.' }
  if (Buffer.byteLength(content) <= largestFile) return { content }
  return {
    fault: `The file is larger than ${largestFile / 1024} KiB, too large to be edited in this client. Change it with a command, or ask the person to.`,
  }
}

function refusalOf({ result, error }: Pick<ResultBody, 'result' | 'error'>): string | undefined {
  if (error !== undefined && error !== '') return error
  if (typeof result !== 'object' || result === null || !('success' in result) || result.success !== false)
    return undefined
  return 'error' in result && typeof result.error === 'string' ? result.error : 'The client says that it failed.'
}

function parsed(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '')
  } catch {
    return undefined
  }
}

function pathOf(call: ToolCall): string {
  return String(argumentsOf(call)['path'])
}

function editsOf(edit: ToolCall): readonly Edit[] {
  // Checked against the schema when the call was judged.
  return argumentsOf(edit)['edits'] as readonly Edit[]
}

const matchWords: Readonly<Record<AppliedEdit['match'], string>> = {
  exact: 'found exactly',
  line_ends: 'found but for line ends',
  trailing_space: 'found but for space at the ends of lines',
  indent: 'found but for the indent',
}

function madeText(path: string, applied: readonly AppliedEdit[]): string {
  const lines = applied.map(({ match, places }, index) => {
    const where = places.map(({ first, last }) => (last > first ? `${first}-${last}` : `${first}`)).join(', ')
    return `edits[${index}]: ${matchWords[match]}, now at line ${where}`
  })
  return [`${path} was edited.`, ...lines].join('\n')
}

function changedByPerson(edit: ToolCall, write: ToolCall): string {
  const path = pathOf(write)
  const elsewhere = path === pathOf(edit) ? '' : ` It was written to ${path}.`
  return `The user changed what your edit had made before it was written.${elsewhere} Read the file before you go on.`
}

function failed(text: string): AfterStep {
  return { kind: 'end', failed: true, text: `Error: ${text}` }
}
