import { applyPatch, parsePatch, reversePatch, type StructuredPatch } from 'diff'

type Values = Readonly<Record<string, unknown>>

/** A call of which some changes can be left out. */
export interface Choosable {
  readonly count: number
  /** The arguments with only the changes that are wanted; undefined when that cannot be said exactly. */
  readonly keep: (wanted: readonly boolean[]) => Values | undefined
}

/** Undefined: all or nothing. `diff` is what the client showed. */
export function choosable(tool: string, values: Values, diff: string | undefined): Choosable | undefined {
  const { edits, content } = values
  if (tool === 'edit_file' && Array.isArray(edits) && edits.length > 1) {
    return { count: edits.length, keep: (wanted) => ({ ...values, edits: edits.filter((_, index) => wanted[index]) }) }
  }
  if (tool !== 'write_file' || typeof content !== 'string' || diff === undefined) return undefined
  const patch = parsed(diff)
  if (!patch || patch.hunks.length < 2) return undefined
  const keep = (wanted: readonly boolean[]) => {
    const kept = withoutHunks(content, patch, wanted)
    return kept === undefined ? undefined : { ...values, content: kept }
  }
  // A diff that does not fit what would be written is no ground to change it on.
  return keep(patch.hunks.map(() => false)) ? { count: patch.hunks.length, keep } : undefined
}

/** What would be written, with the old text where a change is not wanted. */
function withoutHunks(content: string, patch: StructuredPatch, wanted: readonly boolean[]): string | undefined {
  const unwanted = { ...patch, hunks: patch.hunks.filter((_, index) => wanted[index] === false) }
  if (unwanted.hunks.length === 0) return content
  const text = applyPatch(content, reversePatch(unwanted))
  return text === false ? undefined : text
}

function parsed(diff: string): StructuredPatch | undefined {
  try {
    const patches = parsePatch(diff)
    return patches.length === 1 ? patches[0] : undefined
  } catch {
    return undefined
  }
}
