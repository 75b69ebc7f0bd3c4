import { Conversation } from '../conversation/conversation.ts'
import type { ApprovalRequest, Approver, Decision } from '../conversation/events.ts'
import { describeCall } from '../screen/describe-call.ts'
import { sizeOf } from '../screen/live-area.ts'
import { PlainScreen } from '../screen/plain-screen.ts'
import type { Style } from '../screen/style.ts'
import { exitCodes } from '../server/failure.ts'
import { shortId } from '../sessions/session-ids.ts'
import { createApprover, nobodyRejects } from './approvers.ts'
import { onSignals, secondPress } from './interrupts.ts'
import { type CommonOptions, chooseStyle, type Io } from './io.ts'
import { readLines } from './read-input.ts'
import { exitCodeOf } from './run.ts'
import { chooseSession, monotonicNow, openWorkplace, pause, type SessionChoice } from './workplace.ts'

export interface PipedChatOptions extends CommonOptions, SessionChoice {
  readonly agent?: string
}

/** A chat without a screen: each line of the input is a message, nothing is redrawn. On a terminal that cannot move the cursor approvals
 *  are asked in words; through a pipe they are refused, and the exit code is 3. */
export async function pipedChat(io: Io, options: PipedChatOptions): Promise<number> {
  const place = await openWorkplace(io, options)
  const session = await chooseSession(place, options)
  const style = chooseStyle(io, io.stdout, options)
  const screen = new PlainScreen({
    write: (text) => io.stdout.write(text),
    columns: () => sizeOf(io.stdout).columns,
    style,
  })
  let wasRefused = false
  const lines = readLines(io.stdin)
  const isTerminal = io.stdin.isTTY === true && io.stdout.isTTY === true
  const person = isTerminal
    ? askInWords(screen, style, async () => {
        const { value } = await lines.next()
        return typeof value === 'string' ? value : undefined
      })
    : nobodyRejects((failure) => {
        wasRefused = true
        const hint = `codelab run takes ${failure.hint ?? '--allow'}`
        screen.print(screen.transcript.failure({ ...failure, hint }, sizeOf(io.stdout).columns))
      })
  const { link, executor } = place
  const approver = createApprover(person, { allow: [], deny: [] })
  const conversation = new Conversation(
    { link, executor, approver, show: screen.show.bind(screen), now: monotonicNow, pause },
    session.id,
  )
  if (!session.isNew) await conversation.open()
  place.changes.beginTurn(session.id)
  place.folders.remember(place.folder, session.id)
  if (isTerminal)
    screen.notice(`CodeLab, ${place.server.health.model ?? ''}, session ${shortId(session.id)}. Ctrl-D leaves.`)

  const isSecond = secondPress(monotonicNow)
  let isInterrupted = false
  const stopListening = onSignals(['SIGINT', 'SIGTERM'], () => {
    isInterrupted = true
    if (isSecond()) process.exit(exitCodes.interrupted)
    conversation.cancel().catch(() => conversation.leave())
    if (!conversation.isBusy) process.exit(exitCodes.interrupted)
  })
  try {
    let agent = options.agent
    let exitCode: number = exitCodes.done
    for await (const line of lines) {
      if (line.trim() === '') continue
      if (line.trim() === '/quit') break
      // A terminal has shown the line already, where it was typed.
      if (isTerminal) screen.transcript.person(line, sizeOf(io.stdout).columns)
      else screen.print(screen.transcript.person(line, sizeOf(io.stdout).columns))
      const end = await conversation.say(line.trim(), agent)
      agent = undefined
      exitCode = Math.max(exitCode, exitCodeOf(end))
      if (isInterrupted && !isTerminal) return exitCodes.interrupted
    }
    return wasRefused ? exitCodes.refused : exitCode
  } finally {
    stopListening()
  }
}

/** Asks with words and a whole line as the answer; an empty line decides nothing. */
function askInWords(screen: PlainScreen, style: Style, nextLine: () => Promise<string | undefined>): Approver {
  async function decide(request: ApprovalRequest, signal: AbortSignal): Promise<Decision> {
    screen.print(screen.transcript.lines(describeCall(request, style)))
    while (!signal.aborted) {
      screen.notice('Type a to approve, r to reject (r REASON tells why).')
      const answer = await nextLine()
      if (typeof answer !== 'string') break
      if (/^a(pprove)?$/i.test(answer.trim())) return { kind: 'approve', by: 'you' }
      const rejected = /^r(?:eject)?(?:\s+(.*))?$/i.exec(answer.trim())
      if (rejected) return { kind: 'reject', by: 'you', feedback: rejected[1] ?? '' }
    }
    return { kind: 'reject', by: 'you', feedback: '' }
  }
  return {
    decide,
    async mayRunOpenCall(request, why, signal) {
      screen.notice(
        why === 'started'
          ? 'This call was started before and may have run.'
          : 'This call is open since another folder.',
      )
      return (await decide(request, signal)).kind === 'approve'
    },
  }
}
