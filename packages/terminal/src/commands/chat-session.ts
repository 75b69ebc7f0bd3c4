import { randomUUID } from 'node:crypto'
import { ApiError } from '@codelab/protocol'
import { Conversation } from '../conversation/conversation.ts'
import type { Approver, ConversationEvent, FinishedCall } from '../conversation/events.ts'
import { failureOfAnswer } from '../conversation/failures.ts'
import type { ChatScreen } from '../screen/chat-screen.ts'
import { pastTurnLines } from '../screen/past-turn.ts'
import { shortId } from '../sessions/session-ids.ts'
import { monotonicNow, pause, type Workplace } from './workplace.ts'

export interface ChatParts {
  readonly place: Workplace
  readonly screen: ChatScreen
  readonly approver: Approver
}

const maxCalls = 200

/** The conversation that a chat shows, and what is remembered of it. Another session may take its place. */
export class Chat {
  readonly place: Workplace
  readonly screen: ChatScreen
  readonly #approver: Approver
  #conversation: Conversation
  /** The agent that the person chose for the next message. */
  #nextAgent: string | undefined
  #calls: FinishedCall[] = []

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

  async say(text: string): Promise<void> {
    this.screen.print(this.screen.transcript.person(text, this.screen.columns))
    const agent = this.#nextAgent
    this.#nextAgent = undefined
    this.place.folders.remember(this.place.folder, this.#conversation.sessionId)
    await this.#conversation.say(text, agent)
    this.screen.setStatus({ agent: this.#conversation.agent })
  }

  startNew(): void {
    this.#calls = []
    this.#conversation = this.#open(randomUUID())
  }

  async switchTo(sessionId: string): Promise<void> {
    this.#calls = []
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
    if (event.type === 'turn.ended' && event.end.usage) this.screen.setStatus({ model: event.end.usage.model })
    this.screen.show(event)
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
