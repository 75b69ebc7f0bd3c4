import type { InboxApproval } from '@codelab/protocol'
import { type FileDiff, readDiff } from '../../kit/diff-lines.ts'

/** What a person has to see of a call before they decide: all of it from the server, nothing from the model's words. */
export interface Facts {
  readonly verb: 'write' | 'create' | 'edit' | 'remove' | 'move' | 'folder' | 'run' | 'use'
  /** A path, or the name of the tool. */
  readonly object: string
  readonly command?: string
  readonly folder?: string
  readonly diff?: FileDiff
  /** What is shown as it came, because it could not be read as a diff. */
  readonly raw?: string
  readonly isCut: boolean
  /** What is not shown otherwise, as it is sent. */
  readonly rest: Readonly<Record<string, unknown>>
}

const verbs: Readonly<Record<string, Facts['verb']>> = {
  write_file: 'write',
  edit_file: 'edit',
  delete_file: 'remove',
  move_file: 'move',
  create_directory: 'folder',
  execute_command: 'run',
}

export function factsOf({ tool_name: tool, arguments: args, preview }: InboxApproval): Facts {
  const { path, command, cwd, content, source_path: source, destination_path: destination, ...rest } = args
  const verb = verbs[tool] ?? 'use'
  const isNew = preview !== null && preview.old_sha256 === null
  const written = typeof content === 'string' ? content : undefined
  const read = preview && readDiff(preview.diff)
  const isUnread = read !== null && read.hunks.length === 0 && preview !== null && preview.diff.trim() !== ''
  const diff = read && !isUnread ? read : written === undefined ? undefined : asNewFile(written)
  const moved = [source, destination].every((part) => typeof part === 'string')
  return {
    verb: verb === 'write' && isNew ? 'create' : verb,
    object: text(path) ?? (moved ? `${source} → ${destination}` : tool),
    ...(typeof command === 'string' && { command }),
    ...(typeof cwd === 'string' && { folder: cwd }),
    ...(diff && { diff }),
    ...(isUnread && { raw: preview.diff }),
    isCut: preview?.truncated ?? false,
    rest: diff ? {} : rest,
  }
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** Without a preview nobody knows what was there before: the whole new text is shown. */
function asNewFile(content: string): FileDiff {
  const lines = content.replace(/\n$/, '').split('\n')
  return {
    added: lines.length,
    removed: 0,
    hunks: [
      {
        head: '',
        lines: lines.map((line, index) => ({
          kind: 'add',
          before: undefined,
          after: index + 1,
          pieces: [{ text: line, isChanged: false }],
        })),
      },
    ],
  }
}

const most = 4

/** The first change with nothing around it, for a card in a list. */
export function firstChange(diff: FileDiff): { readonly diff: FileDiff; readonly left: number } {
  const changed = diff.hunks.flatMap(({ lines }) => lines.filter(({ kind }) => kind !== 'same'))
  const lines = changed.slice(0, most)
  return { diff: { ...diff, hunks: [{ head: '', lines }] }, left: changed.length - lines.length }
}
