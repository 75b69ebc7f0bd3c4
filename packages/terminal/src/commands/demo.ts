import { randomUUID } from 'node:crypto'
import { makeDemoProject } from '../demo/demo-project.ts'
import { demoEnvironment, endServer, serverPid } from '../demo/demo-server.ts'
import { type DemoStage, liveStage, plainStage } from '../demo/demo-stage.ts'
import { tellStory } from '../demo/demo-story.ts'
import { ChatScreen } from '../screen/chat-screen.ts'
import { sizeOf } from '../screen/live-area.ts'
import { PlainScreen } from '../screen/plain-screen.ts'
import { exitCodes } from '../server/failure.ts'
import { shortId } from '../sessions/session-ids.ts'
import { onSignals } from './interrupts.ts'
import { type CommonOptions, chooseStyle, hasScreen, type Io } from './io.ts'
import { monotonicNow, openWorkplace, pause } from './workplace.ts'

/** About a minute in a temporary folder: a chat, an approval, a server that is killed meanwhile. Leaves nothing behind. */
export async function demo(io: Io, options: CommonOptions): Promise<number> {
  const project = await makeDemoProject()
  const leaving = new AbortController()
  const { signal } = leaving
  const stopListening = onSignals(['SIGINT', 'SIGTERM', 'SIGHUP'], () => leaving.abort())
  const isLive = hasScreen(io, options)
  const env = demoEnvironment(io.env, project.stateFolder)
  const style = chooseStyle(io, io.stdout, options)
  const screen = isLive ? openScreen(io, options, () => leaving.abort()) : undefined
  try {
    await screen?.start()
    const stage = screen ? liveStage(screen, project.folder, monotonicNow) : plainOf(io, style)
    const place = await openWorkplace(
      { ...io, env, cwd: project.folder },
      { color: options.color, cwd: project.folder },
    )
    const sessionId = randomUUID()
    screen?.setStatus({ model: place.server.health.model ?? '', session: shortId(sessionId) })
    const isTrue = await tellStory({
      stage,
      conversation: { link: place.link, executor: place.executor, now: monotonicNow, pause },
      changes: place.changes,
      sessionId,
      folder: project.folder,
      kill: () => killServer(project.stateFolder),
      breathe: (ms) => (isLive ? pause(ms, signal) : Promise.resolve()),
      signal,
    })
    if (signal.aborted) return exitCodes.interrupted
    stage.tell(
      isTrue
        ? 'Nothing was lost. Go on in a folder of yours: codelab. A real model needs one setting: codelab doctor says which.'
        : 'It did not go as it should. codelab doctor says what is wrong here.',
    )
    return isTrue ? exitCodes.done : exitCodes.failed
  } finally {
    screen?.stop()
    stopListening()
    const pid = serverPid(project.stateFolder)
    if (pid !== undefined) await endServer(pid, 'SIGTERM')
    await project.remove()
  }
}

async function killServer(stateFolder: string): Promise<number | undefined> {
  const pid = serverPid(stateFolder)
  if (pid !== undefined) await endServer(pid, 'SIGKILL')
  return pid
}

function openScreen(io: Io, options: CommonOptions, onLeave: () => void): ChatScreen {
  return new ChatScreen({
    input: io.stdin,
    output: io.stdout,
    style: chooseStyle(io, io.stdout, options),
    now: monotonicNow,
    onInterrupt: onLeave,
    onEnd: onLeave,
    title: 'demo',
    prompt: { history: [], commands: [], findFiles: async () => [] },
    onStop: onLeave,
    onSay: () => false,
    onRecall: () => undefined,
    onShortcut: () => undefined,
  })
}

function plainOf(io: Io, style: ReturnType<typeof chooseStyle>): DemoStage {
  const columns = () => sizeOf(io.stdout).columns
  const plain = new PlainScreen({ write: (text) => io.stdout.write(text), columns, style })
  return plainStage(plain, columns(), style)
}
