import { spawn } from 'node:child_process'
import { amount, plural } from '../screen/text.ts'
import { launcherPath } from '../version.ts'
import type { Chat } from './chat-session.ts'

const maxDoctorOutput = 64 * 1024
const doctorMs = 60_000

/** `/usage`: what the turns of this chat have used. */
export function showUsage({ screen, spent }: Chat): void {
  const { usage, turns } = spent
  if (!usage) {
    screen.notice('No turn has used anything yet.')
    return
  }
  const share = usage.input > 0 ? ` (${Math.round((usage.cached / usage.input) * 100)} % of the input)` : ''
  const rows = [
    ['model', usage.model],
    ['input', `${amount(usage.input)} tokens`],
    ['cached', `${amount(usage.cached)} tokens${share}`],
    ['output', `${amount(usage.output)} tokens`],
  ] as const
  screen.notice([`Since this chat began, ${plural(turns, 'turn')}:`, ...rows.map(row)].join('\n'))
}

function row([name, value]: readonly [string, string]): string {
  return `${name.padEnd(10)}${value}`
}

/** `/doctor`: what `codelab doctor` says. */
export async function showDoctor({ screen, place }: Chat, _argument: string, signal: AbortSignal): Promise<void> {
  const args = [...process.execArgv, launcherPath(), 'doctor', ...(screen.style.ascii ? ['--ascii'] : [])]
  const text = await new Promise<string>((resolve) => {
    const child = spawn(process.execPath, args, {
      cwd: place.folder,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: doctorMs,
      signal,
    })
    let output = ''
    const add = (piece: Buffer) => {
      output = (output + piece.toString('utf8')).slice(-maxDoctorOutput)
    }
    child.stdout.on('data', add)
    child.stderr.on('data', add)
    child.once('error', () => resolve('codelab doctor cannot be started.'))
    child.once('close', () => resolve(output.trimEnd()))
  })
  screen.print(screen.transcript.lines(screen.transcript.plainLines(text, screen.columns)))
}
