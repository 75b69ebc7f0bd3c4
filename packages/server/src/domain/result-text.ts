import { artifactCall, artifactLines } from './artifact.ts'
import type { Decision, SyntheticReason } from './tool-call.ts'

/** JSON with a space after `,` and `:`, non-ASCII as it is: the form in which models have always been given results. */
export function spacedJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(spacedJson).join(', ')}]`
  if (typeof value === 'object' && value !== null) {
    const fields = Object.entries(value).filter(([, field]) => field !== undefined)
    return `{${fields.map(([key, field]) => `${JSON.stringify(key)}: ${spacedJson(field)}`).join(', ')}}`
  }
  return JSON.stringify(value) ?? 'null'
}

/** What the model reads of a client's result (PROTOCOL 3.5 C). A non-empty error wins. */
export function resultText(result: unknown, error: string | undefined): string {
  if (error !== undefined && error !== '') return `Error: ${error}`
  if (result === undefined || result === null) return 'Tool executed successfully'
  return typeof result === 'string' ? result : spacedJson(result)
}

/** A result that no client gave (DESIGN 8). */
export function syntheticText(reason: SyntheticReason): string {
  return JSON.stringify({ error: 'No result was provided', reason })
}

/** The tool message of a decision (PROTOCOL 6.3). */
export function decisionText(
  decision: Decision,
  tool: string,
  args: Readonly<Record<string, unknown>>,
  feedback: string | undefined,
): string {
  if (decision === 'reject') {
    return spacedJson({ status: 'rejected', tool_name: tool, feedback: feedback || 'User rejected this operation' })
  }
  return spacedJson({
    status: decision === 'approve' ? 'approved' : 'approved_with_edits',
    tool_name: tool,
    arguments: args,
  })
}

/** Tells the model that what was run is not what it asked for. */
export function editedNote(args: Readonly<Record<string, unknown>>): string {
  return `The user changed the arguments before this ran. What ran: ${spacedJson(args)}\n\n`
}

const modelTextLimit = 64 * 1024
const headShare = 0.7
const encoder = new TextEncoder()
const decoder = new TextDecoder()

/** How the model reads the rest of a result that was cut. */
export interface WholeResult {
  readonly callId: string
  /** What is stored of it is this very text, so that its lines can be named; otherwise another one, from the client. */
  readonly isThis: boolean
}

/** Cuts a result for the model once, when it is stored: head, tail, and what to do about the rest. Bytes are UTF-8; no character is split.
 *  `whole` for a model that can read all of it. */
export function fitForModel(
  text: string,
  whole?: WholeResult,
  limit = modelTextLimit,
): { readonly text: string; readonly cut: boolean } {
  if (text.length * 3 <= limit) return { text, cut: false }
  const bytes = encoder.encode(text)
  if (bytes.length <= limit) return { text, cut: false }
  const headBytes = Math.floor(limit * headShare)
  const head = decoder.decode(bytes.subarray(0, headBytes)).replace(/\uFFFD$/, '')
  const tail = decoder.decode(bytes.subarray(bytes.length - (limit - headBytes))).replace(/^\uFFFD+/, '')
  const note = `\n[… ${bytes.length - limit} bytes left out. ${howToGoOn(head, whole)} …]\n`
  return { text: head + note + tail, cut: true }
}

function howToGoOn(head: string, whole: WholeResult | undefined): string {
  if (!whole) {
    return 'Ask for a smaller part: read_file with start_line and end_line, or a narrower search or command.'
  }
  const line = whole.isThis ? artifactLines(head).length : 1
  return `To read them: ${artifactCall(whole.callId, line)}`
}
