import type { InboundMessage, SessionHistory } from '@codelab/protocol'
import type { Call, Failure } from './events.ts'
import { failureOfAnswer, isAnswer } from './failures.ts'
import type { ConversationParts, Reply, SessionState } from './parts.ts'

interface Lost {
  /** What was being sent; undefined when a turn is only followed. */
  readonly message: InboundMessage | undefined
  readonly neverSent: boolean
  readonly signal: AbortSignal
  /** The last text that was shown, so that it is not shown twice. */
  readonly lastAnswer: string | undefined
}

const delaysMs = [300, 1000, 2000, 3000, 5000, 5000, 10_000, 10_000, 15_000]
const pollMs = 700
/** A run of the server has an end of its own; this is longer. */
const maxPolls = 1000

/** After a lost connection: finds the server again, waits until the turn stands still, and says how it stands. */
export async function recover(parts: ConversationParts, session: SessionState, lost: Lost): Promise<Reply> {
  for (const [attempt, delay] of (lost.message ? delaysMs : [0, ...delaysMs]).entries()) {
    const isQuiet = lost.message === undefined && attempt === 0
    if (!isQuiet) parts.show({ type: 'connection.lost', nextTryMs: delay, goesOn: !lost.neverSent })
    await parts.pause(delay, lost.signal)
    if (lost.signal.aborted) break
    try {
      if (!isQuiet) await parts.link.reconnect()
      const reply = await look(parts, session, lost)
      if (!isQuiet) parts.show({ type: 'connection.restored' })
      return reply
    } catch (error) {
      if (isAnswer(error)) return fail(failureOfAnswer(error))
    }
  }
  const hint = `The turn may go on in the server. Come back to it: codelab resume ${session.id}`
  return fail({ code: 'disconnected', message: 'The connection to the server is lost', hint, retryable: true })
}

async function look(parts: ConversationParts, session: SessionState, lost: Lost): Promise<Reply> {
  const { client } = parts.link
  const isMessage = lost.message?.type === 'user_message' || lost.message?.type === 'switch_agent'
  if (isMessage && lost.neverSent) return again
  const state = await waitUntilStill(parts, session, lost.signal)
  if (state === 'unknown') return isMessage ? again : fail(gone)
  const history = await client.history(session.id)
  session.agent = history.current_agent ?? session.agent
  const userMessages = history.messages.filter((message) => message.role === 'user').length
  if (lost.message?.type === 'user_message' && userMessages <= session.userMessages) return again
  session.userMessages = userMessages
  session.isNew = false
  if (state === 'awaiting_tool' || state === 'awaiting_approval') {
    return { calls: await openCalls(parts, session.id), isWhole: true }
  }
  return answerOf(history, lost.lastAnswer)
}

async function waitUntilStill(parts: ConversationParts, session: SessionState, signal: AbortSignal): Promise<string> {
  for (let poll = 0; poll < maxPolls && !signal.aborted; poll++) {
    try {
      const { state } = await parts.link.client.getSession(session.id)
      if (state !== 'running') return state
    } catch (error) {
      if (isAnswer(error) && error.status === 404) return 'unknown'
      throw error
    }
    await parts.pause(pollMs, signal)
  }
  return 'running'
}

/** The calls that wait for a result or a decision, in call order. */
export async function openCalls(parts: Pick<ConversationParts, 'link'>, sessionId: string): Promise<Call[]> {
  const { tool_calls: calls } = await parts.link.client.openToolCalls(sessionId)
  return calls.map((call) => ({
    callId: call.call_id,
    tool: call.tool_name,
    arguments: call.arguments,
    requiresApproval: call.state === 'awaiting_approval',
  }))
}

function answerOf(history: SessionHistory, lastAnswer: string | undefined): Reply {
  const last = history.messages.at(-1)
  const text = last?.role === 'assistant' && !last.tool_calls?.length ? (last.content ?? '') : ''
  if (text === '') return fail(cut)
  return { calls: [], isWhole: true, ...(text === lastAnswer ? {} : { answer: text }) }
}

const again: Reply = { calls: [], isWhole: false, mustSendAgain: true }
const gone: Failure = {
  code: 'not_found',
  message: 'The server does not know this session any more',
  hint: '/new starts another one.',
  retryable: false,
}
const cut: Failure = {
  code: 'interrupted',
  message: 'The turn was cut before it had an answer',
  hint: 'What was done before is kept. Say it again to go on.',
  retryable: true,
}

function fail(failure: Failure): Reply {
  return { calls: [], isWhole: true, failure }
}
