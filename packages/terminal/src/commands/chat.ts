import { basename } from 'node:path'
import { askOpenCall, askPerson } from '../screen/ask-person.ts'
import { bannerLines } from '../screen/banner.ts'
import { ChatScreen } from '../screen/chat-screen.ts'
import { exitCodes } from '../server/failure.ts'
import { shortId } from '../sessions/session-ids.ts'
import { pickSession, sessionsOfFolder } from '../sessions/session-picker.ts'
import { clientVersion } from '../version.ts'
import { createApprover } from './approvers.ts'
import { Chat } from './chat-session.ts'
import { serverNotes } from './chat-words.ts'
import { onSignals, secondPress } from './interrupts.ts'
import { type CommonOptions, chooseStyle, type Io } from './io.ts'
import { runSlashCommand } from './slash.ts'
import { chooseSession, monotonicNow, openWorkplace, type SessionChoice, type Workplace } from './workplace.ts'

export interface ChatOptions extends CommonOptions, SessionChoice {
  readonly agent?: string
  /** Let the person choose a session first. */
  readonly pick?: boolean
}

/** The interactive chat; ends with an exit code. */
export async function chat(io: Io, options: ChatOptions): Promise<number> {
  const place = await openWorkplace(io, options)
  const first = options.pick ? undefined : await chooseSession(place, options)
  const leaving = new AbortController()
  let exitCode: number = exitCodes.done
  const isSecond = secondPress(monotonicNow)

  function leave(code: number): void {
    exitCode = code
    leaving.abort()
    current?.conversation.leave()
    screen.endReading()
  }

  function interrupt(): void {
    if (isSecond()) leave(exitCodes.interrupted)
    else if (current?.conversation.isBusy) {
      screen.note('stopping; Ctrl-C again leaves')
      current.conversation.cancel().catch(() => undefined)
    } else if (!screen.clearLine()) screen.note('Ctrl-C again leaves')
  }

  let current: Chat | undefined
  const screen = new ChatScreen({
    input: io.stdin,
    output: io.stdout,
    style: chooseStyle(io, io.stdout, options),
    now: monotonicNow,
    onInterrupt: interrupt,
    onEnd: () => leave(exitCodes.done),
    title: basename(place.folder),
  })
  const stopListening = [
    onSignals(['SIGINT'], interrupt),
    onSignals(['SIGTERM', 'SIGHUP'], () => leave(exitCodes.interrupted)),
  ]
  try {
    await screen.start()
    const chosen = first ?? (await pickFirst(place, screen, leaving.signal))
    if (!chosen) return exitCode
    current = createChat(io, place, screen, chosen, options)
    await greet(io, place, screen, current)
    if (!chosen.isNew) await current.resume()
    await talk(current, screen, leaving.signal)
    return exitCode
  } finally {
    screen.stop()
    for (const stop of stopListening) stop()
    const farewell = current?.farewell()
    if (farewell) io.stdout.write(`${farewell}\n`)
  }
}

function createChat(
  io: Io,
  place: Workplace,
  screen: ChatScreen,
  chosen: { id: string; isNew: boolean },
  options: ChatOptions,
): Chat {
  const { executor, stateFolder } = place
  const parts = { host: screen, executor, style: () => screen.style, now: monotonicNow, stateFolder, env: io.env }
  const person = {
    decide: (...[request, signal]: Parameters<ReturnType<typeof createApprover>['decide']>) =>
      askPerson(parts, request, signal),
    mayRunOpenCall: (...[request, why, signal]: Parameters<ReturnType<typeof createApprover>['mayRunOpenCall']>) =>
      askOpenCall(parts, request, why, signal),
  }
  return new Chat({ place, screen, approver: createApprover(person, { allow: [], deny: [] }) }, chosen, options.agent)
}

async function pickFirst(
  place: Workplace,
  screen: ChatScreen,
  signal: AbortSignal,
): Promise<{ id: string; isNew: boolean } | undefined> {
  const found = await sessionsOfFolder(place.link.client, place.folders, place.folder)
  if (found.here.length === 0) {
    screen.notice('No sessions in this folder yet. codelab starts one.')
    return undefined
  }
  const id = await pickSession(screen, found, { style: screen.style, folder: place.folder, signal })
  return id === undefined ? undefined : { id, isNew: false }
}

async function greet(io: Io, place: Workplace, screen: ChatScreen, chat: Chat): Promise<void> {
  const { agents } = await place.link.client.agents()
  const facts = {
    version: clientVersion(),
    folder: place.folder,
    model: place.server.health.model ?? '',
    agents: agents.length,
    session: shortId(chat.conversation.sessionId),
    notes: serverNotes(place.server, io.env),
  }
  screen.print(screen.transcript.lines(bannerLines(facts, screen.columns, screen.style)))
}

/** Message after message, until the person leaves. */
async function talk(chat: Chat, screen: ChatScreen, leaving: AbortSignal): Promise<void> {
  while (!leaving.aborted) {
    const text = await screen.readMessage()
    if (text === undefined || leaving.aborted) return
    const isCommand = /^\/[a-z]*(\s|$)/.test(text)
    if (!isCommand) {
      await chat.say(text.trim())
      continue
    }
    screen.print(screen.transcript.person(text.trim(), screen.columns))
    if ((await runSlashCommand(chat, text, leaving)) === 'quit') return
  }
}
