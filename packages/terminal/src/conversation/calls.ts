import type { CallPreview, Executor, ToolOutcome } from '../executor/executor.ts'
import type { Call, ChangeCount, FinishedCall } from './events.ts'
import { diffTexts } from './file-change.ts'

const readTools: ReadonlySet<string> = new Set(['read_file', 'list_files', 'search_in_code', 'search_files'])

/** Whether a call only looks, so that several may run at once. */
export function onlyReads(call: Call): boolean {
  return readTools.has(call.tool)
}

/** Runs one call and measures it; a change of a file is counted before it is made. */
export async function runCall(
  executor: Executor,
  call: Call,
  options: {
    now: () => number
    signal: AbortSignal
    onOutput: (text: string) => void
    preview?: CallPreview | undefined
  },
): Promise<FinishedCall> {
  const preview = options.preview ?? (onlyReads(call) ? undefined : await executor.preview(call))
  const change = preview?.kind === 'write' ? countChange(preview) : undefined
  const start = options.now()
  const outcome: ToolOutcome = options.signal.aborted
    ? { ok: false, error: 'Cancelled by the user', summary: 'stopped' }
    : await executor.run(call, { signal: options.signal, onOutput: options.onOutput })
  const ms = options.now() - start
  return { call, outcome, ms, ...(change && outcome.ok ? { change } : {}) }
}

function countChange(preview: Extract<CallPreview, { kind: 'write' }>): ChangeCount {
  const { added, removed } = diffTexts(preview.before, preview.after)
  return { path: preview.path, added, removed }
}
