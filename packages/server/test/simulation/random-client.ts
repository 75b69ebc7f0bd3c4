import {
  type ClientProfile,
  type InputBody,
  type RunFrame,
  RuntimeError,
  type ShownCall,
  textOf,
  toolCallsOf,
} from '../../src/application/index.ts'
import type { ErrorCode } from '../../src/domain/errors.ts'
import type { ToolCall } from '../../src/domain/tool-call.ts'
import type { FirstEvents } from './first-events.ts'
import type { Random } from './random.ts'
import { Died, owner, type World } from './world.ts'

export interface RandomClientDeps {
  readonly name: string
  readonly world: World
  readonly order: FirstEvents
  readonly sessions: readonly [string, ...string[]]
  readonly operations: number
}

type Life = Awaited<ReturnType<World['process']>>

const always: readonly ErrorCode[] = ['session_busy', 'session_deleted', 'storage_busy', 'not_found']
const agents = ['coder', 'architect', 'debug', 'ask', 'auto', 'orchestrator'] as const

/** What an input of each kind may be refused for. */
const refusals: Readonly<Record<InputBody['kind'], readonly ErrorCode[]>> = {
  message: ['switch_limit'],
  switch: ['switch_limit', 'agent_unknown'],
  resume: ['invalid_input', 'not_found'],
  tool_result: ['unknown_call', 'call_answered', 'call_superseded', 'forbidden'],
  decision: [
    'approval_not_pending',
    'call_superseded',
    'tool_arguments_invalid',
    'path_not_allowed',
    'tool_not_allowed',
  ],
}

/** Somebody who uses the server as the seed says: well, badly, twice, too late, and leaving when they like. */
export class RandomClient {
  readonly #deps: RandomClientDeps
  readonly #random: Random
  readonly #profile: ClientProfile | null
  #last: { readonly session: string; readonly body: InputBody } | undefined

  constructor(deps: RandomClientDeps) {
    this.#deps = deps
    this.#random = deps.world.random
    this.#profile = this.#random.chance(0.4) ? null : this.#declare()
  }

  async work(): Promise<void> {
    const { world, operations } = this.#deps
    for (let left = operations; left > 0; left--) {
      await world.outside.sleep(this.#random.chance(0.3) ? 0 : this.#random.next() * 1_500)
      await this.#operate(await world.process())
    }
  }

  /** Sends a message that has to be answered. */
  async insist(session: string): Promise<void> {
    const { world } = this.#deps
    const outcome = await this.#send(await world.process(), session, this.#message())
    if (outcome !== 'completed') world.witness.accuse('no session is stuck', `${session} ended ${outcome} at the end`)
  }

  async #operate(life: Life): Promise<void> {
    const session = this.#random.pick(this.#deps.sessions)
    const kind = this.#random.weighted({ message: 30, open: 44, repeat: 6, stray: 3, resume: 4, switch: 5, rest: 12 })
    if (kind === 'message') await this.#sendAndMaybeLeave(life, session, this.#message())
    if (kind === 'open') await this.#answerOpen(life, session)
    if (kind === 'repeat' && this.#last) await this.#sendAndMaybeLeave(life, this.#last.session, this.#last.body)
    if (kind === 'stray') await this.#sendAndMaybeLeave(life, session, this.#result('call_nobody'))
    if (kind === 'resume') await this.#sendAndMaybeLeave(life, session, { kind: 'resume' })
    if (kind === 'switch') await this.#sendAndMaybeLeave(life, session, this.#switch())
    if (kind === 'rest') await this.#rest(life, session)
  }

  async #answerOpen(life: Life, session: string): Promise<void> {
    const { sessions } = life.application
    const calls = await this.#ask(life, 'open calls', () =>
      sessions.toolCalls({ ownerId: owner, sessionId: session }, 'open'),
    )
    if (!calls?.length) return await this.#sendAndMaybeLeave(life, session, this.#message())
    const { call } = this.#random.pick(calls) as ShownCall
    const decides = call.state === 'awaiting_approval' ? this.#random.chance(0.7) : this.#random.chance(0.05)
    await this.#sendAndMaybeLeave(life, session, decides ? this.#decision(call) : this.#result(call.callId))
  }

  #message(): InputBody {
    const content = `m${this.#deps.order.next()}`
    return { kind: 'message', content, ...(this.#random.chance(0.15) ? { agent: this.#random.pick(agents) } : {}) }
  }

  #switch(): InputBody {
    const content = this.#random.chance(0.5) ? '' : `m${this.#deps.order.next()}`
    return { kind: 'switch', agent: this.#random.chance(0.1) ? 'nobody' : this.#random.pick(agents), content }
  }

  #result(callId: string): InputBody {
    const kind = this.#random.weighted({ text: 5, file: 3, object: 3, error: 2, rejected: 1, nothing: 1 })
    const body = { kind: 'tool_result' as const, callId }
    if (kind === 'error') return { ...body, error: 'it failed' }
    if (kind === 'rejected') return { ...body, error: 'User rejected the operation' }
    if (kind === 'nothing') return body
    if (kind === 'file') return { ...body, result: { success: true, content: 'one\nx\n' } }
    return { ...body, result: kind === 'text' ? 'done' : { content: 'x\u0000y', size: 2 } }
  }

  #decision(call: ToolCall): InputBody {
    const decision = this.#random.weighted({ approve: 5, edit: 3, reject: 3 })
    const body = { kind: 'decision' as const, callId: call.callId, decision }
    if (decision === 'reject') return { ...body, feedback: 'not so' }
    if (decision === 'approve') return body
    const edits = [
      {},
      { path: 'src/edited.md', content: 'y', command: 'ls' },
      { path: '../out', content: 'y' },
      { path: 5 },
    ]
    return { ...body, modifiedArguments: this.#random.pick(edits) ?? {} }
  }

  async #rest(life: Life, session: string): Promise<void> {
    const { commands, sessions } = life.application
    const { seen } = this.#deps.world
    const ref = { ownerId: owner, sessionId: session }
    const kind = this.#random.weighted({ cancel: 5, history: 4, create: 1, remove: 2, rename: 1, agent: 2 })
    if (kind === 'cancel') {
      const done = await this.#ask(life, 'cancel', () => commands.cancelTurn(ref))
      if (done?.turnId)
        seen.fact(
          `the cancel of ${done.turnId}`,
          "select 1 from events where turn_id = ? and type = 'turn.cancelling'",
          done.turnId,
        )
    }
    if (kind === 'history') {
      const history = await this.#ask(life, 'history', () => sessions.history(ref))
      for (const message of history?.messages ?? []) seen.message(message)
    }
    if (kind === 'create') {
      const made = await this.#ask(life, 'create', () => commands.createSession(ref), ['session_exists'])
      if (made) seen.fact(`the session ${made.sid}`, 'select 1 from sessions where sid = ?', made.sid)
    }
    if (kind === 'remove') {
      const now = await this.#ask(life, 'get', () => sessions.get(ref))
      const gone = await this.#ask(life, 'delete', async () => {
        await commands.deleteSession(ref)
        return true
      })
      if (now && gone)
        seen.fact(`the end of ${now.sid}`, 'select 1 from sessions where sid = ? and deleted_at is not null', now.sid)
    }
    if (kind === 'rename') await this.#ask(life, 'rename', () => commands.renameSession({ ...ref, title: 'new' }))
    if (kind === 'agent') {
      const command = { ...ref, agent: this.#random.pick(['coder', 'ask', 'debug']), reason: 'r', confidence: null }
      const done = await this.#ask(life, 'agent', () => commands.switchAgent(command), [
        'agent_unchanged',
        'switch_limit',
      ])
      if (done)
        seen.fact(
          `a switch of ${done.sid}`,
          'select 1 from sessions where sid = ? and switch_count >= ?',
          done.sid,
          done.switchCount,
        )
    }
  }

  /** A request that is answered at once. Undefined: it was refused, or nobody was there any more. */
  async #ask<T>(
    life: Life,
    what: string,
    request: () => Promise<T>,
    allowed: readonly ErrorCode[] = [],
  ): Promise<T | undefined> {
    try {
      return await this.#deps.world.hear(life, request())
    } catch (error) {
      this.#refused(what, error, allowed)
      return undefined
    }
  }

  async #sendAndMaybeLeave(life: Life, session: string, body: InputBody): Promise<void> {
    const { world } = this.#deps
    const sent = { session, body }
    if (body.kind !== 'message' && body.kind !== 'switch') this.#last = sent
    const leaves = this.#random.chance(0.2) ? this.#random.next() * 2_000 : undefined
    const controller = new AbortController()
    if (leaves !== undefined) void world.outside.sleep(leaves).then(() => controller.abort())
    const sending = this.#send(life, session, body, controller.signal)
    // Some do not wait for the end before they do something else.
    if (this.#random.chance(0.75)) await sending
    else this.#deps.order.also(sending)
  }

  async #send(life: Life, session: string, body: InputBody, signal = new AbortController().signal): Promise<string> {
    const { world, name, order } = this.#deps
    const input = { ownerId: owner, sessionId: session, client: this.#profile, body }
    world.witness.note(name, `${session} ${JSON.stringify(body)}`)
    const reading = new Reading(world, order.next(), order)
    try {
      const frames = life.application.commands.streamInput(input, signal)
      for (;;) {
        const step = await world.hear(life, frames.next())
        if (step.done) break
        reading.frame(step.value)
      }
      if (reading.outcome === 'none' && !signal.aborted)
        world.witness.accuse('a stream has an end', `${name}: ${JSON.stringify(body)}`)
      world.witness.note(name, `${reading.outcome}${signal.aborted ? ', it left' : ''}`)
      return reading.outcome
    } catch (error) {
      return this.#refused(body.kind, error, refusals[body.kind])
    }
  }

  #refused(what: string, error: unknown, allowed: readonly ErrorCode[]): string {
    const { world, name } = this.#deps
    if (error instanceof Died) return 'died'
    const code = error instanceof RuntimeError ? error.code : 'internal'
    world.witness.note(name, `${what} refused: ${code}`)
    if (!always.some((known) => known === code) && !allowed.some((known) => known === code))
      world.witness.accuse(
        'a refusal has its reason',
        `${what}: ${error instanceof Error ? error.stack : String(error)}`,
      )
    return code
  }

  #declare(): ClientProfile {
    const features = ['deltas', 'reasoning', 'parallel-tools'].filter(() => this.#random.chance(0.5))
    const tools = this.#random.chance(0.3) ? ['read_file', 'write_file', 'ask_followup_question'] : null
    const id = this.#random.chance(0.5) ? this.#deps.name : null
    return { id, name: 'seeded', version: null, features, tools, limits: {}, context: null }
  }
}

/** What one request got. */
class Reading {
  readonly #world: World
  readonly #number: number
  readonly #order: FirstEvents
  readonly #texts = new Map<string, string>()
  #lastSeq = 0
  outcome = 'none'

  constructor(world: World, number: number, order: FirstEvents) {
    this.#world = world
    this.#number = number
    this.#order = order
  }

  frame(frame: RunFrame): void {
    if (this.outcome !== 'none') this.#accuse('a stream has one end', 'something follows it')
    if (frame.kind === 'text') this.#texts.set(frame.messageId, (this.#texts.get(frame.messageId) ?? '') + frame.text)
    if (frame.kind !== 'event') return
    const { event } = frame
    if (this.#lastSeq === 0) this.#order.add(event.sid, event.seq, this.#number)
    if (event.seq <= this.#lastSeq) this.#accuse('events come in order, once', `${event.seq} after ${this.#lastSeq}`)
    this.#lastSeq = event.seq
    this.#world.seen.event(event)
    if (event.type === 'run.ended') this.outcome = event.facts.outcome
    if (event.type !== 'message.created' || !event.message) return
    const text = this.#texts.get(event.message.id)
    const whole = textOf(event.message.parts)
    if (text === undefined) return
    const exact = toolCallsOf(event.message.parts).length === 0 && !/completed |which\?/.test(whole)
    if (exact ? whole !== text : !whole.startsWith(text))
      this.#accuse('every token in order, once', `"${text}" of "${whole}"`)
  }

  #accuse(promise: string, text: string): void {
    this.#world.witness.accuse(promise, text)
  }
}
