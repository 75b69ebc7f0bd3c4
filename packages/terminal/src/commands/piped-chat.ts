import type { Approver } from '../conversation/events.ts'
import { LineView } from '../screen/line-view.ts'
import { sizeOf } from '../screen/live-area.ts'
import { PlainScreen } from '../screen/plain-screen.ts'
import { SpokenScreen } from '../screen/spoken-screen.ts'
import { exitCodes } from '../server/failure.ts'
import { readClientId } from '../server/state-folder.ts'
import { shortId } from '../sessions/session-ids.ts'
import { createApprover, nobodyRejects } from './approvers.ts'
import { askInWords } from './ask-in-words.ts'
import { Chat } from './chat-session.ts'
import { onSignals, secondPress } from './interrupts.ts'
import { type CommonOptions, chooseStyle, type Io, wantsSpeech } from './io.ts'
import { type OwnCommand, ownCommand, runOwnCommand } from './own-command.ts'
import { readLines } from './read-input.ts'
import { createRuleMaker } from './rule-maker.ts'
import { exitCodeOf } from './run.ts'
import { runSlashCommand } from './slash.ts'
import { chooseSession, monotonicNow, openWorkplace, type SessionChoice, type Workplace } from './workplace.ts'

const neverStops = new AbortController().signal

export interface PipedChatOptions extends CommonOptions, SessionChoice {
  readonly agent?: string
}

/** A chat without a screen: each line of the input is a message, nothing is redrawn. On a terminal that cannot move the cursor, and for a
 *  screen reader, approvals are asked in words; through a pipe they are refused, and the exit code is 3. */
export async function pipedChat(io: Io, options: PipedChatOptions): Promise<number> {
  const isTerminal = io.stdin.isTTY === true && io.stdout.isTTY === true
  const place = await openWorkplace(io, options, { answersQuestions: isTerminal })
  const session = await chooseSession(place, options)
  const view = openView(io, options, isTerminal)
  const lines = readLines(io.stdin)
  const nextLine = async () => {
    const { value } = await lines.next()
    return typeof value === 'string' ? value : undefined
  }
  const refused = { value: false }
  const person = isTerminal
    ? askInWords({ view, nextLine, isSpoken: wantsSpeech(io, options), rules: rulesOf(place, view, () => chat) })
    : refusing(view, refused)
  const chat = new Chat(
    { place, screen: view, approver: createApprover(person, { allow: [], deny: [] }) },
    session,
    options.agent,
  )
  place.folders.remember(place.folder, session.id)
  if (isTerminal) {
    view.notice(
      `CodeLab, ${place.server.health.model ?? ''}, session ${shortId(session.id)}. /help lists commands, Ctrl-D leaves.`,
    )
    if (place.trust.mustAsk)
      view.notice('.codelab sets rules or agents that nobody trusted: they do not count. codelab trust')
  }

  const isSecond = secondPress(monotonicNow)
  let ownRuns: AbortController | undefined
  let isInterrupted = false
  const stopListening = onSignals(['SIGINT', 'SIGTERM'], () => {
    isInterrupted = true
    if (isSecond()) process.exit(exitCodes.interrupted)
    const { conversation } = chat
    if (ownRuns) ownRuns.abort()
    else if (conversation.isBusy) conversation.cancel().catch(() => conversation.leave())
    else process.exit(exitCodes.interrupted)
  })
  async function runOwn(command: OwnCommand): Promise<void> {
    ownRuns = new AbortController()
    await runOwnCommand(chat, command, { env: io.env, signal: ownRuns.signal })
    ownRuns = undefined
  }

  try {
    if (!session.isNew) {
      if (isTerminal) await chat.resume()
      else await chat.conversation.open()
    }
    let exitCode: number = exitCodes.done
    for await (const line of lines) {
      const text = line.trim()
      if (text === '') continue
      if (text === '/quit') break
      const own = isTerminal ? ownCommand(text) : undefined
      if (own) await runOwn(own)
      else if (isTerminal && text === '/status') view.notice(statusText(view))
      else if (isTerminal && /^\/[a-z-]+(\s|$)/.test(text)) {
        if ((await runSlashCommand(chat, text, neverStops)) === 'quit') break
      } else {
        exitCode = Math.max(exitCode, exitCodeOf(await chat.say(text)))
        if (isInterrupted && !isTerminal) return exitCodes.interrupted
      }
    }
    return refused.value ? exitCodes.refused : exitCode
  } finally {
    stopListening()
  }
}

function statusText({ status }: LineView): string {
  const { agent, model, session } = status
  return `Agent ${agent === 'orchestrator' ? 'auto' : agent}, model ${model}, session ${session}.`
}

function openView(io: Io, options: PipedChatOptions, isTypedHere: boolean): LineView {
  const style = chooseStyle(io, io.stdout, options)
  const columns = () => sizeOf(io.stdout).columns
  const write = (text: string) => io.stdout.write(text)
  const printer = wantsSpeech(io, options) ? new SpokenScreen(write) : new PlainScreen({ write, columns, style })
  return new LineView({ printer, style: wantsSpeech(io, options) ? style.spoken() : style, columns, isTypedHere })
}

function rulesOf(place: Workplace, view: LineView, chat: () => Chat) {
  return createRuleMaker({
    link: place.link,
    sessionId: () => chat().conversation.sessionId,
    clientId: readClientId(place.stateFolder),
    say: (text) => view.notice(text),
  })
}

function refusing(view: LineView, refused: { value: boolean }): Approver {
  return nobodyRejects((failure) => {
    refused.value = true
    const hint = `codelab run takes ${failure.hint ?? '--allow'}`
    view.print(view.transcript.failure({ ...failure, hint }, view.columns))
  })
}
