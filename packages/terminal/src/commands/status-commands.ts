import { spawn } from 'node:child_process'
import type { SessionUsage } from '@codelab/protocol'
import { amount, clean, plural } from '../screen/text.ts'
import { launcherPath } from '../version.ts'
import type { Chat } from './chat-session.ts'

const maxDoctorOutput = 64 * 1024
const doctorMs = 60_000

/** `/usage`: what the session has used, as the server counted it, model by model. */
export async function showUsage({ screen, place, conversation }: Chat): Promise<void> {
  if (conversation.isNew) {
    screen.notice('No turn has used anything yet.')
    return
  }
  const { total, models } = await place.link.client.usage(conversation.sessionId)
  const rows = models.map((model) => `${clean(model.model).padEnd(24)}  ${figures(model)}`)
  screen.notice([...rows, ...(models.length > 1 ? [`${'all'.padEnd(24)}  ${figures(total)}`] : [])].join('\n'))
}

type Figures = Pick<SessionUsage['total'], 'calls' | 'input_tokens' | 'cached_tokens' | 'output_tokens' | 'cost'>

function figures({ calls, input_tokens: input, cached_tokens: cached, output_tokens: output, cost }: Figures): string {
  const share = input > 0 ? ` (${Math.round((cached / input) * 100)} % cached)` : ''
  const price = cost === null ? 'cost not known' : `$${cost.toFixed(2)}`
  return `${plural(calls, 'call')}, ${amount(input)} in${share}, ${amount(output)} out, ${price}`
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
