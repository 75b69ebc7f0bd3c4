import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { createHeadAndTail, createOutputCollector, type HeadAndTail } from './command-output.ts'
import type { ExecutorLimits } from './limits.ts'
import { endGroup, holdGroup } from './process-group.ts'
import { type Child, exitCodeOf, startProgram } from './run-program.ts'
import { ToolError } from './tool-error.ts'

/** Commands that run on while the conversation does. They end with our process. */
export interface BackgroundCommands {
  /** Looks at it for a moment, so that one that fails at once says so. Throws ToolError when it cannot be started. */
  start(program: BackgroundProgram): Promise<BackgroundState>
  /** What was printed since the last look. Waits for the end, or for the time, whichever is first. */
  look(id: string, waitMs: number, signal?: AbortSignal): Promise<BackgroundState>
  /** Ends the command and what it started. */
  stop(id: string): Promise<BackgroundState>
}

interface BackgroundProgram {
  readonly file: string
  readonly args: readonly string[]
  readonly cwd: string
  readonly env: NodeJS.ProcessEnv
}

export interface BackgroundState {
  readonly id: string
  readonly output: string
  readonly ms: number
  /** Undefined while it runs. */
  readonly exitCode?: number
}

interface Running {
  readonly child: Child
  readonly leader: number
  readonly startedAt: number
  readonly ended: Promise<unknown>
  unread: HeadAndTail
  endedAt: number | undefined
}

const firstLookMs = 1000
const lastWordsMs = 200

export function createBackgroundCommands(limits: ExecutorLimits): BackgroundCommands {
  const commands = new Map<string, Running>()
  let count = 0

  function find(id: string): Running {
    const found = commands.get(id)
    if (found !== undefined) return found
    const known = [...commands.keys()]
    const there = known.length === 0 ? 'None is running' : `There are ${known.join(', ')}`
    throw new ToolError(
      `There is no background command "${id}". ${there}. They end with the terminal that started them.`,
      'no such command',
    )
  }

  /** The oldest that has ended goes; one that runs never does. */
  function makeRoom(): void {
    for (const [id, command] of commands) {
      if (commands.size < limits.backgroundCommands) return
      if (command.endedAt !== undefined) commands.delete(id)
    }
    if (commands.size < limits.backgroundCommands) return
    throw new ToolError(
      `${limits.backgroundCommands} commands run in the background, which is the most. End one: command_output {"id":"${[...commands.keys()][0]}","stop":true}`,
      'too many commands',
    )
  }

  async function start(program: BackgroundProgram): Promise<BackgroundState> {
    makeRoom()
    const child = await startProgram(program)
    const leader = child.pid
    if (leader === undefined) throw new Error('a process that runs has an id')
    const release = holdGroup(leader)
    const id = `bg${++count}`
    const closed = once(child, 'close')
    const command: Running = {
      child,
      leader,
      startedAt: performance.now(),
      ended: exitOf(child).then(async () => {
        await Promise.race([closed, sleep(lastWordsMs)])
        command.endedAt = performance.now()
        await endGroup(leader, limits.abortGraceMs)
        release()
      }),
      unread: createHeadAndTail(limits.artifactCharacters / 8),
      endedAt: undefined,
    }
    commands.set(id, command)
    for (const stream of [child.stdout, child.stderr]) {
      const collector = createOutputCollector(
        0,
        () => undefined,
        (text) => command.unread.add(text),
      )
      stream.on('data', (bytes: Buffer) => collector.add(bytes))
      stream.on('error', () => undefined)
    }
    return look(id, firstLookMs)
  }

  async function look(id: string, waitMs: number, signal?: AbortSignal): Promise<BackgroundState> {
    const command = find(id)
    const stop = new AbortController()
    const either = signal === undefined ? stop.signal : AbortSignal.any([stop.signal, signal])
    await Promise.race([command.ended, sleep(waitMs, undefined, { signal: either }).catch(() => undefined)])
    stop.abort()
    return stateOf(id, command)
  }

  function stateOf(id: string, command: Running): BackgroundState {
    const output = command.unread.end().text
    command.unread = createHeadAndTail(limits.artifactCharacters / 8)
    const ms = Math.round((command.endedAt ?? performance.now()) - command.startedAt)
    return { id, output, ms, ...(command.endedAt === undefined ? {} : { exitCode: exitCodeOf(command.child) }) }
  }

  async function stop(id: string): Promise<BackgroundState> {
    const command = find(id)
    if (command.endedAt === undefined) {
      await endGroup(command.leader, limits.abortGraceMs)
      await Promise.race([command.ended, sleep(lastWordsMs * 2)])
      command.endedAt ??= performance.now()
    }
    return stateOf(id, command)
  }

  return { start, look, stop }
}

async function exitOf(child: Child): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
}
