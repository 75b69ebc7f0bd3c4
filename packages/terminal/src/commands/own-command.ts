import { lastLines } from '../screen/call-words.ts'
import { clean, duration, plural, spread } from '../screen/text.ts'
import { runShellCommand } from '../workspace/shell-command.ts'
import type { Chat } from './chat-session.ts'
import { monotonicNow } from './workplace.ts'

export interface OwnCommand {
  readonly line: string
  /** What it wrote goes to the model with the next message. */
  readonly isTold: boolean
}

const shownLines = 200
const liveRows = 8
const toldCharacters = 20_000

/** `!line` is a command of the person's own; `!!line` is one that the model is not told about. */
export function ownCommand(text: string): OwnCommand | undefined {
  const [, marks, line] = /^(!{1,2})\s*(\S[\s\S]*)$/.exec(text.trim()) ?? []
  return marks === undefined || line === undefined ? undefined : { line, isTold: marks === '!' }
}

/** Runs it in the folder and shows what it writes. Nothing is asked: the person has typed it. */
export async function runOwnCommand(
  chat: Chat,
  command: OwnCommand,
  options: { env: Readonly<Record<string, string | undefined>>; signal: AbortSignal },
): Promise<void> {
  const { screen, place } = chat
  const { style, transcript } = screen
  screen.person(`${command.isTold ? '!' : '!!'}${command.line}`)
  const startedAt = monotonicNow()
  let output = ''
  const running = screen.showRunning((now) => {
    const time = duration(now - startedAt)
    const head = `${style.mark(style.turning(now), 'accent')}${clean(command.line).replace(/\s+/g, ' ')}`
    const rows = transcript.outputLines(lastLines(output, liveRows), screen.columns)
    return [spread(head, style.paint('dim', `${time}  Ctrl-C stops`), screen.columns, style.marks.more), ...rows]
  })
  const onOutput = (text: string) => {
    output = (output + text).slice(-64 * 1024)
  }
  try {
    const end = await runShellCommand(command.line, {
      cwd: place.folder,
      env: options.env,
      signal: options.signal,
      onOutput,
    })
    running.end()
    const lines = lastLines(end.output.trimEnd(), Number.MAX_SAFE_INTEGER).filter(
      (line, _, all) => all.length > 1 || line !== '',
    )
    const hidden = lines.length - shownLines
    const shown = lines.slice(-shownLines)
    const result = end.wasStopped ? 'stopped' : `exit ${end.exitCode}`
    const figures = `${result}, ${plural(lines.length, 'line')}${duration(monotonicNow() - startedAt).padStart(10)}`
    const isGood = end.exitCode === 0
    const mark = end.wasStopped ? style.marks.stopped : isGood ? style.marks.done : style.marks.failed
    const head =
      style.mark(mark, end.wasStopped ? 'dim' : isGood ? 'ok' : 'bad') + clean(command.line).replace(/\s+/g, ' ')
    screen.print(
      transcript.calls([
        spread(head, style.paint('dim', figures), screen.columns, style.marks.more),
        ...(hidden > 0 ? [style.paint('dim', `${style.indent}${style.marks.more} ${hidden} lines above`)] : []),
        ...transcript.outputLines(shown, screen.columns),
      ]),
    )
    if (!command.isTold) return
    chat.notes.add(toldNote(command.line, result, clean(end.output)))
    screen.notice('The model is told with your next message; !! runs a command untold.')
  } catch {
    running.end()
    screen.notice(`${command.line} cannot be run: the shell was not found. Set SHELL.`)
  }
}

function toldNote(line: string, result: string, output: string): string {
  const kept = output.slice(-toldCharacters)
  const cut =
    output.length > kept.length ? `[${output.length - kept.length} characters before this are left out]\n` : ''
  return `The person ran a command in the folder: ${line}\nIt ended with ${result}. Its output:\n${cut}${kept.trimEnd()}`
}
