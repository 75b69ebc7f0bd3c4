import type { ApprovalRequest } from '../conversation/events.ts'
import { changeOf, writeTitle } from './approval.ts'
import { callSubject } from './call-words.ts'
import { renderDiff } from './diff.ts'
import type { Style } from './style.ts'
import { clean, plural, reveal } from './text.ts'

const width = 100

/** What a call would do, in plain lines, whole. */
export function describeCall({ call, preview, agent, reason }: ApprovalRequest, style: Style): string[] {
  const head = (text: string) => `${style.mark(style.marks.waits, 'wait')}Approval needed: ${text}`
  const why = `${style.indent}${clean(agent)} asks${reason ? `: ${clean(reason)}` : ''}`
  switch (preview.kind) {
    case 'write':
    case 'delete': {
      const change = changeOf(preview)
      if (change === undefined) return [head(`delete ${reveal(preview.path)}, which is not a text file`), why]
      const what = preview.kind === 'write' ? writeTitle(call.tool, preview) : `delete ${clean(preview.path)}`
      const title = `${what}, ${plural(change.added, 'line')} added, ${change.removed} removed`
      return [head(title), ...renderDiff(change, width, style, { wrapped: true }), why]
    }
    case 'command': {
      const limit = preview.background ? 'in the background' : `at most ${preview.timeoutSeconds} s`
      const how = `in ${clean(preview.cwd)}, ${preview.shell ? 'in a shell' : 'no shell'}, ${limit}`
      return [
        head('run a command'),
        ...reveal(preview.command)
          .split('\n')
          .map((line) => `${style.indent}$ ${line}`),
        `${style.indent}${how}`,
        why,
      ]
    }
    case 'delete-folder': {
      const files = preview.files.map((file) => `${style.indent}${reveal(file)}`)
      return [head(`delete ${reveal(preview.path)}/ with ${plural(files.length, 'file')}`), ...files, why]
    }
    case 'handoff':
      return [head(`hand over to ${clean(preview.agent)}`), `${style.indent}${clean(preview.why)}`, why]
    default:
      return [head(`${clean(call.tool)} ${reveal(callSubject(call))}`), why]
  }
}
