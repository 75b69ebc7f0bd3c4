import { homedir } from 'node:os'
import { join } from 'node:path'
import type { ApprovalRequest } from '../conversation/events.ts'
import { diffTexts, type FileChange } from '../conversation/file-change.ts'
import type { CallPreview } from '../executor/executor.ts'
import { callSubject } from './call-words.ts'
import { type Dialog, type DialogView, settleMs } from './dialog.ts'
import { renderCounts, renderDiff } from './diff.ts'
import type { Key } from './keys.ts'
import type { Size } from './live-area.ts'
import type { Style } from './style.ts'
import { clean, clock, cut, plural, reveal, splitGraphemes, widthOf, wrap } from './text.ts'

export type ApprovalAnswer = 'approve' | 'accept-edits' | 'always' | 'edit' | 'reject' | 'original'

export interface ApprovalOptions {
  readonly request: ApprovalRequest
  readonly style: Style
  /** When the call began to wait. */
  readonly since: number
  /** When this dialog came up. */
  readonly shownAt: number
  readonly root: string
  readonly canEdit: boolean
  /** The person has changed the arguments and is asked once more. */
  readonly isEdited: boolean
  /** A rule can be made that lets such calls pass from now on. */
  readonly canAlways?: boolean
  /** Shift-Tab approves this file change and those that follow. */
  readonly canAcceptEdits?: boolean
}

const rowsAroundBody = 6

/** What a call does to the text of a file; undefined for everything else. */
export function changeOf(preview: CallPreview): FileChange | undefined {
  if (preview.kind === 'write') return diffTexts(preview.before, preview.after)
  return preview.kind === 'delete' && preview.before !== null ? diffTexts(preview.before, '') : undefined
}

export function writeTitle(tool: string, preview: Extract<CallPreview, { kind: 'write' }>): string {
  const verb = tool === 'edit_file' && preview.before !== null ? 'edit' : 'write'
  return `${verb} ${clean(preview.path)}${preview.before === null ? ' (new)' : ''}`
}

/** Shows what a call would do and waits for a letter. Enter, Esc and the end of input never approve. */
export class ApprovalDialog implements Dialog {
  readonly waits = true
  readonly #options: ApprovalOptions
  readonly #settle: (answer: ApprovalAnswer) => void
  readonly #change: FileChange | undefined
  #scroll = 0
  #isWrapped = false
  #page = 1
  #bodyLength = 0

  constructor(options: ApprovalOptions, settle: (answer: ApprovalAnswer) => void) {
    this.#options = options
    this.#settle = settle
    const { preview } = options.request
    this.#change = changeOf(preview)
  }

  view(size: Size, now: number): DialogView {
    const { style } = this.#options
    const body = this.#body(size.columns)
    this.#bodyLength = body.length
    this.#page = Math.max(3, Math.floor((size.rows * 2) / 3) - rowsAroundBody)
    this.#scroll = Math.max(0, Math.min(this.#scroll, body.length - this.#page))
    const shown = body.slice(this.#scroll, this.#scroll + this.#page)
    const { first, last } = { first: this.#scroll + 1, last: this.#scroll + shown.length }
    const position = body.length > this.#page ? `lines ${first} to ${last} of ${body.length}` : ''
    return {
      rows: [
        this.#header(size.columns, now),
        ...shown,
        titledRule('', position, size.columns, style, (text) => style.paint('dim', text)),
        ...this.#reason(size.columns),
        '',
        ...this.#keys(size.columns),
      ],
    }
  }

  key(key: Key, now: number, lineIsEmpty: boolean): boolean {
    if (!lineIsEmpty) return false
    if (this.#scrollBy(key)) return true
    if (now - this.#options.shownAt < settleMs) return false
    if (key.name === 'shift-tab' && this.#acceptsEdits) {
      this.#settle('accept-edits')
      return true
    }
    if (key.name !== 'char' || key.ctrl || key.alt) return false
    return this.#letter(key.text.toLowerCase())
  }

  get #acceptsEdits(): boolean {
    const { canAcceptEdits, isEdited, request } = this.#options
    return canAcceptEdits === true && !isEdited && request.preview.kind === 'write'
  }

  #letter(letter: string): boolean {
    const { canEdit, isEdited, canAlways } = this.#options
    if (letter === 'a') this.#settle('approve')
    else if (letter === 'r') this.#settle('reject')
    else if (letter === 'l' && canAlways && !isEdited) this.#settle('always')
    else if (letter === 'e' && canEdit) this.#settle('edit')
    else if (letter === 'o' && isEdited) this.#settle('original')
    else if (letter === 'w' && this.#change) this.#isWrapped = !this.#isWrapped
    else return false
    return true
  }

  #scrollBy(key: Key): boolean {
    if (this.#bodyLength <= this.#page) return false
    const steps: Readonly<Record<string, number>> = {
      up: -1,
      down: 1,
      pageup: 1 - this.#page,
      pagedown: this.#page - 1,
    }
    const step = steps[key.name]
    if (step === undefined) return false
    this.#scroll += step
    return true
  }

  #header(columns: number, now: number): string {
    const { style, since, isEdited } = this.#options
    const paint = (text: string) => style.paint('wait', text)
    const counts = this.#change ? `  ${renderCounts(this.#change, style)}` : ''
    const note = isEdited ? ', edited by you' : ''
    const waits = `waits ${clock(now - since)}`
    const room = columns - widthOf(counts) - note.length - waits.length - style.margin - 10
    const title = style.bold(cut(this.#title(), Math.max(8, room), style.marks.more))
    return titledRule(`${paint(style.marks.waits)} ${title}${counts}${note}`, waits, columns, style, paint)
  }

  #title(): string {
    const { preview, call } = this.#options.request
    if (preview.kind === 'write') return writeTitle(call.tool, preview)
    if (preview.kind === 'delete') return `delete ${clean(preview.path)}`
    if (preview.kind === 'delete-folder') {
      return `delete ${clean(preview.path)}/ with ${plural(preview.files.length, 'file')}`
    }
    if (preview.kind === 'move') return 'move'
    if (preview.kind === 'command') return 'run a command'
    if (preview.kind === 'directory') return 'create a folder'
    if (preview.kind === 'handoff') return `hand over to ${clean(preview.agent)}`
    if (preview.kind === 'read') return `read ${clean(preview.path)}`
    return clean(call.tool)
  }

  #body(columns: number): string[] {
    const { style, request, root } = this.#options
    const { preview } = request
    if (this.#change) return renderDiff(this.#change, columns, style, { wrapped: this.#isWrapped })
    const room = columns - 2 * style.margin
    if (preview.kind === 'command') {
      const prompt = `${shortPath(join(root, preview.cwd))} $ `
      return hardWrap(prompt + reveal(preview.command), room).map((row, index) =>
        index === 0
          ? `${style.indent}${style.paint('dim', prompt)}${row.slice(prompt.length)}`
          : `${style.indent}${row}`,
      )
    }
    const text =
      preview.kind === 'directory'
        ? `${reveal(preview.path)}/`
        : preview.kind === 'move'
          ? `${reveal(preview.path)} -> ${reveal(preview.to)}`
          : preview.kind === 'delete-folder'
            ? preview.files.map(reveal).join('\n')
            : preview.kind === 'handoff'
              ? reveal(preview.why)
              : reveal(callSubject(request.call))
    return hardWrap(text, room).map((row) => style.indent + row)
  }

  #reason(columns: number): string[] {
    const { style, request } = this.#options
    const { preview } = request
    const limits = preview.kind === 'command' ? commandLimits(preview) : ''
    const asks = `${clean(request.agent)} asks because ${reasonFor(request)}`
    const text = preview.kind === 'refused' ? `This cannot work: ${clean(preview.reason)}` : asks
    const width = columns - style.margin
    const line = limits ? `${text}   ${limits}` : text
    const rows = widthOf(line) <= width ? [line] : [...wrap(text, width), ...(limits ? wrap(limits, width) : [])]
    return rows.map((row) => style.indent + row)
  }

  #keys(columns: number): string[] {
    const { style, canEdit, isEdited, canAlways } = this.#options
    const key = (label: string) => label.replace(/\[.\]/, (found) => style.bold(found))
    const isLong = this.#bodyLength > this.#page
    const keys = [
      isEdited ? '[a]pprove the edited change' : '[a]pprove',
      ...(canEdit ? [isEdited ? '[e]dit again' : '[e]dit'] : []),
      ...(isEdited ? ['[o]riginal'] : []),
      isEdited ? '[r]eject' : '[r]eject with reason',
      ...(canAlways && !isEdited ? ['a[l]ways'] : []),
      ...(this.#change ? [this.#isWrapped ? '[w] cut lines' : '[w]rap'] : []),
      ...(isLong ? [style.ascii ? 'up/down scroll' : '↑↓ scroll'] : []),
      ...(this.#acceptsEdits ? ['Shift-Tab accepts edits'] : []),
    ]
    const rows: string[] = []
    for (const label of keys) {
      const last = rows.at(-1)
      const longer = last === undefined ? undefined : `${last}   ${key(label)}`
      if (longer !== undefined && widthOf(longer) <= columns) rows[rows.length - 1] = longer
      else rows.push(style.indent + key(label))
    }
    return rows
  }
}

const kinds: Readonly<Record<CallPreview['kind'], string | undefined>> = {
  write: 'file changes need a person',
  command: 'commands need a person',
  directory: 'new folders need a person',
  delete: 'deletions need a person',
  'delete-folder': 'deletions need a person',
  move: 'moves need a person',
  handoff: undefined,
  read: undefined,
  refused: undefined,
}

function reasonFor({ preview, call, reason }: ApprovalRequest): string {
  // It begins with the name of an agent.
  if (preview.kind === 'handoff' && reason) return clean(reason)
  // Where a rule decided, it says more than what is usual.
  if (call.rule !== undefined && reason) return lowerFirst(clean(reason))
  const usual = kinds[preview.kind]
  if (usual) return preview.kind === 'command' ? usual : `${usual} (rule ${clean(call.tool)})`
  return reason ? lowerFirst(clean(reason)) : `${clean(call.tool)} needs a person`
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1)
}

function commandLimits(preview: Extract<CallPreview, { kind: 'command' }>): string {
  const limit = preview.background ? 'runs on in the background' : `time-out ${preview.timeoutSeconds} s`
  return `${limit}, ${preview.shell ? 'in a shell' : 'no shell'}`
}

/** Broken anywhere, so that every character of a command is on the screen. */
function hardWrap(text: string, width: number): string[] {
  return text.split('\n').flatMap((line) => {
    const rows = ['']
    for (const character of splitGraphemes(line)) {
      const longer = (rows.at(-1) ?? '') + character
      if (widthOf(longer) <= width) rows[rows.length - 1] = longer
      else rows.push(character)
    }
    return rows
  })
}

/** A rule with a text near its left and one near its right end. */
export function titledRule(
  left: string,
  right: string,
  columns: number,
  style: Style,
  paint: (text: string) => string,
): string {
  const line = style.marks.rule
  const start = left === '' ? '' : `${line}${line} `
  const end = right === '' ? '' : ` ${right} ${line}`
  const gap = Math.max(1, columns - widthOf(start) - widthOf(left) - (left ? 1 : 0) - widthOf(end))
  return `${paint(start)}${left}${left ? ' ' : ''}${paint(line.repeat(gap) + end)}`
}

/** The home folder as `~`. */
export function shortPath(path: string, home = homedir()): string {
  return path === home ? '~' : path.startsWith(`${home}/`) ? `~${path.slice(home.length)}` : path
}
