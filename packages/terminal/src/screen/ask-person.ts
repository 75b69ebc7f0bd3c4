import type { ApprovalRequest, Call, Decision } from '../conversation/events.ts'
import type { Executor } from '../executor/executor.ts'
import { AlwaysDialog, type OfferedRule } from './always-dialog.ts'
import { type ApprovalAnswer, ApprovalDialog, titledRule } from './approval.ts'
import { callSubject } from './call-words.ts'
import type { DialogHost } from './dialog.ts'
import { editInEditor, findEditor } from './edit-file.ts'
import { ConfirmDialog, TextDialog } from './line-dialogs.ts'
import type { Style } from './style.ts'
import { clean, clock } from './text.ts'

export interface PersonParts {
  readonly host: DialogHost
  readonly executor: Executor
  readonly style: () => Style
  readonly now: () => number
  readonly stateFolder: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** Makes rules that let calls pass; undefined where that is not offered. */
  readonly rules?: RuleMaker
  /** Approves the file changes that follow; undefined where that is not offered. */
  readonly acceptEdits?: () => void
}

/** Rules that would let a call pass, and the making of one. Both give undefined, and say why, when the server does not. */
export interface RuleMaker {
  offer(callId: string): Promise<readonly OfferedRule[] | undefined>
  /** What the rule says, in words. */
  make(rule: OfferedRule): Promise<string | undefined>
}

const nobody: Decision = { kind: 'reject', by: 'you', feedback: '' }

/** Puts a call before a person until it is approved, approved with changes, or rejected. An abort rejects. */
export async function askPerson(parts: PersonParts, request: ApprovalRequest, signal: AbortSignal): Promise<Decision> {
  const since = parts.now()
  let current = request
  while (!signal.aborted) {
    const isEdited = current !== request
    const answer = await askOnce(parts, current, { since, isEdited }, signal)
    if (answer === undefined) break
    if (answer === 'approve') {
      return isEdited ? { kind: 'edit', by: 'you', arguments: current.call.arguments } : { kind: 'approve', by: 'you' }
    }
    if (answer === 'accept-edits') {
      parts.acceptEdits?.()
      return { kind: 'approve', by: 'you' }
    }
    if (answer === 'always') {
      const rule = await askAlways(parts, current, signal)
      if (rule !== undefined) return { kind: 'approve', by: 'you' }
    }
    if (answer === 'original') current = request
    if (answer === 'reject') {
      const reason = await askReason(parts, current, signal)
      if (reason !== undefined && !signal.aborted) return { kind: 'reject', by: 'you', feedback: reason.trim() }
    }
    if (answer === 'edit') current = (await edit(parts, current, since, signal)) ?? current
  }
  return nobody
}

async function askOnce(
  parts: PersonParts,
  request: ApprovalRequest,
  state: { since: number; isEdited: boolean },
  signal: AbortSignal,
): Promise<ApprovalAnswer | undefined> {
  const options = {
    request,
    style: parts.style(),
    root: parts.executor.root,
    shownAt: parts.now(),
    canEdit: canEdit(parts, request),
    canAlways: parts.rules !== undefined && request.call.isProtected !== true,
    canAcceptEdits: parts.acceptEdits !== undefined,
    ...state,
  }
  return parts.host.ask<ApprovalAnswer | undefined>((settle) => new ApprovalDialog(options, settle), undefined, signal)
}

/** A file is edited in the person's editor, a command in place; nothing else can be. */
function canEdit(parts: PersonParts, { preview }: ApprovalRequest): boolean {
  return preview.kind === 'command' || (preview.kind === 'write' && findEditor(parts.env) !== undefined)
}

async function askReason(
  parts: PersonParts,
  request: ApprovalRequest,
  signal: AbortSignal,
): Promise<string | undefined> {
  const style = parts.style()
  const above = [
    style.paint('dim', `${style.indent}Why not? ${clean(request.agent)} reads it.  (Enter sends, Esc goes back)`),
  ]
  const options = { style, above, prompt: style.prompt, below: [] }
  return parts.host.ask<string | undefined>((settle) => new TextDialog(options, settle), undefined, signal)
}

/** Shows the rules that would let such calls pass, and makes the one that the person takes. */
async function askAlways(
  parts: PersonParts,
  request: ApprovalRequest,
  signal: AbortSignal,
): Promise<string | undefined> {
  const offered = await parts.rules?.offer(request.call.callId)
  if (!offered || signal.aborted) return undefined
  const style = parts.style()
  const subject = `${clean(request.call.tool)} ${callSubject(request.call)}`
  const options = { style, subject, rules: offered, shownAt: parts.now() }
  const rule = await parts.host.ask<OfferedRule | undefined>(
    (settle) => new AlwaysDialog(options, settle),
    undefined,
    signal,
  )
  return rule && !signal.aborted ? parts.rules?.make(rule) : undefined
}

/** The request with the person's arguments, or undefined when they changed nothing. */
async function edit(
  parts: PersonParts,
  request: ApprovalRequest,
  since: number,
  signal: AbortSignal,
): Promise<ApprovalRequest | undefined> {
  const changed = await changedArguments(parts, request, since, signal)
  if (!changed) return undefined
  const edited: Call = { ...request.call, arguments: { ...request.call.arguments, ...changed } }
  return { ...request, call: edited, preview: await parts.executor.preview(edited, request.session) }
}

async function changedArguments(
  parts: PersonParts,
  { call, preview }: ApprovalRequest,
  since: number,
  signal: AbortSignal,
): Promise<Call['arguments'] | undefined> {
  if (preview.kind === 'write') {
    const after = await editText(parts, preview.after, preview.path)
    if (after === undefined || after === preview.after) return undefined
    if (call.tool !== 'edit_file') return { content: after }
    // One edit of the whole text: what the person saved is what is written.
    return { edits: [{ old_text: preview.before ?? '', new_text: after }] }
  }
  const before = typeof call.arguments['command'] === 'string' ? call.arguments['command'] : ''
  const after = await editCommand(parts, before, since, signal)
  return after === undefined || after === before || after.trim() === '' ? undefined : { command: after }
}

async function editText(parts: PersonParts, text: string, path: string): Promise<string | undefined> {
  const editor = findEditor(parts.env)
  if (!editor) return undefined
  return parts.host.lend(() => editInEditor(editor, text, { folder: parts.stateFolder, path }))
}

async function editCommand(
  parts: PersonParts,
  command: string,
  since: number,
  signal: AbortSignal,
): Promise<string | undefined> {
  const style = parts.style()
  const paint = (text: string) => style.paint('wait', text)
  const head = `${paint(style.marks.waits)} ${style.bold('run a command')}`
  const make = (settle: (text: string | undefined) => void) => {
    const below = [style.paint('dim', `${style.indent}Enter checks the command   Esc goes back`)]
    const dialog = new TextDialog(
      { style, above: [''], prompt: `${style.indent}command  `, below, text: command },
      settle,
    )
    return {
      waits: true,
      key: dialog.key.bind(dialog),
      view(size: { columns: number; rows: number }, now: number) {
        const { rows, cursor } = dialog.view(size)
        const header = titledRule(head, `waits ${clock(now - since)}`, size.columns, style, paint)
        return { rows: [header, ...rows.slice(1)], ...(cursor ? { cursor } : {}) }
      },
    }
  }
  return parts.host.ask<string | undefined>(make, undefined, signal)
}

/** Asks whether a call that is open since earlier may run here. Everything but a clear yes is a no. */
export async function askOpenCall(
  parts: PersonParts,
  request: ApprovalRequest,
  why: 'started' | 'other-folder',
  signal: AbortSignal,
): Promise<boolean> {
  const style = parts.style()
  const what = `${clean(request.call.tool)} ${callSubject(request.call)}`
  const lines =
    why === 'started'
      ? [`${what} was started before and its end was never noted. It may have run already.`]
      : [`${what} is open since another folder. It would run in this one.`]
  const options = {
    style,
    lines,
    shownAt: parts.now(),
    yes: why === 'started' ? 'run it again' : 'run it here',
    no: 'leave it out',
  }
  return parts.host.ask((settle) => new ConfirmDialog(options, settle), false, signal)
}
