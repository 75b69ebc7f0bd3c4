import type { Terminal } from './tmux.ts'

export const turnEnd = /^ {2,3}turn [\s\S]* ready$/m
/** An approval takes keys half a second after it came up: when its clock shows a second, it does. */
export const canDecide = /waits 0:(?!00)\d\d/

export async function say(terminal: Terminal, message: string): Promise<void> {
  await terminal.see(/ ready$/)
  await terminal.type(message)
  await terminal.see(message.slice(0, terminal.columns - 4))
  await terminal.press('Enter')
}
