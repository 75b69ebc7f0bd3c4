import type { Style } from './style.ts'
import { clean } from './text.ts'

/** Says in the window's title that a person is waited for, and rings when nobody looks. */
export function windowTitle(title: string, waits: boolean, hasFocus: boolean, style: Style): string {
  const mark = waits ? `${style.marks.waits} ` : ''
  const bell = waits && !hasFocus ? '\u0007' : ''
  return `\u001b]2;${mark}codelab: ${clean(title)}\u0007${bell}`
}

/** Ctrl-Z: stops the whole job until the shell lets it go on. */
export function suspendProcess(onContinue: () => void): void {
  // Nothing else keeps the process alive between the stop and the signal that it goes on.
  const alive = setInterval(() => undefined, 60_000)
  process.once('SIGCONT', () => {
    clearInterval(alive)
    onContinue()
  })
  // The whole group: a launcher may stand between this process and the shell.
  process.kill(0, 'SIGTSTP')
}
