import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { constants } from 'node:os'
import type { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  createHeadAndTail,
  createOutputCollector,
  type HeadAndTail,
  type KeptText,
  type OutputCollector,
} from './command-output.ts'
import type { ExecutorLimits } from './limits.ts'
import { endGroup, holdGroup, isGoneWithin } from './process-group.ts'
import { errorCode, ToolError } from './tool-error.ts'

interface ProgramRun {
  readonly file: string
  readonly args: readonly string[]
  readonly cwd: string
  readonly env: NodeJS.ProcessEnv
  readonly timeoutMs: number
  readonly limits: ExecutorLimits
  readonly signal?: AbortSignal
  readonly onOutput?: (text: string) => void
}

export interface Finished {
  readonly end: 'exited' | 'timed out' | 'interrupted'
  /** As a shell tells it: 128 and the signal's number when a signal ended the program. */
  readonly exitCode: number
  readonly stdout: KeptText
  readonly stderr: KeptText
  /** Both in the order in which they came, as far as it is kept. */
  readonly output: string
  readonly durationMs: number
  /** The program ended and left processes behind, which were ended too. */
  readonly hadLeftovers: boolean
}

export type Child = ChildProcessByStdio<null, Readable, Readable>

/** What a program that died without telling is taken to have returned: SIGKILL's code. */
const unknownExit = 137
/** How long the exit and the last output may take after the group was killed. */
const lastWordsMs = 200

/**
 * Runs a program in a process group of its own and returns when the whole group has ended: by itself, at the time-out, or by
 * the abort. Throws ToolError only when it could not be started.
 *
 * It does not wait for the pipes: a grandchild that inherited them would hold a time-out up until it ends by itself.
 */
export async function runProgram(run: ProgramRun): Promise<Finished> {
  const started = performance.now()
  const child = await startProgram(run)
  const leader = child.pid
  if (leader === undefined) throw new Error('a process that runs has an id')
  const release = holdGroup(leader)
  const closed = once(child, 'close').then(() => 'closed' as const)
  const exited = child.exitCode === null && child.signalCode === null ? once(child, 'exit') : Promise.resolve()
  const both = createHeadAndTail(run.limits.artifactCharacters)
  const collectors = [collect(child.stdout, run, both), collect(child.stderr, run, both)] as const
  try {
    const end = await firstEnd(
      run,
      exited.then(() => 'exited' as const),
    )
    let hadLeftovers = false
    if (end === 'exited') hadLeftovers = await endLeftovers(leader, closed, run.limits)
    else await endGroup(leader, end === 'interrupted' ? run.limits.abortGraceMs : run.limits.killGraceMs)
    // A process that left the group (setsid) may still hold the pipes.
    await Promise.race([closed, sleep(lastWordsMs)])
    child.stdout.destroy()
    child.stderr.destroy()
    const [stdout, stderr] = [collectors[0].end(), collectors[1].end()]
    const durationMs = Math.round(performance.now() - started)
    const output = both.end().text
    return { end, exitCode: exitCodeOf(child), stdout, stderr, output, durationMs, hadLeftovers }
  } finally {
    release()
  }
}

/** Starts it as the leader of a group of its own. Throws ToolError when there is no such program. */
export async function startProgram(run: Pick<ProgramRun, 'file' | 'args' | 'cwd' | 'env'>): Promise<Child> {
  try {
    const child = spawn(run.file, run.args, {
      cwd: run.cwd,
      env: run.env,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    await once(child, 'spawn')
    return child
  } catch (error) {
    const code = errorCode(error)
    if (code === 'ENOENT') throw new ToolError(`Command not found: ${run.file}`, 'command not found', { cause: error })
    if (code === 'EACCES') throw new ToolError(`"${run.file}" is not executable.`, 'not executable', { cause: error })
    throw error
  }
}

async function firstEnd(run: ProgramRun, exited: Promise<'exited'>): Promise<Finished['end']> {
  const stop = new AbortController()
  const waits: Promise<Finished['end']>[] = [
    exited,
    sleep(run.timeoutMs, 'timed out' as const, { signal: stop.signal }),
  ]
  if (run.signal !== undefined) waits.push(aborted(run.signal, stop.signal))
  try {
    return await Promise.race(waits)
  } finally {
    stop.abort()
    await Promise.allSettled(waits.slice(1))
  }
}

async function aborted(signal: AbortSignal, stop: AbortSignal): Promise<'interrupted'> {
  if (!signal.aborted) await once(signal, 'abort', { signal: stop })
  return 'interrupted'
}

/** After the program's own end. Background processes would run on where nobody sees them: they get a moment, then they are ended. */
async function endLeftovers(leader: number, closed: Promise<unknown>, limits: ExecutorLimits): Promise<boolean> {
  if (await isGoneWithin(leader, limits.leftoverMs)) {
    await Promise.race([closed, sleep(limits.leftoverMs)])
    return false
  }
  await endGroup(leader, limits.abortGraceMs)
  return true
}

function collect(stream: Readable, run: ProgramRun, both: HeadAndTail): OutputCollector {
  const { limits, onOutput } = run
  const collector = createOutputCollector(limits.outputCharacters, (text) => onOutput?.(text), both.add)
  stream.on('data', (bytes: Buffer) => collector.add(bytes))
  // A pipe that breaks ends the output, not the call.
  stream.on('error', () => undefined)
  return collector
}

export function exitCodeOf(child: Child): number {
  if (child.exitCode !== null) return child.exitCode
  return child.signalCode === null ? unknownExit : 128 + constants.signals[child.signalCode]
}
