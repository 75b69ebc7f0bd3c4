import { diffTexts } from '../conversation/file-change.ts'
import { renderCounts, renderDiff } from '../screen/diff.ts'
import { clean, plural } from '../screen/text.ts'
import type { ChangedFile } from '../undo/change-log.ts'
import { captureFile } from '../undo/file-copy.ts'
import { type UndoneFile, undoLastTurn, undoNote } from '../undo/undo-turn.ts'
import type { Chat } from './chat-session.ts'

const maxDiffLines = 600

/** `/diff`: what the last turn changed; `/diff session`: what all turns of the session did, as far as it is still there. */
export async function showChanges(chat: Chat, argument: string): Promise<void> {
  const { screen, place } = chat
  const turns = (await place.changes.turnsOf(chat.conversation.sessionId)).filter(({ changes }) => !changes.undone)
  const shown = argument === 'session' ? turns : turns.slice(0, 1)
  const files = new Map<string, ChangedFile>()
  // The oldest copy of a file wins: it is what the first of these turns found.
  for (const { changes } of shown) for (const file of changes.files) files.set(file.path, file)
  const lines: string[] = []
  for (const file of [...files.values()].sort((a, b) => (a.path < b.path ? -1 : 1))) {
    lines.push(...(await fileLines(chat, file)))
  }
  if (lines.length === 0) return screen.notice(nothingText(argument))
  const more = lines.length - maxDiffLines
  const rest = more > 0 ? [screen.style.paint('dim', `${screen.style.indent}${more} more lines`)] : []
  screen.print(screen.transcript.lines([...lines.slice(0, maxDiffLines), ...rest]))
}

function nothingText(argument: string): string {
  const where = argument === 'session' ? 'session' : 'turn'
  return `No file was changed by a tool in the last ${where}. What commands changed is not known here: git diff shows it.`
}

async function fileLines(chat: Chat, file: ChangedFile): Promise<string[]> {
  const { screen, place } = chat
  const { style } = screen
  const now = await captureFile(place.changes.root, file.path)
  const before = await place.changes.contentBefore(file)
  const name = style.bold(clean(file.path))
  if (before === undefined || !now || now.isTooLarge) return [`${style.indent}${name}  too large to be compared`]
  const after = now.bytes?.toString('utf8') ?? null
  const old = before?.toString('utf8') ?? null
  if (old === after) return []
  const change = diffTexts(old, after ?? '')
  const what = old === null ? ' (new)' : after === null ? ' (deleted)' : ''
  return [`${style.indent}${name}${what}  ${renderCounts(change, style)}`, ...renderDiff(change, screen.columns, style)]
}

/** `/undo`: takes back what the tools of the last turn wrote. */
export async function undoChanges(chat: Chat): Promise<void> {
  const { screen, place } = chat
  const undone = await undoLastTurn(place.changes, chat.conversation.sessionId)
  if (!undone) {
    return screen.notice('Nothing to undo: no file was changed by a tool in this session. What commands changed stays.')
  }
  screen.print(screen.transcript.lines(undone.map((file) => undoneLine(chat, file))))
  place.link.note(undoNote(undone))
  const left = undone.filter(({ what }) => what === 'left').length
  const kept =
    left > 0 ? ` ${plural(left, 'file')} left as it is.`.replace('files left as it is', 'files left as they are') : ''
  screen.notice(`The model is told with your next message.${kept}`)
}

function undoneLine(chat: Chat, { path, what, why }: UndoneFile): string {
  const { style } = chat.screen
  const mark = what === 'left' ? style.mark(style.marks.failed, 'bad') : style.mark(style.marks.done, 'ok')
  return `${mark}${what.padEnd(8)}  ${clean(path)}${why ? style.paint('dim', `  ${clean(why)}`) : ''}`
}
