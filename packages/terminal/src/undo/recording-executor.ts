import type { Executor, ExecutorCall } from '../executor/executor.ts'
import type { ChangeLog } from './change-log.ts'

/** The tools that change files by name; what a command changes is not known. */
const changingTools: ReadonlySet<string> = new Set(['write_file', 'edit_file', 'delete_file', 'move_file'])
const pathNames = ['path', 'source_path', 'destination_path'] as const

/** The same executor, with what it changes kept in the log. */
export function recordChanges(executor: Executor, log: ChangeLog): Executor {
  return {
    ...executor,
    async run(call, options) {
      const paths = changedPaths(call)
      if (paths.length === 0) return executor.run(call, options)
      // A copy that cannot be kept makes /undo poorer, not the call impossible.
      await log.before(paths).catch(() => undefined)
      try {
        return await executor.run(call, options)
      } finally {
        await log.after(paths).catch(() => undefined)
      }
    },
  }
}

function changedPaths(call: ExecutorCall): string[] {
  if (!changingTools.has(call.tool)) return []
  const paths = pathNames.map((name) => call.arguments[name]).filter((value) => typeof value === 'string')
  return [...new Set(paths.map((path) => path.replaceAll('\\', '/').replace(/^(?:\.\/)+/, '')))]
}
