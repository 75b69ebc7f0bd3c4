import { randomUUID } from 'node:crypto'
import { ApiError } from '@codelab/protocol'
import { Conversation } from '../conversation/conversation.ts'
import type { Approver, ConversationEvent, FinishedCall, TurnEnd, Usage } from '../conversation/events.ts'
import { failureOfAnswer } from '../conversation/failures.ts'
import type { BusyChoice, WaitingRow } from '../screen/chat-input.ts'
import type { ChatView } from '../screen/chat-view.ts'
import { pastTurnLines } from '../screen/past-turn.ts'
import { shortId } from '../sessions/session-ids.ts'
import { nameMentions } from '../workspace/mentions.ts'
import { PendingNotes } from './pending-notes.ts'
import { monotonicNow, pause, type Workplace } from './workplace.ts'

export interface ChatParts {
  readonly place: Workplace
  readonly screen: ChatView
  readonly approver: Approver
}

const maxCalls = 200
const maxQueued = 8

/** The conversation that a chat shows, and what is remembered of it. Another session may take its place. */
export class Chat {
  readonly place: Workplace
  readonly screen: ChatView
  readonly notes = new PendingNotes()
  readonly #approver: Approver
  #conversation: Conversation
  /** The agent that the person chose for the next message. */
  #nextAgent: string | undefined
  #calls: FinishedCall[] = []
  #waiting: WaitingRow[] = []

  constructor(parts: ChatParts, session: { id: string }, agent: string | undefined) {
    this.place = parts.place
    this.screen = parts.screen
    this.#approver = parts.approver
    this.#nextAgent = agent
    this.#conversation = this.#open(session.id)
  }

  get conversation(): Conversation {
    return this.#conversation
  }

  /** The calls of this session, the last one last; 200 at most. */
  get calls(): readonly FinishedCall[] {
    return this.#calls
  }

  chooseAgent(agent: string): void {
    this.#nextAgent = agent
    this.screen.setStatus({ agent: agent === 'auto' ? 'orchestrator' : agent })
  }

  async say(text: string): Promise<TurnEnd> {
    this.screen.person(text)
    const agent = this.#nextAgent
    this.#nextAgent = undefined
    this.place.folders.remember(this.place.folder, this.#conversation.sessionId)
    this.place.changes.beginTurn(this.#conversation.sessionId)
    const end = await this.#conversation.say(this.notes.attach(nameMentions(text, this.place.folder)), agent)
    this.screen.setStatus({ agent: this.#conversation.agent })
    if (end.outcome === 'cancelled') this.#giveBackQueue()
    return end
  }

  /** What is said while a turn runs: it enters the turn, or waits until it has ended. False: it cannot be taken. */
  sayMeanwhile(text: string, how: BusyChoice): boolean {
    if (!this.#conversation.isBusy || this.#waiting.length >= maxQueued) return false
    if (how === 'steer' && !this.#conversation.steer(text)) return false
    this.#setWaiting([...this.#waiting, { how, text }])
    return true
  }

  /** The next message that was queued. */
  nextQueued(): string | undefined {
    const next = this.#waiting.find(({ how }) => how === 'queue')
    if (next) this.#setWaiting(this.#waiting.filter((row) => row !== next))
    return next?.text
  }

  /** Takes back the last message that was queued. */
  recall(): string | undefined {
    const last = this.#waiting.findLast(({ how }) => how === 'queue')
    if (last) this.#setWaiting(this.#waiting.filter((row) => row !== last))
    return last?.text
  }

  startNew(): void {
    this.#forget()
    this.#conversation = this.#open(randomUUID())
  }

  async switchTo(sessionId: string): Promise<void> {
    this.#forget()
    this.#conversation = this.#open(sessionId)
    await this.resume()
  }

  /** Shows the last turn of the session and goes on with what is open in it. */
  async resume(): Promise<void> {
    const { screen, place } = this
    const conversation = this.#conversation
    const opened = await conversation.open().catch((error: unknown) => {
      if (!(error instanceof ApiError)) throw error
      screen.print(screen.transcript.failure(failureOfAnswer(error), screen.columns))
      return undefined
    })
    if (!opened) return
    screen.setStatus({ agent: conversation.agent })
    screen.print(pastTurnLines(opened.history, screen.transcript, screen.columns, screen.style))
    const folder = place.folders.folderOf(conversation.sessionId)
    const isOtherFolder = folder !== undefined && folder !== place.folder
    screen.notice(resumedNotice(opened.state, opened.waitingSince, isOtherFolder ? folder : undefined))
    if (!isOtherFolder) place.folders.remember(place.folder, conversation.sessionId)
    place.changes.beginTurn(conversation.sessionId)
    if (opened.state === 'waiting') await conversation.goOn({ isOtherFolder })
    else if (opened.state === 'running') await conversation.follow()
    screen.setStatus({ agent: conversation.agent })
  }

  /** What is said after leaving; undefined when there is nothing to come back to. */
  farewell(): string | undefined {
    const { isNew, sessionId, wasLeftRunning } = this.#conversation
    if (isNew && !wasLeftRunning) return undefined
    const { style } = this.screen
    const text = wasLeftRunning ? 'Left while a turn runs. It goes on:' : 'Go on with it:'
    return style.paint('dim', `${style.indent}${text} codelab resume ${shortId(sessionId)}`)
  }

  #forget(): void {
    this.#calls = []
    this.notes.clear()
  }

  #open(sessionId: string): Conversation {
    const { link, executor, server } = this.place
    const show = (event: ConversationEvent) => this.#show(event)
    const conversation = new Conversation(
      { link, executor, approver: this.#approver, show, now: monotonicNow, pause },
      sessionId,
    )
    this.screen.setStatus({ agent: 'orchestrator', model: server.health.model ?? '', session: shortId(sessionId) })
    return conversation
  }

  #show(event: ConversationEvent): void {
    if (event.type === 'call.finished') this.#calls = [...this.#calls, event].slice(-maxCalls)
    if (event.type === 'turn.ended' && event.end.usage) this.screen.setStatus(statusOf(event.end.usage))
    if (event.type === 'steer.taken' || event.type === 'steer.own' || event.type === 'steer.dropped') {
      this.#settleSteer(event)
    }
    this.screen.show(event)
  }

  #settleSteer(event: Extract<ConversationEvent, { type: `steer.${string}` }>): void {
    const row = this.#waiting.find(({ how, text }) => how === 'steer' && text === event.text)
    if (row) this.#setWaiting(this.#waiting.filter((other) => other !== row))
    if (event.type !== 'steer.dropped') return
    this.#giveBack(event.text)
    if (event.reason) this.screen.notice(`Not taken: ${event.reason}. It stands in the line again.`)
  }

  #giveBackQueue(): void {
    for (let text = this.nextQueued(); text !== undefined; text = this.nextQueued()) this.#giveBack(text)
  }

  /** What reached nobody stands in the line again. */
  #giveBack(text: string): void {
    const { draft } = this.screen
    this.screen.draft = draft === '' ? text : `${text}\n${draft}`
  }

  #setWaiting(rows: readonly WaitingRow[]): void {
    this.#waiting = [...rows]
    this.screen.setWaiting(rows)
  }
}

function resumedNotice(state: 'idle' | 'running' | 'waiting', since: string, otherFolder: string | undefined): string {
  const at = new Date(since)
  const time = `${String(at.getHours()).padStart(2, '0')}:${String(at.getMinutes()).padStart(2, '0')}`
  const lines = [
    state === 'waiting'
      ? `Resumed. Something waits for you since ${time}.`
      : state === 'running'
        ? 'Resumed. A turn runs.'
        : 'Resumed.',
    ...(otherFolder ? [`It belongs to ${otherFolder}; its calls would run here.`] : []),
  ]
  return lines.join('\n')
}

function statusOf({ model, share }: Usage): { model: string; context: string } {
  return { model, context: share === undefined ? '' : `ctx ${Math.round(share * 100)}%` }
}
