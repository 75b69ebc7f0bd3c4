import { cleanText } from '../../domain/text.ts'
import type { SourceApproval, SourceMessage } from '../ports/session-source.ts'
import type { AgentEntry, Call, Entry } from './conversation.ts'
import type { Mends } from './mends.ts'
import { argumentsOf, callSaidBy, readCalls, toolName } from './read-calls.ts'
import type { Times } from './read-fields.ts'

const lostResult = 'Error: The tool failed or was refused; what it said was not stored'
const lostBeginning = '(The beginning of this conversation was not stored.)'
/** What the Python service stored as an answer when its proxy failed (PROTOCOL D23). */
const storedFault = /^\[Error\] /

/** Why a call may not be made by the agent that has the session; undefined: it may. */
export type Refuse = (tool: string, argumentsJson: string) => string | undefined

/** Rows as they were stored → a history in which every call has its place and at most one result. What stands open at its end waits for
 *  a person if an approval says so. */
export class HistoryMender {
  readonly #mends: Mends
  readonly #times: Times
  readonly #entries: Entry[] = []
  /** The newest call of each id, as it was called in the source. */
  readonly #calls = new Map<string, { readonly call: Call; readonly entry: AgentEntry }>()
  readonly #ids = new Set<string>()

  constructor(mends: Mends, times: Times) {
    this.#mends = mends
    this.#times = times
  }

  add(message: SourceMessage): void {
    const text = cleanText(message.content ?? '')
    const at = this.#times.read(message.time)
    switch (message.role) {
      case 'user':
        if (text.trim() === '') this.#mends.add('empty_left_out')
        else this.#entries.push({ by: 'user', text, at })
        return
      case 'assistant':
        this.#addAnswer(text, at, readCalls(message.toolCalls, this.#mends))
        return
      case 'tool':
        this.#addResult(message, text, at)
        return
      default:
        this.#mends.add(message.role === 'system' ? 'system_left_out' : 'role_left_out')
    }
  }

  /** Approvals that are still pending; what the agent may not do is refused instead of offered. */
  addApprovals(approvals: readonly SourceApproval[], refuse: Refuse): void {
    for (const approval of approvals) {
      if (approval.kind !== 'tool') {
        this.#mends.add('approval_other')
        continue
      }
      const call = this.#calls.get(approval.callId)?.call ?? this.#callOf(approval)
      if (!call || call.result || call.approval || !this.#isLast(call)) {
        this.#mends.add('approval_stale')
        continue
      }
      const refusal = refuse(call.tool, call.argumentsJson)
      if (refusal === undefined) call.approval = approval
      else {
        this.#mends.add('approval_refused')
        call.result = { text: `Error: ${refusal}`, at: this.#times.read(approval.time), failed: true }
      }
    }
  }

  entries(): readonly Entry[] {
    const kept = this.#entries.filter((entry) => entry.by === 'user' || entry.text !== '' || entry.calls.length > 0)
    this.#mends.add('empty_left_out', this.#entries.length - kept.length)
    for (const entry of kept) {
      if (entry.by === 'agent') this.#mends.add('call_closed', entry.calls.filter(isAbandoned).length)
    }
    const [first] = kept
    if (first?.by !== 'agent') return kept
    this.#mends.add('beginning_missing')
    return [{ by: 'user', text: lostBeginning, at: first.at }, ...kept]
  }

  #addAnswer(text: string, at: number, calls: readonly Call[]): void {
    if (calls.length === 0 && storedFault.test(text)) {
      this.#mends.add('fault_left_out')
      return
    }
    const entry: AgentEntry = { by: 'agent', text: text.trim() === '' ? '' : text, at, calls: [] }
    this.#entries.push(entry)
    for (const call of calls) this.#addCall(entry, call)
  }

  /** Under an id that the session does not have yet. */
  #addCall(entry: AgentEntry, given: Call): Call {
    const callId = this.#freeId(given.callId)
    if (given.callId !== '' && callId !== given.callId) this.#mends.add('call_renamed')
    const call = { ...given, callId }
    entry.calls.push(call)
    this.#ids.add(callId)
    this.#calls.set(given.callId === '' ? callId : given.callId, { call, entry })
    return call
  }

  #freeId(wanted: string): string {
    const stem = wanted === '' ? 'call_imported' : wanted
    if (wanted !== '' && !this.#ids.has(wanted)) return wanted
    let number = 1
    while (this.#ids.has(`${stem}_${number}`)) number += 1
    return `${stem}_${number}`
  }

  #addResult(message: SourceMessage, content: string, at: number): void {
    const call = this.#callFor(message, content)
    if (call.result) this.#mends.add('result_doubled')
    // An error or a refusal was stored as the text `null` (PROTOCOL D7, D11).
    const lost = message.content === null || content.trim() === 'null'
    if (lost) this.#mends.add('result_lost')
    const text = lost ? lostResult : content
    call.result = { text, at, failed: text.startsWith('Error: ') }
  }

  /** The call that a result is for: by its id, else the one that it follows, else one that is made again (PROTOCOL D4). */
  #callFor(message: SourceMessage, content: string): Call {
    const id = message.toolCallId ?? ''
    const known = this.#calls.get(id)
    const last = this.#entries.at(-1)
    if (known) {
      if (known.entry !== last) this.#mends.add('result_moved')
      return known.call
    }
    const open = last?.by === 'agent' && id === '' ? last.calls.filter((call) => !call.result) : []
    const followed = open.find((call) => !message.name || call.tool === message.name)
    if (followed) {
      this.#mends.add('result_linked')
      return followed
    }
    this.#mends.add('call_rebuilt')
    const said = callSaidBy(content)
    const tool = toolName(message.name || said.tool, this.#mends)
    const argumentsJson = argumentsOf(said.arguments, this.#mends)
    return this.#addCall(this.#lastAnswer(), { callId: id, tool, argumentsJson })
  }

  /** A call that was lost, or not stored in time, though its approval was. After a text that ends a turn nothing waits. */
  #callOf(approval: SourceApproval): Call | undefined {
    const last = this.#entries.at(-1)
    if (approval.callId === '' || !last || (last.by === 'agent' && last.text !== '')) return undefined
    this.#mends.add('call_of_approval')
    const tool = toolName(approval.tool, this.#mends)
    const argumentsJson = argumentsOf(approval.arguments, this.#mends)
    const isOver = last.by === 'agent' && last.calls.some((call) => call.result)
    const entry = isOver ? this.#newAnswer() : this.#lastAnswer()
    return this.#addCall(entry, { callId: approval.callId, tool, argumentsJson })
  }

  #isLast(call: Call): boolean {
    const last = this.#entries.at(-1)
    return last?.by === 'agent' && last.calls.includes(call)
  }

  #lastAnswer(): AgentEntry {
    const last = this.#entries.at(-1)
    return last?.by === 'agent' ? last : this.#newAnswer()
  }

  #newAnswer(): AgentEntry {
    const entry: AgentEntry = { by: 'agent', text: '', at: this.#times.last, calls: [] }
    this.#entries.push(entry)
    return entry
  }
}

function isAbandoned(call: Call): boolean {
  return call.result === undefined && call.approval === undefined
}
