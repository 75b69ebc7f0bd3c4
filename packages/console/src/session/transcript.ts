import type { Frame } from '../net/live-events.ts'
import { CallFold } from './call-fold.ts'
import { number, optionalText, record, text } from './fields.ts'
import type { AnswerItem, Item, LogEntry, NoteItem, Segment, Transcript } from './items.ts'
import { TurnFold } from './turn-fold.ts'

const keptEvents = 20_000

/** Folds the frames of a session into what is shown. A frame that was seen before changes nothing, so a stream may begin anywhere before
 *  where the last one ended. */
export class TranscriptFold {
  readonly #items: Item[] = []
  readonly #places = new Map<string, number>()
  readonly #segments: Segment[] = []
  readonly #turns = new TurnFold()
  readonly #log: LogEntry[] = []
  readonly #written = new Set<string>()
  readonly #calls: CallFold
  #dropped = 0
  #lastSeq = 0
  #state: Transcript['state'] = 'idle'
  #agent = 'orchestrator'
  #model: string | undefined
  #context: Transcript['context']
  #queued: string[] = []
  #isStopping = false
  #renames = 0

  constructor() {
    this.#calls = new CallFold({
      get: (id) => this.#get(id),
      put: (item) => this.#put(item),
      place: (data) => this.#place(data),
    })
  }

  push(frames: readonly Frame[]): void {
    for (const { event, data } of frames) {
      if (event === 'message.delta') this.#delta(data)
      else if (event === 'message.reset') this.#reset(data)
      else if (event !== 'hello') this.#event(event, data)
    }
  }

  get lastSeq(): number {
    return this.#lastSeq
  }

  snapshot(): Transcript {
    return {
      items: [...this.#items],
      segments: [...this.#segments],
      turns: this.#turns.snapshot(),
      log: [...this.#log],
      droppedEvents: this.#dropped,
      lastSeq: this.#lastSeq,
      state: this.#state,
      agent: this.#agent,
      model: this.#model,
      context: this.#context,
      queued: [...this.#queued],
      isStopping: this.#isStopping,
      renames: this.#renames,
    }
  }

  #event(type: string, data: Frame['data']): void {
    const seq = number(data['seq'])
    if (seq <= this.#lastSeq) return
    this.#lastSeq = seq
    this.#log.push({ seq, type, at: text(data['at']), data })
    if (this.#log.length > keptEvents) {
      this.#log.shift()
      this.#dropped++
    }
    if (this.#calls.take(type, data)) {
      if (type === 'tool_call.created') this.#turns.count({ toolCalls: 1 })
      if (type === 'tool_result.created' && data['failed'] === true) this.#turns.count({ failedCalls: 1 })
      return
    }
    this.#apply(type, data)
  }

  #apply(type: string, data: Frame['data']): void {
    switch (type) {
      case 'session.renamed':
        this.#renames++
        return
      case 'session.model_chosen':
        this.#note('model', data, text(data['model']))
        return
      case 'message.created':
        this.#message(data)
        return
      case 'agent.switched':
        this.#switch(data)
        return
      case 'turn.started':
        this.#startTurn(data)
        return
      case 'turn.cancelling':
        this.#isStopping = true
        return
      case 'turn.ended':
        this.#endTurn(data)
        return
      case 'run.started':
        this.#state = 'running'
        this.#agent = optionalText(data['agent']) ?? this.#agent
        return
      case 'run.ended':
        this.#endRun(data)
        return
      case 'step.started':
        this.#agent = text(data['agent']) || this.#agent
        this.#model = optionalText(data['model']) ?? this.#model
        return
      case 'step.ended':
        this.#endStep(data)
        return
      case 'grant.created':
      case 'grant.revoked': {
        const note = type === 'grant.created' ? 'rule' : 'rule-revoked'
        this.#note(note, data, `${text(data['effect'])} ${text(data['tool'])} ${text(data['pattern'])}`)
        return
      }
      case 'history.cut':
        this.#note('shortened', data, '')
        return
      case 'agents.declared':
        for (const fault of Array.isArray(data['faults']) ? data['faults'] : []) {
          const { file, line, text: words } = record(fault)
          this.#note('fault', data, `${text(file)}:${number(line)} ${text(words)}`)
        }
        return
      case 'input.queued':
        this.#queued.push(text(data['input_id']))
        return
      case 'input.dropped':
        this.#queued = this.#queued.filter((id) => id !== data['input_id'])
        return
      default:
    }
  }

  #message(data: Frame['data']): void {
    const id = text(data['message_id'])
    const message = record(data['message'])
    const content = text(message['content'])
    if (data['role'] === 'user') {
      this.#queued.shift()
      this.#put({ kind: 'user', ...this.#place(data), id, text: content })
    } else if (data['role'] === 'assistant') {
      this.#written.add(id)
      const before = this.#get(id)
      if (before === undefined && content === '') return
      const place = before ?? { ...this.#place(data), id }
      const isCut = data['status'] !== 'complete'
      this.#put({ ...place, kind: 'answer', text: content, isStreaming: false, isCut } as AnswerItem)
    }
  }

  #delta(data: Frame['data']): void {
    const id = text(data['message_id'])
    if (this.#written.has(id)) return
    const old = this.#answer(id)
    const whole = old.text.slice(0, number(data['offset'])) + text(data['text'])
    if (old.text === '' && whole !== '') this.#turns.firstToken()
    if (whole.length > old.text.length) this.#put({ ...old, text: whole })
  }

  #reset(data: Frame['data']): void {
    const id = text(data['message_id'])
    if (!this.#written.has(id)) this.#put({ ...this.#answer(id), text: text(data['text']) })
  }

  /** The answer that is being written; it is begun when it is first heard of. */
  #answer(id: string): AnswerItem {
    const old = this.#get(id)
    if (old?.kind === 'answer') return old
    const turn = this.#turns.last
    const place = {
      id,
      at: new Date().toISOString(),
      turnId: turn?.id ?? null,
      segment: this.#segment(turn?.startedAt ?? ''),
    }
    return { kind: 'answer', ...place, text: '', isStreaming: true, isCut: false }
  }

  #switch(data: Frame['data']): void {
    const { from, to, reason, confidence, by } = data
    this.#put({
      kind: 'handoff',
      ...this.#place(data),
      id: `switch-${number(data['seq'])}`,
      segment: -1,
      from: text(from),
      to: text(to),
      reason: text(reason),
      confidence: optionalText(confidence) ?? null,
      by: text(by),
    })
    this.#agent = text(to)
  }

  #startTurn(data: Frame['data']): void {
    this.#state = 'running'
    this.#isStopping = false
    this.#segments.push(newSegment(text(data['agent']), text(data['at'])))
    this.#turns.start(text(data['turn_id']), text(data['at']))
  }

  #endTurn(data: Frame['data']): void {
    this.#state = 'idle'
    this.#isStopping = false
    const outcome = text(data['outcome'])
    this.#turns.end(text(data['at']), outcome)
    if (outcome === 'cancelled' || outcome === 'interrupted') this.#note(outcome, data, '')
    for (const item of this.#items.slice(-50)) {
      if (item.kind === 'answer' && item.isStreaming) this.#put({ ...item, isStreaming: false, isCut: true })
    }
  }

  #endRun(data: Frame['data']): void {
    const outcome = text(data['outcome'])
    if (outcome === 'awaiting_approval') this.#state = 'waiting'
    else if (outcome === 'awaiting_tool') this.#state = 'tools'
    const error = record(data['error'])
    if (typeof error['code'] !== 'string' || outcome === 'cancelled') return
    const place = { ...this.#place(data), id: `failure-${number(data['seq'])}` }
    this.#put({ kind: 'failure', ...place, code: error['code'], text: text(error['text']) })
  }

  #endStep(data: Frame['data']): void {
    const [input, output] = [number(data['input_tokens']), number(data['output_tokens'])]
    const ms = number(data['duration_ms'])
    const limit = data['context_tokens']
    this.#context = { tokens: input, limit: typeof limit === 'number' ? limit : undefined }
    this.#turns.count({
      steps: 1,
      inputTokens: input,
      outputTokens: output,
      cachedTokens: number(data['cached_tokens']),
      modelMs: ms,
    })
    const index = this.#segment(text(data['at']))
    const segment = this.#segments[index]
    if (!segment) return
    this.#segments[index] = {
      ...segment,
      model: this.#model,
      endedAt: text(data['at']),
      steps: segment.steps + 1,
      inputTokens: segment.inputTokens + input,
      outputTokens: segment.outputTokens + output,
      modelMs: segment.modelMs + ms,
    }
  }

  #note(note: NoteItem['note'], data: Frame['data'], detail: string): void {
    const id = `note-${number(data['seq'])}-${detail}`
    this.#put({ kind: 'note', ...this.#place(data), id, segment: -1, note, detail })
  }

  /** The segment in which the agent of now works; a new agent begins a new one. */
  #segment(at: string): number {
    const last = this.#segments.at(-1)
    if (last?.agent === this.#agent) return this.#segments.length - 1
    if (last && last.steps === 0 && !this.#items.some((item) => item.segment === this.#segments.length - 1)) {
      this.#segments[this.#segments.length - 1] = { ...last, agent: this.#agent }
      return this.#segments.length - 1
    }
    this.#segments.push(newSegment(this.#agent, at))
    return this.#segments.length - 1
  }

  #place(data: Frame['data']): { id: string; at: string; turnId: string | null; segment: number } {
    const at = text(data['at'])
    return {
      id: '',
      at,
      turnId: optionalText(data['turn_id']) ?? null,
      segment: data['role'] === 'user' ? -1 : this.#segment(at),
    }
  }

  #get(id: string): Item | undefined {
    const place = this.#places.get(id)
    return place === undefined ? undefined : this.#items[place]
  }

  #put(item: Item): void {
    const place = this.#places.get(item.id)
    if (place !== undefined) {
      this.#items[place] = item
      return
    }
    this.#places.set(item.id, this.#items.length)
    this.#items.push(item)
  }
}

function newSegment(agent: string, at: string): Segment {
  return { agent, model: undefined, startedAt: at, endedAt: at, steps: 0, inputTokens: 0, outputTokens: 0, modelMs: 0 }
}
