import type { StreamChunk } from '@codelab/protocol'
import {
  type Application,
  argumentsOf,
  type ClientProfile,
  type Log,
  type Owner,
  type RunFrame,
  RuntimeError,
  type SessionEvent,
  type SubmitInput,
  type ToolCall,
} from '../../application/index.ts'
import { isServerFault, streamRefusal } from '../errors.ts'
import type { EndOfAccess } from '../http/open-access.ts'
import { pendingApproval, sessionToolCall } from '../shapes/tool-call.ts'
import { unauthorized } from '../stream/answer.ts'
import { RunChunks } from '../stream/chunks.ts'
import { readClientProfile } from '../stream/client-profile.ts'
import { readMessage } from '../stream/read-message.ts'
import { type ClientFrame, readClientFrame } from './client-frame.ts'
import type { Deliveries } from './deliveries.ts'
import { type FramesInWork, tooMuch } from './frames-in-work.ts'
import type { SocketWriter } from './socket-writer.ts'

export interface SessionSocketDeps {
  readonly application: Application
  readonly log: Log
  readonly deliveries: Deliveries
  readonly frames: FramesInWork
  /** Refuses what is too much: a rate, a load. */
  readonly admit: (kind: 'turn' | 'answer') => Promise<RuntimeError | undefined>
  readonly requestId: () => string
  /** Names of the agents, for refusals. */
  readonly agents: readonly string[]
}

/** The client has to come back with another credential; it has no meaning in RFC 6455. */
const unauthorizedCode = 4401
/** How long the answer that is being told may still take when its token has expired. */
const lastWordMs = 60_000

const lookAgainMs = 500

/** Frames of one socket that are worked on at once; the session's own queue is shorter. */
const mostFrames = 32

/** One client on one session (CLIENTS 3). Every frame is an input, and what comes of it is written as the Gateway writes it: the chunks without
 *  their nulls, and no `done`. A client that says `hello` is one that declared itself. */
export class SessionSocket {
  readonly #deps: SessionSocketDeps
  readonly #ref: Owner & { readonly sessionId: string }
  readonly #writer: SocketWriter
  #client: ClientProfile | null
  #working = 0
  /** Resolves when the session has what came before: frames are taken in their order, and a cancel finds the message before it. */
  #taken: Promise<void> = Promise.resolve()
  #expired = false
  #watching = false
  /** Ends what is known of the client as the one it was before its `hello`. */
  #disconnect = new AbortController()
  #looksAgain = false

  constructor(
    deps: SessionSocketDeps,
    ref: Owner & { readonly sessionId: string },
    writer: SocketWriter,
    client: ClientProfile | null,
  ) {
    this.#deps = deps
    this.#ref = ref
    this.#writer = writer
    this.#client = client
    this.#connect()
  }

  #connect(): void {
    this.#disconnect.abort()
    this.#disconnect = new AbortController()
    const left = AbortSignal.any([this.#writer.left, this.#disconnect.signal])
    this.#deps.application.commands.connectClient(this.#ref, this.#client?.id ?? null, left)
  }

  /** Hands out what waits for a client that did not declare itself. */
  async open(): Promise<void> {
    if (this.#client === null) await this.#tryHandOut()
  }

  /** Takes one text frame. Never throws. */
  async take(bytes: Buffer): Promise<void> {
    const requestId = this.#deps.requestId()
    try {
      const frame = readClientFrame(bytes)
      if (this.#expired) throw unauthorized()
      if (frame.kind === 'refused') throw new RuntimeError('invalid_input', frame.text)
      await this.#work(frame, bytes.length, requestId)
    } catch (thrown) {
      const error = RuntimeError.from(thrown)
      if (isServerFault(error)) {
        const { code, cause } = error
        this.#deps.log.error('frame failed', { request_id: requestId, code, error: cause ?? error })
      }
      await this.#write(streamRefusal(error, requestId))
    }
  }

  /** What it came with counts no more: the turn goes on in any case. Where somebody revoked it the socket is told nothing more; where its time
   *  is over, the answer that is being told comes to its end. */
  end(why: EndOfAccess): void {
    this.#expired = true
    if (why === 'revoked' || this.#working === 0) this.#close()
    else setTimeout(() => this.#close(), lastWordMs).unref()
  }

  #close(): void {
    this.#writer.close(unauthorizedCode, 'unauthorized')
  }

  async #work(frame: Accepted, size: number, requestId: string): Promise<void> {
    // There is room for a cancel when there is none for more work.
    const most = frame.kind === 'cancel' ? 2 * mostFrames : mostFrames
    if (this.#working >= most) throw tooMuch('Too many frames of this socket are being worked on')
    const done = this.#deps.frames.begin(size)
    this.#working++
    const before = this.#taken
    const { promise, resolve: taken } = Promise.withResolvers<void>()
    this.#taken = promise
    try {
      await before
      if (this.#expired) throw unauthorized()
      if (frame.kind === 'hello') await this.#hello(frame.client)
      else if (frame.kind === 'cancel') await this.#cancel()
      else await this.#input(frame.message, requestId, taken)
    } finally {
      taken()
      done()
      this.#working--
      if (this.#expired && this.#working === 0) this.#close()
    }
  }

  async #input(message: Readonly<Record<string, unknown>>, requestId: string, taken: () => void): Promise<void> {
    const body = readMessage(message, this.#deps.agents)
    const refusal = await this.#deps.admit(body.kind === 'message' || body.kind === 'switch' ? 'turn' : 'answer')
    if (refusal) throw refusal
    const input = { ...this.#ref, client: this.#client, body, ...onBusyOf(message) }
    await this.#follow(input, requestId, taken)
    void this.#watch()
  }

  /** The socket is a reader of the run: when it closes, the run goes on. */
  async #follow(input: SubmitInput, requestId: string, taken: () => void): Promise<void> {
    const chunks = new RunChunks(input.client?.features ?? [], requestId)
    for await (const frame of this.#deps.application.commands.streamInput(input, this.#writer.left)) {
      taken()
      for (const chunk of chunks.of(frame)) await this.#writeChunk(chunk, dispatchedCall(frame))
      if (this.#writer.left.aborted) return
    }
  }

  /** `call`: the one that the chunk hands out. */
  async #writeChunk(chunk: StreamChunk, call: ToolCall | undefined): Promise<void> {
    if (!(await this.#write(inBothPlaces(chunk))) || !call) return
    if (chunk.type === 'tool_call' && !chunk.requires_approval) this.#deps.deliveries.note(call, this.#writer.left)
  }

  async #hello(client: unknown): Promise<void> {
    this.#client = readClientProfile({ client, featureLists: [] })
    this.#connect()
    const { now } = await this.#now()
    await this.#write({
      type: 'hello',
      session_id: this.#ref.sessionId,
      last_seq: now?.lastSeq ?? 0,
      state: now?.state ?? 'idle',
      open_calls: now?.calls.filter(({ call }) => call.state === 'open').map(sessionToolCall) ?? [],
      pending_approvals: now?.calls.filter(({ call }) => call.state === 'awaiting_approval').map(pendingApproval) ?? [],
    })
    await this.#handOut()
    void this.#watch()
  }

  /** What somebody else approves, or makes the model call, goes to the client that runs the tools. */
  async #watch(): Promise<void> {
    if (this.#watching || this.#client?.id == null) return
    this.#watching = true
    try {
      const { left } = this.#writer
      const { frames } = await this.#deps.application.followEvents(this.#ref, undefined, { left, closing: left })
      for await (const frame of frames) {
        if (frame.kind === 'event' && brings(frame.event)) await this.#tryHandOut(true)
      }
    } catch (thrown) {
      const { code } = RuntimeError.from(thrown)
      if (code !== 'not_found') this.#deps.log.warn('a socket hears no decisions of others', { code })
    } finally {
      this.#watching = false
    }
  }

  async #cancel(): Promise<void> {
    await this.#deps.application.commands.cancelTurn(this.#ref)
  }

  /** Calls that wait for this client and that nobody connected has. What changes something is given out once only. */
  async #handOut(onlyNew = false): Promise<void> {
    const { deliveries, application } = this.#deps
    const open = await application.commands.handOutCalls({
      ...this.#ref,
      clientId: this.#client?.id ?? null,
      onlyNew,
    })
    if (open.some(({ heldElsewhere }) => heldElsewhere)) this.#lookAgain()
    for (const { call, repeatable, surelyNew, heldElsewhere } of open) {
      if (heldElsewhere) continue
      const holder = deliveries.holderOf(call)
      if (holder && !holder.aborted) this.#await(holder)
      else if (repeatable || (!holder && surelyNew)) await this.#writeChunk(handedOut(call), call)
    }
  }

  /** A client that comes back may be here before the loss of its old socket was noticed. */
  #await(holder: AbortSignal): void {
    const { left } = this.#writer
    if (holder === left) return
    holder.addEventListener('abort', () => void this.#tryHandOut(), { once: true, signal: left })
  }

  /** Whoever has a call on another replica may leave. */
  #lookAgain(): void {
    if (this.#looksAgain) return
    this.#looksAgain = true
    setTimeout(() => {
      this.#looksAgain = false
      if (!this.#writer.left.aborted) void this.#tryHandOut()
    }, lookAgainMs).unref()
  }

  async #tryHandOut(onlyNew = false): Promise<void> {
    try {
      await this.#handOut(onlyNew)
    } catch (thrown) {
      this.#deps.log.warn('open calls were not handed out', { code: RuntimeError.from(thrown).code })
    }
  }

  async #now() {
    const left = new AbortController()
    try {
      const signals = { left: left.signal, closing: left.signal }
      const { now, frames } = await this.#deps.application.followEvents(this.#ref, undefined, signals)
      left.abort()
      await frames.return(undefined)
      return { now }
    } catch (thrown) {
      // The first message makes the session.
      if (RuntimeError.from(thrown).code === 'not_found') return { now: undefined }
      throw thrown
    }
  }

  async #write(frame: object): Promise<boolean> {
    return await this.#writer.write(withoutNulls(frame))
  }
}

/** Whether there may be calls now that nobody was given. */
function brings(event: SessionEvent): boolean {
  if (event.type !== 'run.ended') return event.type === 'approval.decided'
  return event.facts.outcome === 'awaiting_tool' || event.facts.outcome === 'awaiting_approval'
}

type Accepted = Exclude<ClientFrame, { readonly kind: 'refused' }>

function dispatchedCall(frame: RunFrame): ToolCall | undefined {
  return frame.kind === 'event' && frame.event.type === 'tool_call.dispatched' ? frame.event.call : undefined
}

/** Shipped clients look for the agents of a switch in either place (CLIENTS 3.2). */
function inBothPlaces(chunk: StreamChunk): object {
  return chunk.type === 'agent_switched' ? { ...chunk, ...chunk.metadata } : chunk
}

function handedOut(call: ToolCall): StreamChunk {
  return {
    type: 'tool_call',
    is_final: true,
    call_id: call.callId,
    tool_name: call.tool,
    arguments: argumentsOf(call),
    requires_approval: call.state === 'awaiting_approval',
  }
}

/** As the Gateway takes them out: on top only. */
function withoutNulls(frame: object): object {
  return Object.fromEntries(Object.entries(frame).filter(([, value]) => value !== null && value !== undefined))
}

function onBusyOf({ on_busy: given }: Readonly<Record<string, unknown>>): Pick<SubmitInput, 'onBusy'> {
  const onBusy = (['queue', 'reject', 'interrupt', 'steer'] as const).find((known) => known === given)
  return onBusy ? { onBusy } : {}
}
