import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { endGroup, holdGroup } from '../executor/process-group.ts'

export interface ShellCommandEnd {
  /** As a shell tells it; 130 when it was stopped. */
  readonly exitCode: number
  readonly wasStopped: boolean
  /** The end of what it wrote, both streams in order of arrival. */
  readonly output: string
  /** Characters before that which were left out. */
  readonly leftOut: number
}

const maxOutput = 30_000
const graceMs = 500

/** Runs a command line of the person's own in their shell. Its group ends with the signal; nothing is asked, its stdin is closed. */
export async function runShellCommand(
  command: string,
  options: {
    cwd: string
    env: Readonly<Record<string, string | undefined>>
    signal: AbortSignal
    onOutput: (text: string) => void
  },
): Promise<ShellCommandEnd> {
  const { cwd, env, signal, onOutput } = options
  const shell = env['SHELL'] || '/bin/sh'
  const child = spawn(shell, ['-c', command], { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  let length = 0
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8')
    stream.on('data', (text: string) => {
      length += text.length
      output = (output + text).slice(-maxOutput)
      onOutput(text)
    })
  }
  const ended = once(child, 'close')
  const leader = child.pid
  // Without a process there is an error event, and `once` throws it.
  if (leader === undefined) await ended
  const release = leader === undefined ? () => undefined : holdGroup(leader)
  const stop = () => {
    if (leader !== undefined) endGroup(leader, graceMs).catch(() => undefined)
  }
  signal.addEventListener('abort', stop, { once: true })
  try {
    if (signal.aborted) stop()
    const [code] = (await ended) as [number | null]
    const exitCode = signal.aborted ? 130 : (code ?? 137)
    return { exitCode, wasStopped: signal.aborted, output, leftOut: Math.max(0, length - output.length) }
  } finally {
    signal.removeEventListener('abort', stop)
    release()
  }
}
