import { describe, expect, it } from 'vitest'
import type { RunFrame, SubmitInput } from '../../src/application/index.ts'
import type { UnitOfWork } from '../../src/application/ports/store.ts'
import type { SessionFrame } from '../../src/application/readers/follow-session.ts'
import { Hub } from '../fakes/hub.ts'
import { calls, says } from '../fakes/scripted-model.ts'
import { client, events, owner, summary, TestApplication } from './start-application.ts'
import { held, inputsInLine, until } from './waiting.ts'

const ref = { ownerId: owner, sessionId: 's1' }
const silentMs = 500

/** A store that answers nothing while it is stopped, as to a process that the system has stopped. */
class Stoppable implements UnitOfWork {
  readonly #store: UnitOfWork
  #going: Promise<void> = Promise.resolve()

  constructor(store: UnitOfWork) {
    this.#store = store
  }

  stop(): () => void {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#going = promise
    return resolve
  }

  transact: UnitOfWork['transact'] = async (work) => {
    await this.#going
    return await this.#store.transact(work)
  }

  commit: UnitOfWork['commit'] = async (work) => {
    await this.#going
    return await this.#store.commit(work)
  }

  read: UnitOfWork['read'] = async (work) => {
    await this.#going
    return await this.#store.read(work)
  }
}

class Two implements AsyncDisposable {
  readonly a: TestApplication
  readonly b: TestApplication
  readonly hub: Hub
  readonly storeOfA: Stoppable

  private constructor(a: TestApplication, b: TestApplication, hub: Hub, storeOfA: Stoppable) {
    this.a = a
    this.b = b
    this.hub = hub
    this.storeOfA = storeOfA
  }

  /** Two replicas over one store; the session `s1` belongs to the agent `coder`. */
  static async start(): Promise<Two> {
    const hub = new Hub()
    const opened = await TestApplication.start({ replicas: { fanOut: hub.join('first'), silentMs: 60_000 } })
    await opened.application.shutDown(0)
    const { store, folder } = opened
    const storeOfA = new Stoppable(store.unitOfWork)
    const beside = { store, unitOfWork: storeOfA }
    const a = await TestApplication.start({ folder, beside, replicas: { fanOut: hub.join('a'), silentMs } })
    const b = await TestApplication.start({ folder, beside: { store }, replicas: { fanOut: hub.join('b'), silentMs } })
    await a.send({ kind: 'switch', agent: 'coder', content: '' })
    return new Two(a, b, hub, storeOfA)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.a.application.shutDown(0)
    await this.b[Symbol.asyncDispose]()
  }

  async inLine(count: number): Promise<void> {
    await until(async () => (await this.b.store.unitOfWork.read(inputsInLine)).length === count)
  }
}

/** Follows the session from its first event; stops when it ends or `until` says so. */
async function read(app: TestApplication, ends: (frame: SessionFrame) => boolean): Promise<SessionFrame[]> {
  const left = new AbortController()
  const signals = { left: left.signal, closing: new AbortController().signal }
  const { frames } = await app.application.followEvents(ref, { seq: 0 }, signals)
  const seen: SessionFrame[] = []
  for await (const frame of frames) {
    seen.push(frame)
    if (ends(frame)) left.abort()
  }
  return seen
}

function typed(type: string, count = 1): (frame: SessionFrame) => boolean {
  let left = count
  return (frame) => frame.kind === 'event' && frame.event.type === type && --left === 0
}

async function all(app: TestApplication, input: Omit<SubmitInput, 'ownerId' | 'sessionId'>): Promise<RunFrame[]> {
  const frames: RunFrame[] = []
  for await (const frame of app.application.commands.streamInput({ ...ref, ...input }, new AbortController().signal))
    frames.push(frame)
  return frames
}

describe.each([{ hints: true }, { hints: false }])(
  'two replicas over one store (hints arrive: $hints)',
  ({ hints }) => {
    async function start(): Promise<Two> {
      const two = await Two.start()
      two.hub.deaf = !hints
      return two
    }

    it('take the inputs of a session in their order, whichever they reach', async () => {
      await using two = await start()
      const first = held('one')
      two.a.model.push(first.script, says('three'))
      two.b.model.push(says('two'))
      const sent = [two.a.message('a')]
      await until(() => two.a.model.calls.length === 1)
      sent.push(two.b.message('b'))
      await two.inLine(1)
      sent.push(two.a.message('c'))
      await two.inLine(2)
      first.release()
      expect((await Promise.all(sent)).map((frames) => summary(frames).at(-1))).toEqual(Array(3).fill('completed'))
      const lines = ['user: a', 'assistant: one one', 'user: b', 'assistant: two', 'user: c', 'assistant: three']
      expect(await two.b.history()).toEqual(lines)
    })

    it('show a turn of one to a reader of the other while it is written', async () => {
      await using two = await start()
      const answer = held('long')
      two.a.model.push(answer.script)
      let live = ''
      const reading = read(two.b, (frame) => {
        if (frame.kind === 'delta') live += frame.text
        return typed('turn.ended', 1)(frame) && frame.kind === 'event' && frame.event.facts !== undefined && live !== ''
      })
      const sent = two.a.message('tell')
      await until(() => live === 'long ')
      answer.release()
      await sent
      const seen = await reading
      const said = seen.flatMap((frame) => (frame.kind === 'event' ? (frame.event.message?.parts ?? []) : []))
      expect(said.at(-1)).toMatchObject({ text: 'long long' })
      expect(seen.filter(({ kind }) => kind === 'reset')).toEqual([])
    })

    it('stop a run of the other', async () => {
      await using two = await start()
      two.a.model.push(held('endless').script)
      const sent = two.a.message('go')
      await until(() => two.a.model.calls.length === 1)
      expect(await two.b.application.commands.cancelTurn(ref)).toMatchObject({ cancelled: true })
      expect(summary(await sent)).toEqual(['cancelled cancelled'])
      expect(await two.b.state()).toBe('idle')
    })

    it('interrupt a run of the other, and go on with the newer message', async () => {
      await using two = await start()
      two.a.model.push(held('endless').script)
      two.b.model.push(says('newer'))
      const sent = two.a.message('go')
      await until(() => two.a.model.calls.length === 1)
      const newer = all(two.b, { client: null, body: { kind: 'message', content: 'no, this' }, onBusy: 'interrupt' })
      expect(summary(await sent)).toEqual(['cancelled cancelled'])
      expect(summary(await newer)).toEqual(['queued 1', 'completed'])
    })

    it('steer a run of the other', async () => {
      await using two = await start()
      const first = held('one')
      two.a.model.push([...first.script.slice(0, 2), ...calls(['read_file', { path: 'a.md' }])])
      const sent = two.a.message('go')
      await until(() => two.a.model.calls.length === 1)
      const steered = all(two.b, { client: null, body: { kind: 'message', content: 'and b.md' }, onBusy: 'steer' })
      await two.inLine(1)
      first.release()
      expect(summary(await sent)).toEqual(['call read_file', 'awaiting_tool'])
      two.b.model.push(says('both'))
      two.a.model.push(says('both'))
      await two.b.send({ kind: 'tool_result', callId: 'call_read_file', result: { content: 'text' } })
      expect(summary(await steered).at(-1)).toBe('completed')
      expect((await two.a.history()).filter((line) => line.startsWith('user'))).toEqual(['user: go', 'user: and b.md'])
    })

    it('carry on with a call of the other, once', async () => {
      await using two = await start()
      two.a.model.push(calls(['read_file', { path: 'a.md' }]))
      await two.a.message('read')
      two.b.model.push(says('done'))
      const result = { kind: 'tool_result', callId: 'call_read_file', result: { content: 'text' } } as const
      expect(summary(await two.b.send(result))).toEqual(['completed'])
      await expect(two.a.send(result)).rejects.toMatchObject({ code: 'call_answered' })
    })

    it('give a repeated message the answer that the other writes', async () => {
      await using two = await start()
      const answer = held('slow')
      two.a.model.push(answer.script)
      const input = { client: client(['deltas']), body: { kind: 'message', content: 'x' }, repeatKey: 'k' } as const
      const sent = all(two.a, input)
      await until(() => two.a.model.calls.length === 1)
      const again = all(two.b, input)
      setTimeout(() => answer.release(), 300)
      const texts = (frames: readonly RunFrame[]) =>
        frames.flatMap((frame) => (frame.kind === 'text' ? [frame.text] : [])).join('')
      expect(texts(await again)).toBe('slow slow')
      expect(texts(await sent)).toBe('slow slow')
      expect(events(await again).length).toBe(events(await sent).length)
    })

    it('take over what a silent one left; when it comes back it writes and shows nothing more', async () => {
      await using two = await start()
      const answer = held('never')
      two.a.model.push(answer.script)
      const frames: RunFrame[] = []
      const input = { ...ref, client: client(['deltas']), body: { kind: 'message', content: 'x' } as const }
      const sent = (async () => {
        const running = two.a.application.commands.streamInput(input, new AbortController().signal)
        for await (const frame of running) frames.push(frame)
      })()
      await until(() => frames.some(({ kind }) => kind === 'text'))
      const go = two.storeOfA.stop()
      await until(async () => (await two.b.state()) === 'idle')
      answer.release()
      go()
      await sent
      expect(frames.flatMap((frame) => (frame.kind === 'text' ? [frame.text] : []))).toEqual(['never '])
      expect(summary(frames)).toEqual(['interrupted interrupted'])
      two.b.model.push(says('again'))
      await two.b.message('y')
      await until(async () => !two.a.application.busy)
      const answers = (await two.b.history()).filter((line) => line.startsWith('assistant'))
      expect(answers.at(-1)).toBe('assistant: again')
      expect(answers).not.toContain('assistant: never never')
      two.a.model.push(says('here again'))
      expect(summary(await two.a.message('z'))).toEqual(['completed'])
    })

    it('leave a step that a shutdown cuts to the other, which runs it once more', async () => {
      await using two = await start()
      two.a.model.push(held('half').script)
      two.b.model.push(says('all of it'))
      const reading = read(two.b, typed('turn.ended', 2))
      const sent = two.a.message('x')
      await until(() => two.a.model.calls.length === 1)
      const moved = expect(sent).rejects.toMatchObject({ code: 'shutting_down' })
      await two.a.application.shutDown(0)
      await moved
      const shown = await reading
      expect(await two.b.history()).toEqual(['user: x', 'assistant: all of it'])
      const ends = shown.flatMap((frame) => (frame.kind === 'event' && frame.event.type === 'run.ended' ? [frame] : []))
      expect(ends.map(({ event }) => event.facts)).toMatchObject([{ outcome: 'switched' }, { outcome: 'completed' }])
    })

    it('drop what waited in line at one that is gone', async () => {
      await using two = await start()
      const first = held('one')
      two.b.model.push(first.script)
      const sent = two.b.message('a')
      await until(() => two.b.model.calls.length === 1)
      const lost = two.a.message('b')
      const refused = expect(lost).rejects.toMatchObject({ code: 'session_busy' })
      await two.inLine(1)
      const go = two.storeOfA.stop()
      await two.inLine(0)
      first.release()
      expect(summary(await sent)).toEqual(['completed'])
      go()
      await refused
    })
  },
)
