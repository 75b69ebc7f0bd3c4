import { Conversation } from '../conversation/conversation.ts'
import type { Approver, Failure, TurnEnd } from '../conversation/events.ts'
import { askOpenCall, askPerson } from '../screen/ask-person.ts'
import { DialogScreen } from '../screen/dialog-screen.ts'
import { sizeOf } from '../screen/live-area.ts'
import { renderMarkdown } from '../screen/markdown.ts'
import { PlainScreen } from '../screen/plain-screen.ts'
import { askQuestion } from '../screen/question-dialog.ts'
import { clean } from '../screen/text.ts'
import { CommandFailure, exitCodes } from '../server/failure.ts'
import { readRules } from './allow-rules.ts'
import { createApprover, nobodyEndsTurn } from './approvers.ts'
import { onSignals, secondPress } from './interrupts.ts'
import { type CommonOptions, chooseStyle, type Io } from './io.ts'
import { JsonLines } from './json-lines.ts'
import { readAll } from './read-input.ts'
import { chooseSession, monotonicNow, openWorkplace, pause, type SessionChoice, type Workplace } from './workplace.ts'

export interface RunOptions extends CommonOptions, SessionChoice {
  readonly agent?: string
  readonly json?: boolean
  readonly deltas?: boolean
  readonly allow: readonly string[]
  readonly deny: readonly string[]
}

/** One message, then the exit code says how it went. */
export async function run(io: Io, words: readonly string[], options: RunOptions): Promise<number> {
  const json = options.json ? new JsonLines((text) => io.stdout.write(text), options.deltas === true) : undefined
  try {
    const rules = { allow: readRules(options.allow, 'allow'), deny: readRules(options.deny, 'deny') }
    const text = await readText(io, words)
    const hasPerson = !json && io.stdin.isTTY === true && io.stderr.isTTY === true && io.env['TERM'] !== 'dumb'
    const place = await openWorkplace(io, options, { answersQuestions: hasPerson })
    const session = await chooseSession(place, options)
    return await runOnce(
      io,
      { place, sessionId: session.id, isNew: session.isNew, text, rules, json, hasPerson },
      options,
    )
  } catch (error) {
    if (!json || !(error instanceof CommandFailure)) throw error
    json.error(failureOf(error))
    return error.exitCode
  }
}

interface Task {
  readonly place: Workplace
  readonly sessionId: string
  readonly isNew: boolean
  readonly text: string
  readonly rules: Parameters<typeof createApprover>[1]
  readonly json: JsonLines | undefined
  readonly hasPerson: boolean
}

async function runOnce(io: Io, task: Task, options: RunOptions): Promise<number> {
  const { place, json } = task
  const style = chooseStyle(io, io.stderr, options)
  const columns = () => sizeOf(io.stderr).columns
  const plain = new PlainScreen({ write: (text) => io.stderr.write(text), columns, style, holdsAnswer: true })
  const show = json ? json.show.bind(json) : plain.show.bind(plain)
  const isSecond = secondPress(monotonicNow)
  const interrupt = () => {
    if (isSecond()) conversation.leave()
    else conversation.cancel().catch(() => conversation.leave())
  }
  if (!json && place.trust.mustAsk)
    plain.notice('.codelab sets rules or agents that nobody trusted: they do not count. codelab trust')
  const person = task.hasPerson ? askOnTerminal(io, place, style, interrupt) : nobodyEndsTurn
  const parts = {
    link: place.link,
    executor: place.executor,
    approver: createApprover(person, task.rules),
    show,
    now: monotonicNow,
    pause,
  }
  const conversation = new Conversation(parts, task.sessionId)
  if (!task.isNew) await conversation.open()
  place.changes.beginTurn(task.sessionId)
  place.folders.remember(place.folder, task.sessionId)
  json?.session({
    session_id: task.sessionId,
    agent: options.agent ?? (conversation.agent === 'orchestrator' ? 'auto' : conversation.agent),
    model: place.server.health.model ?? '',
    cwd: place.folder,
  })
  const stopListening = onSignals(['SIGINT', 'SIGTERM'], interrupt)
  try {
    const end = await conversation.say(task.text, options.agent)
    if (!json) printAnswer(io, end, options)
    return exitCodeOf(end)
  } finally {
    stopListening()
  }
}

function askOnTerminal(
  io: Io,
  place: Workplace,
  style: ReturnType<typeof chooseStyle>,
  interrupt: () => void,
): Approver {
  const host = new DialogScreen({ input: io.stdin, output: io.stderr, now: monotonicNow, onInterrupt: interrupt })
  const { executor, stateFolder } = place
  const parts = { host, executor, style: () => style, now: monotonicNow, stateFolder, env: io.env }
  return {
    decide: (request, signal) => askPerson(parts, request, signal),
    mayRunOpenCall: (request, why, signal) => askOpenCall(parts, request, why, signal),
    answer: (question, signal) => askQuestion(host, { ...question, style, shownAt: monotonicNow() }, signal),
  }
}

/** The answer alone on stdout: laid out for a terminal, as it is for a pipe. */
function printAnswer(io: Io, end: TurnEnd, options: RunOptions): void {
  if (end.answer === undefined || end.outcome !== 'completed') return
  if (io.stdout.isTTY !== true) {
    io.stdout.write(`${clean(end.answer).trimEnd()}\n`)
    return
  }
  const style = chooseStyle(io, io.stdout, options)
  const width = Math.min(sizeOf(io.stdout).columns, 100)
  io.stdout.write(`\n${renderMarkdown(end.answer, width, style).join('\n')}\n`)
}

const exitsByCode: Readonly<Record<string, number>> = {
  unauthorized: exitCodes.unauthorized,
  disconnected: exitCodes.unavailable,
  invalid_input: exitCodes.usage,
  agent_unknown: exitCodes.usage,
}

export function exitCodeOf(end: Pick<TurnEnd, 'outcome' | 'failure'>): number {
  if (end.outcome === 'completed') return exitCodes.done
  if (end.outcome === 'cancelled') return exitCodes.interrupted
  if (end.outcome === 'stopped') return exitCodes.refused
  return exitsByCode[end.failure?.code ?? ''] ?? exitCodes.failed
}

const codesByExit: Readonly<Record<number, string>> = {
  [exitCodes.usage]: 'usage',
  [exitCodes.unavailable]: 'unavailable',
  [exitCodes.unauthorized]: 'unauthorized',
  [exitCodes.configuration]: 'configuration',
}

function failureOf(error: CommandFailure): Failure {
  const hint = error.details.join(' ').replace(/\s+/g, ' ').trim()
  const code = codesByExit[error.exitCode] ?? 'failed'
  return {
    code,
    message: error.message,
    ...(hint ? { hint } : {}),
    retryable: error.exitCode === exitCodes.unavailable,
  }
}

async function readText(io: Io, words: readonly string[]): Promise<string> {
  const isPiped = words.length === 0 && io.stdin.isTTY !== true
  const text = isPiped || (words.length === 1 && words[0] === '-') ? await readAll(io.stdin) : words.join(' ')
  if (text.trim() !== '') return text.trim()
  throw new CommandFailure(exitCodes.usage, 'Nothing to do', [
    'Say what: codelab run "explain src/app.ts", or give it on stdin: codelab run -',
  ])
}
