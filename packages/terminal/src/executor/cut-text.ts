import { countLines } from './wording.ts'

const headShare = 0.2
/** What the server keeps of a result, and what fits into one request however the text is escaped there. */
const artifactBytes = 8 * 1024 * 1024
const requestBytes = 15 * 1024 * 1024

/** What a model reads of a text, and the whole of it where that is not all. */
interface CutText {
  readonly text: string
  readonly artifact?: string
}

/** A fifth from the head, the rest from the tail, whole lines where there are any; between them what is missing and the call that shows it. */
export function cutText(whole: string, limit: number, callId: string): CutText {
  if (whole.length <= limit) return { text: whole }
  const artifact = fitArtifact(whole)
  const headEnd = lineStartBefore(whole, Math.floor(limit * headShare))
  const tailStart = lineStartAfter(whole, whole.length - (limit - headEnd))
  const [head, tail] = [whole.slice(0, headEnd), whole.slice(tailStart)]
  const middle = whole.slice(headEnd, tailStart)
  const first = newlinesIn(head) + 1
  const last = first + Math.max(1, countLines(middle)) - 1
  const lines = first === last ? `line ${first}` : `lines ${first}-${last}`
  const characters = middle.length.toLocaleString('en-US')
  const call = `read_artifact ${JSON.stringify({ call_id: callId, start_line: first })}`
  const note = `[… ${characters} characters left out, in ${lines} of ${countLines(whole)}. To read them: ${call} …]`
  const text = `${head}${head.endsWith('\n') || head === '' ? '' : '\n'}${note}\n${tail}`
  return { text: text.toWellFormed(), artifact }
}

/** Bounded in bytes as they are stored, and as they travel. */
function fitArtifact(whole: string): string {
  let text = whole
  while (Buffer.byteLength(text) > artifactBytes || Buffer.byteLength(JSON.stringify(text)) > requestBytes) {
    const share = Math.floor(text.length * 0.45)
    const left = (text.length - 2 * share).toLocaleString('en-US')
    text = `${text.slice(0, share)}\n[… ${left} characters are lost …]\n${text.slice(-share)}`.toWellFormed()
  }
  return text
}

/** Lines are kept whole unless one of them is most of the part. */
function lineStartBefore(text: string, at: number): number {
  const found = text.lastIndexOf('\n', at - 1) + 1
  return found > at / 2 ? found : at
}

function lineStartAfter(text: string, at: number): number {
  const found = text.indexOf('\n', at - 1) + 1
  return found > 0 && found - at < (text.length - at) / 2 ? found : at
}

function newlinesIn(text: string): number {
  let count = 0
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) count++
  return count
}
