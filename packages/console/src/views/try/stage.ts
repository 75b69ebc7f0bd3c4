import { Executor } from './executor.ts'
import { createLink, randomName } from './http-link.ts'
import { sample, sampleName } from './sample.ts'
import type { Outcome, Preview } from './tool.ts'
import { Turn } from './turn.ts'
import type { Decision, Failure, HandedCall, Link, TurnEvent } from './turn-parts.ts'
import { Workspace } from './workspace.ts'

export interface DoneCall {
  readonly call: HandedCall
  readonly outcome: Outcome
  readonly ms: number
}

/** What stands in the conversation, oldest first. */
export type Item = { readonly id: number } & (
  | { readonly kind: 'user'; readonly text: string; readonly at: number }
  | {
      readonly kind: 'switch'
      readonly from: string
      readonly to: string
      readonly reason: string
      readonly confidence: string | undefined
    }
  | { readonly kind: 'text'; readonly agent: string; readonly text: string; readonly isOpen: boolean }
  | { readonly kind: 'calls'; readonly agent: string; readonly calls: readonly DoneCall[] }
  | {
      readonly kind: 'receipt'
      readonly call: HandedCall
      readonly decision: Decision | 'elsewhere'
      readonly at: number
    }
  | { readonly kind: 'notice'; readonly text: string }
  | { readonly kind: 'failed'; readonly failure: Failure }
)

/** A call that waits for the person at this page. */
export interface Asked {
  readonly call: HandedCall
  readonly preview: Preview
  readonly since: number
  readonly decide: (decision: Decision) => void
}

export interface Shown {
  readonly sessionId: string
  readonly workspace: Workspace
  readonly items: readonly Item[]
  readonly asked: Asked | undefined
  readonly agent: string
  readonly isRunning: boolean
  readonly isLost: boolean
}

const mostItems = 400

type NewItem = Item extends infer T ? (T extends Item ? Omit<T, 'id'> : never) : never

/** One workspace with its conversation. It lives as long as the page; who looks away and comes back finds it as it was. */
export class Stage {
  #shown: Shown
  #link: Link
  #executor: Executor
  #turn: Turn | undefined
  #said = 0
  #nextId = 1
  readonly #cancel: (sessionId: string) => Promise<unknown>
  readonly #listeners = new Set<() => void>()

  constructor(cancel: (sessionId: string) => Promise<unknown>) {
    this.#cancel = cancel
    this.#shown = emptyWith(new Workspace(sampleName, Object.entries(sample)))
    this.#executor = new Executor(this.#shown.workspace)
    this.#link = createLink(this.#shown.sessionId, this.#executor)
  }

  get shown(): Shown {
    return this.#shown
  }

  onChange = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Another workspace and another conversation. */
  begin(workspace: Workspace): void {
    this.stop()
    this.#become(emptyWith(workspace))
    this.#executor = new Executor(workspace)
    this.#link = createLink(this.#shown.sessionId, this.#executor)
    this.#said = 0
  }

  startOver(): void {
    this.begin(new Workspace(sampleName, Object.entries(sample)))
  }

  async say(text: string, agent: string | undefined): Promise<void> {
    if (this.#turn) return
    const link = this.#link
    const turn = new Turn({
      link,
      executor: this.#executor,
      show: (event) => {
        if (this.#turn === turn) this.#take(event)
      },
      decide: (call, signal) => this.#ask(call, signal),
      now: () => performance.now(),
    })
    this.#turn = turn
    this.#add({ kind: 'user', text, at: Date.now() }, { isRunning: true })
    const message = {
      type: 'user_message',
      content: text,
      ...(agent === undefined ? {} : { agent_type: agent }),
    } as const
    const said = await turn.run(message, this.#said)
    if (this.#link === link) this.#said = said
  }

  /** Stops the turn here and in the server. */
  stop(): void {
    const turn = this.#turn
    if (!turn) return
    this.#turn = undefined
    turn.stop()
    this.#cancel(this.#shown.sessionId).catch(() => undefined)
    this.#become({ ...this.#closed(), isRunning: false, isLost: false, asked: undefined })
  }

  #ask(call: HandedCall, signal: AbortSignal): Promise<Decision> {
    return new Promise((resolve, reject) => {
      const preview = this.#executor.preview(call)
      this.#become({ ...this.#shown, asked: { call, preview, since: Date.now(), decide: resolve } })
      signal.addEventListener('abort', () => reject(new Error('not asked any more')))
    })
  }

  #take(event: TurnEvent): void {
    const { agent } = this.#shown
    if (event.type !== 'lost' && this.#shown.isLost) this.#become({ ...this.#shown, isLost: false })
    switch (event.type) {
      case 'delta':
        this.#write(event.text, true)
        break
      case 'message':
        this.#write(event.text, false)
        break
      case 'switch': {
        const { from, to, reason, confidence } = event
        this.#add({ kind: 'switch', from, to, reason, confidence }, { agent: to })
        break
      }
      case 'decided': {
        const { call, decision } = event
        this.#add({ kind: 'receipt', call, decision, at: Date.now() }, { asked: undefined })
        break
      }
      case 'ran':
        this.#ran({ call: event.call, outcome: event.outcome, ms: event.ms }, agent)
        break
      case 'notice':
        this.#add({ kind: 'notice', text: event.text })
        break
      case 'lost':
        this.#become({ ...this.#shown, items: this.#shown.items.filter(isWhole), isLost: true })
        break
      case 'failed':
        this.#add({ kind: 'failed', failure: event.failure })
        break
      case 'ended':
        this.#turn = undefined
        this.#become({ ...this.#closed(), isRunning: false, isLost: false, asked: undefined })
        break
    }
  }

  /** Text grows at the end; the whole of it takes the place of what had come. */
  #write(text: string, isOpen: boolean): void {
    const { items, agent } = this.#shown
    const last = items.at(-1)
    if (last?.kind !== 'text' || !last.isOpen) {
      this.#add({ kind: 'text', agent, text, isOpen })
      return
    }
    const grown = { ...last, text: isOpen ? last.text + text : text, isOpen }
    this.#become({ ...this.#shown, items: [...items.slice(0, -1), grown] })
  }

  #ran(done: DoneCall, agent: string): void {
    const { items } = this.#shown
    const last = items.at(-1)
    if (last?.kind !== 'calls') {
      this.#add({ kind: 'calls', agent, calls: [done] })
      return
    }
    this.#become({ ...this.#shown, items: [...items.slice(0, -1), { ...last, calls: [...last.calls, done] }] })
  }

  #closed(): Shown {
    const items = this.#shown.items.map((item) => (item.kind === 'text' ? { ...item, isOpen: false } : item))
    return { ...this.#shown, items }
  }

  #add(item: NewItem, more: Partial<Shown> = {}): void {
    const items = [...this.#shown.items, { ...item, id: this.#nextId++ } as Item].slice(-mostItems)
    this.#become({ ...this.#shown, ...more, items })
  }

  #become(shown: Shown): void {
    this.#shown = shown
    for (const listener of this.#listeners) listener()
  }
}

function isWhole(item: Item): boolean {
  return item.kind !== 'text' || !item.isOpen
}

function emptyWith(workspace: Workspace): Shown {
  const nothing = { items: [], asked: undefined, agent: 'orchestrator', isRunning: false, isLost: false }
  return { sessionId: randomName('try'), workspace, ...nothing }
}
