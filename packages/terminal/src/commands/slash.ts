import { ApiError } from '@codelab/protocol'
import { openedCall } from '../screen/show-call.ts'
import { clean } from '../screen/text.ts'
import { CommandFailure } from '../server/failure.ts'
import { findSession, shortId } from '../sessions/session-ids.ts'
import { pickSession, sessionsOfFolder } from '../sessions/session-picker.ts'
import { sessionRow } from '../sessions/session-rows.ts'
import { showChanges, undoChanges } from './change-commands.ts'
import type { Chat } from './chat-session.ts'
import { helpText, keysText, slashCommands } from './chat-words.ts'
import { showContext } from './context-command.ts'
import { failureLines } from './io.ts'
import { chooseModel } from './model-commands.ts'
import { showRules } from './rule-commands.ts'
import { showDoctor, showUsage } from './status-commands.ts'

const shownSessions = 20

type SlashCommand = (chat: Chat, argument: string, signal: AbortSignal) => Promise<void> | void

const commands: Readonly<Record<string, SlashCommand>> = {
  '/help': ({ screen }) => screen.notice(helpText()),
  '/keys': ({ screen }) => screen.notice(keysText()),
  '/new': startNew,
  '/agent': chooseAgent,
  '/sessions': listHere,
  '/resume': resume,
  '/show': showCall,
  '/diff': showChanges,
  '/undo': undoChanges,
  '/context': showContext,
  '/model': chooseModel,
  '/rules': showRules,
  '/usage': showUsage,
  '/doctor': showDoctor,
}

/** Those that only print, so that they may while a turn runs. */
const printing: ReadonlySet<string> = new Set(['/help', '/keys', '/show', '/diff', '/usage', '/rules', '/context'])

export function runsMeanwhile(text: string): boolean {
  return printing.has(text.trim().split(/\s+/)[0] ?? '')
}

/** Runs `/name argument`. A failure is said and the chat goes on. */
export async function runSlashCommand(chat: Chat, text: string, signal: AbortSignal): Promise<'quit' | 'stay'> {
  const [, name = '', argument = ''] = /^(\S*)\s*([\s\S]*)$/.exec(text.trim()) ?? []
  if (name === '/quit' || name === '/exit') return 'quit'
  const { screen } = chat
  try {
    const command = commands[name]
    if (command) await command(chat, argument.trim(), signal)
    else screen.notice(`unknown command ${clean(name)}. There is ${slashCommands.map(([known]) => known).join(' ')}`)
  } catch (error) {
    if (error instanceof CommandFailure) screen.print(screen.transcript.lines(failureLines(error, screen.style)))
    else if (error instanceof ApiError) screen.notice(`The server said: ${clean(error.message)}`)
    else screen.notice('The server does not answer. Try again, or send a message: then it is started again.')
  }
  return 'stay'
}

function startNew(chat: Chat): void {
  chat.startNew()
  chat.screen.notice(`A new session, ${shortId(chat.conversation.sessionId)}. The one before: /sessions`)
}

async function chooseAgent(chat: Chat, wanted: string): Promise<void> {
  const { screen, place } = chat
  const { isNew, sessionId } = chat.conversation
  const { agents } = await place.link.client.agents(isNew ? undefined : sessionId)
  const names = ['auto', ...agents.map(({ type }) => type).filter((type) => type !== 'orchestrator')]
  if (wanted === '') {
    const rows = agents
      .filter(({ type }) => type !== 'orchestrator')
      .map(({ type, description }) => `${clean(type).padEnd(12)}${clean(description)}`)
    screen.notice(['auto        the orchestrator chooses', ...rows].join('\n'))
  } else if (names.includes(wanted)) {
    chat.chooseAgent(wanted)
    screen.notice(
      wanted === 'auto'
        ? 'The orchestrator chooses for the next message.'
        : `${wanted} answers from the next message on.`,
    )
  } else screen.notice(`There is no agent ${clean(wanted)}. There is ${names.join(', ')}`)
}

async function listHere(chat: Chat): Promise<void> {
  const { screen, place } = chat
  const { here, elsewhere } = await sessionsOfFolder(place.link.client, place.folders, place.folder)
  if (here.length === 0) return screen.notice('No sessions in this folder yet. Type a message to start one.')
  const rows = here
    .slice(0, shownSessions)
    .map((session) => sessionRow(session, screen.columns, new Date(), screen.style))
  const more = [
    here.length > shownSessions ? `${here.length - shownSessions} more here` : '',
    elsewhere > 0 ? `${elsewhere} in other folders` : '',
  ]
  const rest = more.filter(Boolean).join(', ')
  screen.print(screen.transcript.lines(rows))
  if (rest) screen.notice(rest)
}

async function resume(chat: Chat, start: string, signal: AbortSignal): Promise<void> {
  const { screen, place } = chat
  if (start !== '') return chat.switchTo(await findSession(place.link.client, start))
  const found = await sessionsOfFolder(place.link.client, place.folders, place.folder)
  if (found.here.length === 0) return screen.notice('No sessions in this folder yet. Type a message to start one.')
  const id = await pickSession(screen, found, { style: screen.style, folder: place.folder, signal })
  if (id !== undefined) await chat.switchTo(id)
}

function showCall(chat: Chat, start: string): void {
  const { screen } = chat
  const finished = start === '' ? chat.calls.at(-1) : chat.calls.findLast(({ call }) => call.callId.startsWith(start))
  if (finished)
    screen.print(screen.transcript.lines(openedCall(finished, screen.transcript, screen.columns, screen.style)))
  else screen.notice(start === '' ? 'No call in this session yet.' : `No call begins with ${clean(start)}.`)
}
