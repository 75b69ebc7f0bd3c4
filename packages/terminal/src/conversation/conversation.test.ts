import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  answer,
  call,
  delta,
  done,
  errorFrame,
  message,
  type ScriptedServer,
  type Step,
  startScriptedServer,
  switched,
  usage,
} from '../../test/scripted-server.ts'
import { createExecutor } from '../executor/create-executor.ts'
import type { Executor } from '../executor/executor.ts'
import { Conversation } from './conversation.ts'
import type { ApprovalRequest, Approver, ConversationEvent, Decision } from './events.ts'
import { type Link, openLink } from './link.ts'
import { clientProfile } from './profile.ts'

const sessionId = '7a1c1e2a-1111-4222-8333-444455556666'

let server: ScriptedServer
let root: string
let stateFolder: string
let executor: Executor
let events: ConversationEvent[]
let asked: ApprovalRequest[]
let decide: (request: ApprovalRequest, signal: AbortSignal) => Promise<Decision>

beforeEach(async () => {
  server = await startScriptedServer()
  root = await mkdtemp(join(tmpdir(), 'codelab-root-'))
  stateFolder = await mkdtemp(join(tmpdir(), 'codelab-state-'))
  await writeFile(join(root, 'a.txt'), 'one\ntwo\n')
  executor = await createExecutor({ root, stateFolder })
  events = []
  asked = []
  decide = async () => ({ kind: 'approve', by: 'you' })
})

afterEach(async () => {
  await server.close()
  await rm(root, { recursive: true, force: true })
  await rm(stateFolder, { recursive: true, force: true })
})

async function link(find: () => Promise<{ url: string; key: string }> = async () => server): Promise<Link> {
  const profile = clientProfile('terminal-1', '0.4.0', executor.tools)
  return openLink({ address: server, profile, context: async () => ({ os: 'test' }), find })
}

const approver: Approver = {
  async decide(request, signal) {
    if (!request.call.requiresApproval) return { kind: 'approve', by: 'policy' }
    asked.push(request)
    return decide(request, signal)
  },
  mayRunOpenCall: async () => false,
}

async function open(way?: Link, asks = approver): Promise<Conversation> {
  const parts = {
    link: way ?? (await link()),
    executor,
    approver: asks,
    show: (event: ConversationEvent) => events.push(event),
    now: () => performance.now(),
    pause: async () => new Promise<void>((resolve) => setTimeout(resolve, 5)),
  }
  return new Conversation(parts, sessionId)
}

const types = () => events.map((event) => event.type)
const startedIn = (list: readonly ConversationEvent[]) =>
  list.flatMap((event) => (event.type === 'call.started' ? [event.call.callId] : []))
const sent = () => server.streams.map((body) => body.message)

describe('a turn', () => {
  it('shows a streamed answer and ends with its text and tokens', async () => {
    server.script([
      switched('orchestrator', 'coder', 'a change'),
      delta('Hel'),
      delta('lo'),
      answer('Hello'),
      usage(100, 20),
      done,
    ])
    const end = await (await open()).say('hi')
    expect(types()).toEqual(['turn.started', 'agent.switched', 'text.delta', 'text.delta', 'message', 'turn.ended'])
    expect(end).toMatchObject({ outcome: 'completed', answer: 'Hello', usage: { input: 100, output: 20 } })
    expect(events[4]).toMatchObject({ agent: 'coder', text: 'Hello' })
  })

  it('tells about the workspace with every message of the person, and facts once', async () => {
    server.script([answer('1'), done], [answer('2'), done], [answer('3'), done])
    const way = await link()
    const conversation = await open(way)
    await conversation.say('a')
    way.note('a fact')
    await conversation.say('b', 'coder')
    await conversation.say('c')
    expect(server.streams[0]?.client).toMatchObject({
      id: 'terminal-1',
      context: { os: 'test' },
      features: ['deltas', 'usage', 'parallel-tools', 'cancel', 'queue'],
    })
    expect(server.streams[1]?.client).toMatchObject({ context: { os: 'test', notes: ['a fact'] } })
    expect(server.streams[2]?.client?.['context']).toEqual({ os: 'test' })
    expect(sent()[1]).toEqual({ type: 'user_message', content: 'b', agent_type: 'coder' })
  })

  it('runs reads of one answer together and sends their results in call order', async () => {
    server.script(
      [
        call('c1', 'search_in_code', { query: 'one' }),
        call('c2', 'read_file', { path: 'a.txt' }),
        call('c3', 'read_file', { path: 'none.txt' }),
        done,
      ],
      [done],
      [done],
      [answer('Done.'), done],
    )
    const end = await (await open()).say('look')
    expect(end.outcome).toBe('completed')
    expect(
      sent()
        .slice(1)
        .map((body) => [body['type'], body['call_id']]),
    ).toEqual([
      ['tool_result', 'c1'],
      ['tool_result', 'c2'],
      ['tool_result', 'c3'],
    ])
    expect(sent()[2]?.['result']).toContain('2\ttwo')
    expect(sent()[3]?.['error']).toEqual(expect.any(String))
    const firstEnd = events.findIndex((event) => event.type === 'call.finished')
    expect(startedIn(events.slice(0, firstEnd))).toEqual(['c1', 'c2', 'c3'])
  })

  it('begins reads in call order, however long each is looked at, and asks about one at a time', async () => {
    server.script(
      [call('c1', 'read_file', { path: 'a.txt' }), call('c2', 'list_files', { path: '.' }), done],
      [done],
      [answer('Seen.'), done],
    )
    let looking = 0
    const slowly: Approver = {
      ...approver,
      async decide({ call: { callId } }) {
        expect(++looking).toBe(1)
        await new Promise((resolve) => setTimeout(resolve, callId === 'c1' ? 30 : 0))
        looking -= 1
        return { kind: 'approve', by: 'policy' }
      },
    }
    await (await open(undefined, slowly)).say('look')
    expect(startedIn(events)).toEqual(['c1', 'c2'])
  })

  it('shows the text before a call even when no frame closes it', async () => {
    server.script([delta('I look.'), call('c1', 'read_file', { path: 'a.txt' }), done], [answer('Seen.'), done])
    await (await open()).say('look')
    expect(events.filter((event) => event.type === 'message').map(({ text }) => text)).toEqual(['I look.', 'Seen.'])
  })

  it('ends as failed with the text of an error, and hints what to do', async () => {
    server.script([errorFrame('upstream_timeout', 'The model did not answer in 60 s'), done])
    const end = await (await open()).say('hi')
    expect(end).toMatchObject({
      outcome: 'failed',
      failure: { code: 'upstream_timeout', hint: expect.stringContaining('kept') },
    })
  })

  it('reports a refused key as such', async () => {
    const way = await openLink({
      address: { url: server.url, key: 'wrong' },
      profile: {},
      context: async () => ({}),
      find: async () => server,
    })
    expect(await (await open(way)).say('hi')).toMatchObject({ outcome: 'failed', failure: { code: 'unauthorized' } })
  })
})

describe('an approval', () => {
  const write = (path: string, content: string, requires: boolean): Step =>
    call('w1', 'write_file', { path, content }, requires)

  it('approved: the call comes again, runs, and its result is sent', async () => {
    server.script(
      [write('b.txt', 'new\n', true), done],
      [write('b.txt', 'new\n', false), done],
      [answer('Written.'), done],
    )
    const end = await (await open()).say('write')
    expect(asked[0]?.preview).toEqual({ kind: 'write', path: 'b.txt', before: null, after: 'new\n', oldDigest: null })
    expect(sent()[1]).toEqual({ type: 'hitl_decision', call_id: 'w1', decision: 'approve' })
    expect(sent()[2]).toMatchObject({ type: 'tool_result', call_id: 'w1', result: { success: true } })
    expect(await readFile(join(root, 'b.txt'), 'utf8')).toBe('new\n')
    expect(end.changes).toEqual([{ path: 'b.txt', added: 1, removed: 0 }])
    expect(asked).toHaveLength(1)
    expect(server.previews).toEqual([
      {
        callId: 'w1',
        body: { old_sha256: null, diff: '--- /dev/null\n+++ b/b.txt\n@@ -0,0 +1,1 @@\n+new\n', truncated: false },
      },
    ])
  })

  it('edited: the arguments of the person are sent and the ones that come back are run', async () => {
    decide = async () => ({ kind: 'edit', by: 'you', arguments: { path: 'b.txt', content: 'mine\n' } })
    server.script(
      [write('b.txt', 'new\n', true), done],
      [write('b.txt', 'mine\n', false), done],
      [answer('Written.'), done],
    )
    await (await open()).say('write')
    expect(sent()[1]).toMatchObject({ decision: 'edit', modified_arguments: { content: 'mine\n' } })
    expect(await readFile(join(root, 'b.txt'), 'utf8')).toBe('mine\n')
  })

  it('rejected: nothing runs, the reason is sent, the answer is shown', async () => {
    decide = async () => ({ kind: 'reject', by: 'you', feedback: 'not now' })
    server.script([write('b.txt', 'new\n', true), done], [answer('As you wish.'), done])
    const end = await (await open()).say('write')
    expect(sent()[1]).toEqual({ type: 'hitl_decision', call_id: 'w1', decision: 'reject', feedback: 'not now' })
    expect(end).toMatchObject({ outcome: 'completed', answer: 'As you wish.', changes: [] })
    await expect(readFile(join(root, 'b.txt'))).rejects.toThrow('ENOENT')
  })

  it('that cannot work is answered with an error, and with a decision where the server insists', async () => {
    const impossible = { kind: 'reject', by: 'this folder', feedback: 'not there', isImpossible: true } as const
    decide = async () => impossible
    server.script([write('b.txt', 'x', true), done], [write('b.txt', 'y', true), done], [answer('Gave up.'), done])
    await (await open()).say('write')
    const result = { type: 'tool_result', call_id: 'w1', tool_name: 'write_file', error: 'not there' }
    expect(sent()[1]).toEqual(result)
    server.script([write('b.txt', 'x', true), done], [errorFrame('forbidden', 'no'), done], [answer('Gave up.'), done])
    expect(await (await open()).say('write')).toMatchObject({ outcome: 'completed', answer: 'Gave up.' })
    expect(sent().slice(-2)).toEqual([
      result,
      { type: 'hitl_decision', call_id: 'w1', decision: 'reject', feedback: 'not there' },
    ])
  })

  it('in a batch: reads before it run first, reads after it see what it wrote', async () => {
    server.script(
      [
        call('r1', 'read_file', { path: 'a.txt' }),
        write('b.txt', 'fresh\n', true),
        call('r2', 'read_file', { path: 'b.txt' }),
        done,
      ],
      [done],
      [write('b.txt', 'fresh\n', false), done],
      [done],
      [answer('Done.'), done],
    )
    await (await open()).say('go')
    expect(
      sent()
        .slice(1)
        .map((body) => `${body['type']} ${body['call_id']}`),
    ).toEqual(['tool_result r1', 'hitl_decision w1', 'tool_result w1', 'tool_result r2'])
    expect(sent()[4]?.['result']).toContain('1\tfresh')
  })

  it('that another client carries out is left to it', async () => {
    const decided = message({
      type: 'approval_decided',
      is_final: true,
      call_id: 'w1',
      tool_name: 'write_file',
      decision: 'approve',
    })
    server.script([write('b.txt', 'new\n', true), done], [decided, done])
    const end = await (await open()).say('write')
    expect(end.outcome).toBe('completed')
    expect(sent()).toHaveLength(2)
  })

  it('is never given by a cancel', async () => {
    const conversation = await open()
    decide = async (_request, signal) => {
      const isAborted = new Promise((resolve) => {
        if (signal.aborted) resolve(undefined)
        signal.addEventListener('abort', resolve, { once: true })
      })
      void conversation.cancel()
      await isAborted
      return { kind: 'approve', by: 'you' }
    }
    server.script([write('b.txt', 'new\n', true), done])
    const end = await conversation.say('write')
    expect(end.outcome).toBe('cancelled')
    expect(sent()).toHaveLength(1)
    await expect.poll(() => server.requests).toContain(`POST /sessions/${sessionId}/cancel`)
  })

  it('ends the turn and cancels it in the server when the approver stops it', async () => {
    const failure = { code: 'approval_required', message: 'nobody is here', retryable: false }
    decide = async () => ({ kind: 'stop', by: 'nobody', failure })
    server.script([write('b.txt', 'new\n', true), done])
    expect(await (await open()).say('write')).toMatchObject({ outcome: 'stopped', failure })
    expect(server.requests).toContain(`POST /sessions/${sessionId}/cancel`)
  })
})

describe('a cancel', () => {
  it('ends a command that runs and sends no result', async () => {
    const conversation = await open()
    server.script([call('x1', 'execute_command', { command: 'sleep 30' }), done])
    const turn = conversation.say('run')
    await expect.poll(() => types()).toContain('call.started')
    await conversation.cancel()
    expect(await turn).toMatchObject({ outcome: 'cancelled' })
    expect(sent()).toHaveLength(1)
    expect(conversation.isBusy).toBe(false)
  })
})

describe('a lost connection', () => {
  const stored = (...messages: object[]) => ({
    state: 'idle',
    agent: 'coder',
    messages,
    calls: [],
    approvals: [],
    title: 't',
  })

  it('in mid-answer: waits for the end of the turn and shows the stored answer', async () => {
    server.session = {
      ...stored({ role: 'user', content: 'hi' }, { role: 'assistant', content: 'The whole answer' }),
      state: 'running',
    }
    server.script([delta('The wh'), { until: expect.poll(() => types()).toContain('text.delta') }, 'cut'])
    const turn = (await open()).say('hi')
    await expect
      .poll(() => server.requests.filter((line) => line === `GET /sessions/${sessionId}`).length)
      .toBeGreaterThan(1)
    server.session.state = 'idle'
    expect(await turn).toMatchObject({ outcome: 'completed', answer: 'The whole answer' })
    expect(types()).toEqual([
      'turn.started',
      'text.delta',
      'connection.lost',
      'connection.restored',
      'message',
      'turn.ended',
    ])
    expect(server.streams).toHaveLength(1)
  })

  it('before the message was stored: sends it again', async () => {
    server.script(['cut'], [answer('Here.'), done])
    expect(await (await open()).say('hi')).toMatchObject({ outcome: 'completed', answer: 'Here.' })
    expect(sent().map((body) => body['content'])).toEqual(['hi', 'hi'])
  })

  it('while a result was sent: sends the same result again and does not run the call twice', async () => {
    const inFile = { command: "sh -c 'echo x >> ran.txt'" }
    const listed = {
      call_id: 'x1',
      tool_name: 'execute_command',
      arguments: inFile,
      state: 'open',
      requires_approval: false,
      created_at: '',
    }
    server.session = { ...stored({ role: 'user', content: 'run' }), state: 'awaiting_tool', calls: [listed] }
    server.script([call('x1', 'execute_command', inFile), done], ['cut'], [answer('Ran.'), done])
    expect(await (await open()).say('run')).toMatchObject({ outcome: 'completed', answer: 'Ran.' })
    expect(await readFile(join(root, 'ran.txt'), 'utf8')).toBe('x\n')
    expect(sent().map((body) => body['type'])).toEqual(['user_message', 'tool_result', 'tool_result'])
    expect(sent()[2]).toEqual(sent()[1])
  })

  it('with a turn that was cut: says so', async () => {
    server.session = stored({ role: 'user', content: 'hi' })
    server.script([delta('Th'), 'cut'])
    expect(await (await open()).say('hi')).toMatchObject({ outcome: 'failed', failure: { code: 'interrupted' } })
  })

  it('to a server that has moved: finds it again and goes on', async () => {
    const other = await startScriptedServer()
    try {
      const way = await link(async () => other)
      await server.close()
      other.script([answer('From the other.'), done])
      expect(await (await open(way)).say('hi')).toMatchObject({ outcome: 'completed', answer: 'From the other.' })
    } finally {
      await other.close()
    }
  })

  it('for good: gives up after a bounded number of tries and says how to come back', async () => {
    const way = await link(async () => {
      throw new Error('nobody there')
    })
    await server.close()
    const end = await (await open(way)).say('hi')
    expect(end).toMatchObject({
      outcome: 'failed',
      failure: { code: 'disconnected', hint: expect.stringContaining(sessionId) },
    })
    expect(types().filter((type) => type === 'connection.lost').length).toBeLessThan(12)
  })
})

describe('a session opened again', () => {
  const listed = (state: string) => ({
    call_id: 'w1',
    tool_name: 'write_file',
    arguments: { path: 'b.txt', content: 'new\n' },
    state,
    requires_approval: true,
    created_at: '',
  })

  beforeEach(() => {
    const messages = [{ role: 'user', content: 'write' }]
    server.session = {
      state: 'awaiting_approval',
      agent: 'coder',
      messages,
      calls: [listed('awaiting_approval')],
      approvals: [],
      title: 't',
    }
  })

  it('asks an open approval again', async () => {
    server.script([call('w1', 'write_file', { path: 'b.txt', content: 'new\n' }), done], [answer('Written.'), done])
    const conversation = await open()
    expect(await conversation.open()).toMatchObject({ state: 'waiting' })
    expect(await conversation.goOn({ isOtherFolder: false })).toMatchObject({
      outcome: 'completed',
      answer: 'Written.',
    })
    expect(asked).toHaveLength(1)
    expect(sent()[0]).toMatchObject({ type: 'hitl_decision', decision: 'approve' })
  })

  it('does not run an open call of another folder without a yes', async () => {
    server.session = {
      ...(server.session ?? { messages: [], approvals: [], title: '' }),
      state: 'awaiting_tool',
      agent: 'coder',
      calls: [listed('open')],
    }
    server.script([answer('Left out.'), done])
    const conversation = await open()
    await conversation.open()
    await conversation.goOn({ isOtherFolder: true })
    expect(sent()[0]?.['error']).toEqual(expect.stringContaining('Not run'))
    await expect(readFile(join(root, 'b.txt'))).rejects.toThrow('ENOENT')
  })

  it('follows a turn that runs in the server', async () => {
    server.session = {
      state: 'running',
      agent: 'coder',
      messages: [
        { role: 'user', content: 'a' },
        { role: 'assistant', content: 'b' },
      ],
      calls: [],
      approvals: [],
      title: 't',
    }
    const conversation = await open()
    await conversation.open()
    const turn = conversation.follow()
    server.session.state = 'idle'
    expect(await turn).toMatchObject({ outcome: 'completed', answer: 'b' })
  })
})

describe('what is said while a turn runs', () => {
  const queued = message({ type: 'queued', position: 1 })
  const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))

  it('enters the turn: its answer comes once, in the stream of the turn', async () => {
    const goOn = Promise.withResolvers<void>()
    const over = Promise.withResolvers<void>()
    server.script(
      [delta('I wr'), { until: goOn.promise }, delta('ite.'), { until: over.promise }, answer('I write.'), done],
      [queued, { until: goOn.promise }, delta('ite.'), { until: over.promise }, answer('I write.'), done],
    )
    const conversation = await open()
    const turn = conversation.say('write')
    await pause(50)
    expect(conversation.steer('and test it')).toBe(true)
    await pause(50)
    goOn.resolve()
    await pause(100)
    over.resolve()
    expect(await turn).toMatchObject({ outcome: 'completed', answer: 'I write.' })
    expect(server.streams[1]).toMatchObject({ on_busy: 'steer', message: { content: 'and test it' } })
    expect(events.filter(({ type }) => type === 'steer.taken')).toHaveLength(1)
    expect(events.filter(({ type }) => type === 'message' || type === 'turn.ended')).toHaveLength(2)
  })

  it('enters the turn whose next step makes a call, however quickly that is done', async () => {
    const taken = Promise.withResolvers<void>()
    server.script(
      [call('r1', 'read_file', { path: 'a.txt' }), { until: taken.promise }, done],
      [queued, { until: taken.promise }, call('r2', 'read_file', { path: 'a.txt' }), done],
      [call('r2', 'read_file', { path: 'a.txt' }), done],
      [answer('Read.'), done],
    )
    const conversation = await open()
    const turn = conversation.say('a')
    await pause(50)
    conversation.steer('b')
    await pause(50)
    taken.resolve()
    expect(await turn).toMatchObject({ outcome: 'completed', answer: 'Read.' })
    expect(events.filter(({ type }) => type === 'steer.own' || type === 'turn.started')).toHaveLength(1)
    expect(startedIn(events)).toEqual(['r1', 'r2'])
  })

  it('becomes a turn of its own where the turn had ended before', async () => {
    const over = Promise.withResolvers<void>()
    server.script(
      [delta('One.'), { until: over.promise }, answer('One.'), done],
      [queued, { until: over.promise.then(() => pause(50)) }, delta('Two.'), answer('Two.'), done],
    )
    const conversation = await open()
    const turn = conversation.say('a')
    await pause(50)
    conversation.steer('b')
    await pause(50)
    over.resolve()
    expect(await turn).toMatchObject({ answer: 'Two.' })
    const told = events.flatMap((event) => (event.type === 'message' || event.type === 'steer.own' ? [event.text] : []))
    expect(told).toEqual(['One.', 'b', 'Two.'])
  })

  it('is dropped, and said so, when the turn is stopped', async () => {
    const never = new Promise(() => {})
    server.script([delta('One'), { until: never }, done], [queued, { until: never }])
    const conversation = await open()
    const turn = conversation.say('a')
    await pause(50)
    conversation.steer('b')
    await pause(50)
    await conversation.cancel()
    expect((await turn).outcome).toBe('cancelled')
    expect(events).toContainEqual({ type: 'steer.dropped', text: 'b', reason: undefined })
    expect(conversation.steer('c')).toBe(false)
  })

  it('says why it was refused', async () => {
    const over = Promise.withResolvers<void>()
    server.script(
      [delta('One.'), { until: over.promise }, answer('One.'), done],
      [errorFrame('session_busy', 'The session is busy'), done],
    )
    const conversation = await open()
    const turn = conversation.say('a')
    await pause(50)
    conversation.steer('b')
    await pause(50)
    over.resolve()
    expect(await turn).toMatchObject({ answer: 'One.' })
    expect(events).toContainEqual({ type: 'steer.dropped', text: 'b', reason: 'The session is busy' })
  })

  it('takes no more than the server would hold in line', async () => {
    const never = new Promise(() => {})
    server.script([delta('One'), { until: never }], ...Array.from({ length: 8 }, () => [queued, { until: never }]))
    const conversation = await open()
    const turn = conversation.say('a')
    await pause(50)
    const taken = Array.from({ length: 9 }, (_, at) => conversation.steer(String(at)))
    expect(taken).toEqual([...Array<boolean>(8).fill(true), false])
    await pause(50)
    await conversation.cancel()
    await turn
  })
})

describe('a question of the agent', () => {
  const ask = call('q1', 'ask_followup_question', { question: 'Which port?', suggestions: ['8080', '9090'] })

  it('reaches the person, and the answer goes back as the result of the call', async () => {
    server.script([ask, done], [answer('8080 it is.'), done])
    const questions: unknown[] = []
    const conversation = await open(undefined, {
      ...approver,
      async answer(question) {
        questions.push(question)
        return '8080'
      },
    })
    expect(await conversation.say('serve it')).toMatchObject({ outcome: 'completed', answer: '8080 it is.' })
    expect(questions).toEqual([{ agent: 'orchestrator', question: 'Which port?', suggestions: ['8080', '9090'] }])
    expect(sent()[1]).toMatchObject({ type: 'tool_result', call_id: 'q1', result: { answer: '8080' } })
  })

  it('never hangs where nobody answers', async () => {
    server.script([ask, done], [answer('I take 8080.'), done])
    const conversation = await open()
    expect(await conversation.say('serve it')).toMatchObject({ outcome: 'completed' })
    expect(sent()[1]).toMatchObject({ type: 'tool_result', error: expect.stringContaining('did not answer') })
  })
})
