import { basename } from 'node:path'
import type { Question } from '../conversation/events.ts'
import { MessageHistory } from '../prompt/message-history.ts'
import { askOpenCall, askPerson } from '../screen/ask-person.ts'
import { bannerLines } from '../screen/banner.ts'
import type { BusyChoice, Shortcut } from '../screen/chat-input.ts'
import { ChatScreen } from '../screen/chat-screen.ts'
import { editInEditor, findEditor } from '../screen/edit-file.ts'
import { askQuestion } from '../screen/question-dialog.ts'
import { askTrust } from '../screen/trust-dialog.ts'
import { exitCodes } from '../server/failure.ts'
import { readClientId } from '../server/state-folder.ts'
import { shortId } from '../sessions/session-ids.ts'
import { pickSession, sessionsOfFolder } from '../sessions/session-picker.ts'
import { clientVersion } from '../version.ts'
import { WorkspaceFiles } from '../workspace/workspace-files.ts'
import { createApprover } from './approvers.ts'
import { Chat } from './chat-session.ts'
import { serverNotes, slashCommands } from './chat-words.ts'
import { onSignals, secondPress } from './interrupts.ts'
import { type CommonOptions, chooseStyle, type Io } from './io.ts'
import { ownCommand, runOwnCommand } from './own-command.ts'
import { createRuleMaker } from './rule-maker.ts'
import { runSlashCommand, runsMeanwhile } from './slash.ts'
import { chooseSession, monotonicNow, openWorkplace, type SessionChoice, type Workplace } from './workplace.ts'

export interface ChatOptions extends CommonOptions, SessionChoice {
  readonly agent?: string
  /** Let the person choose a session first. */
  readonly pick?: boolean
}

/** The interactive chat; ends with an exit code. */
export async function chat(io: Io, options: ChatOptions): Promise<number> {
  const place = await openWorkplace(io, options, { answersQuestions: true })
  const first = options.pick ? undefined : await chooseSession(place, options)
  const window = new ChatWindow(io, place, options)
  return window.run(first)
}

type Chosen = { readonly id: string; readonly isNew: boolean }

/** One chat in one terminal: the screen, the person's keys, and the conversation between them. */
class ChatWindow {
  readonly #io: Io
  readonly #place: Workplace
  readonly #options: ChatOptions
  readonly #screen: ChatScreen
  readonly #history: MessageHistory
  readonly #leaving = new AbortController()
  readonly #isSecond = secondPress(monotonicNow)
  #chat: Chat | undefined
  #exitCode: number = exitCodes.done
  #acceptsEdits = false
  /** The command of the person's own that runs. */
  #own: AbortController | undefined

  constructor(io: Io, place: Workplace, options: ChatOptions) {
    this.#io = io
    this.#place = place
    this.#options = options
    this.#history = new MessageHistory(place.stateFolder)
    const files = new WorkspaceFiles(place.folder)
    this.#screen = new ChatScreen({
      input: io.stdin,
      output: io.stdout,
      style: chooseStyle(io, io.stdout, options),
      now: monotonicNow,
      onInterrupt: () => this.#interrupt(),
      onEnd: () => this.#leave(exitCodes.done),
      title: basename(place.folder),
      prompt: {
        history: this.#history.entries,
        commands: slashCommands,
        findFiles: (query) => files.find(query),
      },
      onStop: () => this.#stop(),
      onSay: (text, how) => this.#sayMeanwhile(text, how),
      onRecall: () => this.#chat?.recall(),
      onShortcut: (name) => this.#shortcut(name),
    })
  }

  async run(first: Chosen | undefined): Promise<number> {
    const screen = this.#screen
    const place = this.#place
    const stopListening = [
      onSignals(['SIGINT'], () => this.#interrupt()),
      onSignals(['SIGTERM', 'SIGHUP'], () => this.#leave(exitCodes.interrupted)),
    ]
    try {
      await screen.start()
      const chosen = first ?? (await this.#pickFirst())
      if (!chosen) return this.#exitCode
      const chat = this.#createChat(chosen)
      this.#chat = chat
      await this.#greet(chat)
      await askTrust(screen, place.trust, { style: screen.style, now: monotonicNow, signal: this.#leaving.signal })
      if (!chosen.isNew) await chat.resume()
      await this.#talk(chat)
      return this.#exitCode
    } finally {
      screen.stop()
      for (const stop of stopListening) stop()
      const farewell = this.#chat?.farewell()
      if (farewell) this.#io.stdout.write(`${farewell}\n`)
    }
  }

  #leave(code: number): void {
    this.#exitCode = code
    this.#leaving.abort()
    this.#own?.abort()
    this.#chat?.conversation.leave()
    this.#screen.endReading()
  }

  /** Ctrl-C: stops what runs, empties the line; a second one within 2 s leaves. */
  #interrupt(): void {
    if (this.#isSecond()) this.#leave(exitCodes.interrupted)
    else if (this.#stop()) this.#screen.note('stopping; Ctrl-C again leaves')
    else if (!this.#screen.clearLine()) this.#screen.note('Ctrl-C again leaves')
  }

  /** Whether something ran that is stopped now. */
  #stop(): boolean {
    if (this.#own) this.#own.abort()
    else if (this.#chat?.conversation.isBusy) this.#chat.conversation.cancel().catch(() => undefined)
    else return false
    return true
  }

  #sayMeanwhile(text: string, how: BusyChoice): boolean {
    const chat = this.#chat
    if (!chat) return false
    if (!text.startsWith('/')) {
      const isTaken = !ownCommand(text) && chat.sayMeanwhile(text.trim(), how)
      if (isTaken) this.#history.add(text)
      return isTaken
    }
    if (!runsMeanwhile(text)) return false
    runSlashCommand(chat, text, this.#leaving.signal).catch(() => undefined)
    return true
  }

  #shortcut(name: Shortcut): void {
    if (name === 'accept-edits') this.#setAcceptsEdits(!this.#acceptsEdits)
    else if (name === 'open-call') {
      if (this.#chat) runSlashCommand(this.#chat, '/show', this.#leaving.signal).catch(() => undefined)
    } else this.#writeInEditor().catch(() => undefined)
  }

  #setAcceptsEdits(accepts: boolean): void {
    this.#acceptsEdits = accepts
    this.#screen.setStatus({ mode: accepts ? 'accepts edits' : '' })
    this.#screen.note(accepts ? 'file changes are approved; commands still ask' : 'file changes ask again')
  }

  async #writeInEditor(): Promise<void> {
    const screen = this.#screen
    const editor = findEditor(this.#io.env)
    if (!editor) return screen.note('set VISUAL or EDITOR first')
    const options = { folder: this.#place.stateFolder, path: 'message.md' }
    const text = await screen.lend(() => editInEditor(editor, screen.draft, options))
    if (text !== undefined) screen.draft = text.trimEnd()
  }

  #createChat(chosen: Chosen): Chat {
    const place = this.#place
    const screen = this.#screen
    const { executor, stateFolder } = place
    const rules = createRuleMaker({
      link: place.link,
      sessionId: () => this.#chat?.conversation.sessionId ?? chosen.id,
      clientId: readClientId(stateFolder),
      say: (text) => screen.notice(text),
    })
    const parts = {
      host: screen,
      executor,
      style: () => screen.style,
      now: monotonicNow,
      stateFolder,
      env: this.#io.env,
      acceptEdits: () => this.#setAcceptsEdits(true),
      rules,
    }
    const person = {
      decide: (...[request, signal]: Parameters<ReturnType<typeof createApprover>['decide']>) =>
        askPerson(parts, request, signal),
      mayRunOpenCall: (...[request, why, signal]: Parameters<ReturnType<typeof createApprover>['mayRunOpenCall']>) =>
        askOpenCall(parts, request, why, signal),
      answer: (question: Question, signal: AbortSignal) =>
        askQuestion(screen, { ...question, style: screen.style, shownAt: monotonicNow() }, signal),
    }
    const waived = { acceptsEdits: () => this.#acceptsEdits, passing: rules.passing }
    const approver = createApprover(person, { allow: [], deny: [] }, waived)
    return new Chat({ place, screen, approver }, chosen, this.#options.agent)
  }

  async #pickFirst(): Promise<Chosen | undefined> {
    const place = this.#place
    const screen = this.#screen
    const found = await sessionsOfFolder(place.link.client, place.folders, place.folder)
    if (found.here.length === 0) {
      screen.notice('No sessions in this folder yet. codelab starts one.')
      return undefined
    }
    const options = { style: screen.style, folder: place.folder, signal: this.#leaving.signal }
    const id = await pickSession(screen, found, options)
    return id === undefined ? undefined : { id, isNew: false }
  }

  async #greet(chat: Chat): Promise<void> {
    const place = this.#place
    const screen = this.#screen
    const { agents } = await place.link.client.agents()
    const facts = {
      version: clientVersion(),
      folder: place.folder,
      model: place.server.health.model ?? '',
      agents: agents.length,
      session: shortId(chat.conversation.sessionId),
      notes: serverNotes(place.server, this.#io.env),
    }
    screen.print(screen.transcript.lines(bannerLines(facts, screen.columns, screen.style)))
  }

  /** Message after message, until the person leaves. */
  async #talk(chat: Chat): Promise<void> {
    const { signal } = this.#leaving
    while (!signal.aborted) {
      const text = chat.nextQueued() ?? (await this.#screen.readMessage())
      if (text === undefined || signal.aborted) return
      this.#history.add(text)
      if ((await this.#take(chat, text)) === 'quit') return
    }
  }

  async #take(chat: Chat, text: string): Promise<'quit' | 'stay'> {
    const screen = this.#screen
    const own = ownCommand(text)
    if (own) {
      this.#own = new AbortController()
      await runOwnCommand(chat, own, { env: this.#io.env, signal: this.#own.signal })
      this.#own = undefined
      return 'stay'
    }
    if (/^\/[a-z-]*(\s|$)/.test(text)) {
      screen.person(text.trim())
      return runSlashCommand(chat, text, this.#leaving.signal)
    }
    await chat.say(text.trim())
    return 'stay'
  }
}
