/** Lines, bytes and characters of a line that one reading of an artefact gives. */
const mostLines = 2000
const mostBytes = 50 * 1024
const longestLine = 2000

const encoder = new TextEncoder()

/** The lines by which a stored result is read. One that is too long counts as several, so that all of it can be reached. */
export function artifactLines(text: string): string[] {
  return text.split(/\r?\n/).flatMap((line) => (line.length <= longestLine ? [line] : pieces(line)))
}

/** A part of a stored result for the model: numbered lines, how many there are, and the exact call for what follows. */
export function readArtifact(
  { callId, tool, text }: { readonly callId: string; readonly tool: string; readonly text: string },
  range: { readonly start: number; readonly end: number | undefined },
): { readonly ok: boolean; readonly text: string } {
  const lines = artifactLines(text)
  if (range.start > lines.length) {
    const next = artifactCall(callId, 1)
    return { ok: false, text: `The result of ${callId} has ${lines.length} lines. Read it from the start: ${next}` }
  }
  const wanted = lines.slice(range.start - 1, range.end === undefined ? undefined : Math.max(range.end, range.start))
  const shown: string[] = []
  let bytes = 0
  for (const line of wanted) {
    const numbered = `${range.start + shown.length}\t${line}`
    bytes += encoder.encode(numbered).length + 1
    if (shown.length === mostLines || bytes > mostBytes) break
    shown.push(numbered)
  }
  const last = range.start + shown.length - 1
  const head = `Result of ${tool} (${callId}), lines ${range.start}-${last} of ${lines.length}:`
  const left = lines.length - last
  const tail =
    left === 0 ? [] : [`[${left} more lines, from ${last + 1} on. To go on: ${artifactCall(callId, last + 1)}]`]
  return { ok: true, text: [head, ...shown, ...tail].join('\n') }
}

/** The call that reads an artefact, as a model has to write it. */
export function artifactCall(callId: string, startLine: number): string {
  return `read_artifact {"call_id": ${JSON.stringify(callId)}, "start_line": ${startLine}}`
}

function pieces(line: string): string[] {
  const found: string[] = []
  for (let from = 0; from < line.length; ) {
    let to = Math.min(from + longestLine, line.length)
    // No surrogate pair is split.
    if (to < line.length && isHighSurrogate(line.charCodeAt(to - 1))) to -= 1
    found.push(line.slice(from, to))
    from = to
  }
  return found
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff
}
